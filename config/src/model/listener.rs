//! Where clients connect.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ServerTls;
use crate::value::{Bind, Label, Name};

/// A port that clients connect to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Its name in logs, metrics and recordings.
    pub name: Name,

    /// Where it listens. Port 0 takes any free port.
    pub bind: Bind,

    /// What its clients speak.
    pub protocol: Protocol,

    /// The chain that decides for its clients.
    pub chain: Name,

    /// TLS for its clients. Tokens are taken over TLS only.
    pub tls: Option<ServerTls>,

    /// Take tokens without TLS as well. For listeners on this machine's own
    /// loopback addresses only.
    #[serde(default)]
    pub allow_cleartext: bool,

    /// Take tokens by SASL OAUTHBEARER, which libpq has from version 18 on, and
    /// no longer as passwords: a server offers one of the two.
    pub oauth: Option<Oauth>,
}

/// What a client that has no token yet is told (RFC 7628, section 3.2.2). Whose
/// tokens are good, the chain says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oauth {
    /// The issuer that it gets one from; clients compare its URL with the issuer
    /// that they trust.
    pub issuer: Name,

    /// The scopes to ask for, with a space between them.
    pub scope: Option<Label>,
}

/// A protocol that the gateway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// The PostgreSQL wire protocol, 3.0 and 3.2.
    Postgres,
}

impl Protocol {
    /// The word that is written for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
        }
    }
}
