//! What agents want to reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Protocol;
use crate::value::{Database, FileRef, HostPort, HumanDuration, Label, Name, SecretRef};

/// A server behind the gateway. Clients name it where their protocol names a
/// database or host: `billing`, or `billing/otherdb`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name that clients ask for.
    pub name: Name,

    /// What it speaks.
    pub protocol: Protocol,

    /// Where it is.
    pub address: HostPort,

    /// The database that clients get who ask for the target's name alone; the
    /// target's name if it is left out.
    pub database: Option<Database>,

    /// Further databases, which clients ask for as `target/database`.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub databases: Vec<Database>,

    /// TLS towards it: verified in full unless this says otherwise.
    #[serde(default)]
    pub tls: TargetTls,

    /// What the gateway logs in with. The first whose groups the client has one
    /// of is taken; a client for whom there is none is refused.
    #[schemars(length(min = 1, max = 1000))]
    pub credentials: Vec<Credential>,

    /// Accept a login that is superuser, bypasses row security, or can read
    /// files or run programs on the server. Then only the gateway stands
    /// between agents and everything.
    #[serde(default)]
    pub allow_privileged: bool,

    /// How often its catalog is read again, for changes that did not pass
    /// through the gateway. Those that did hold at once, for all sessions.
    #[serde(default = "catalog_refresh")]
    #[schemars(extend("x-minimum" = "1s", "x-maximum" = "1h"))]
    pub catalog_refresh: HumanDuration,

    /// Longest time to connect and log in.
    #[serde(default = "connect_timeout")]
    #[schemars(extend("x-minimum" = "100ms", "x-maximum" = "5m"))]
    pub connect_timeout: HumanDuration,
}

/// TLS towards a target.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetTls {
    /// Whether there is TLS, and what is verified.
    #[serde(default)]
    pub mode: TlsMode,

    /// Authorities that are trusted, in PEM; the public ones if it is left out.
    pub ca: Option<FileRef>,

    /// The name that its certificate must have; the host of `address` if it is
    /// left out.
    pub server_name: Option<Label>,

    /// A certificate for the gateway to show, in PEM.
    pub client_cert: Option<FileRef>,

    /// The private key of `client_cert`, in PEM.
    pub client_key: Option<SecretRef>,

    /// Log in by SCRAM-SHA-256-PLUS or not at all: bound to the TLS connection,
    /// so that whoever is in between learns nothing and cannot go on with it.
    /// Without this it is used where the server offers it.
    #[serde(default)]
    pub channel_binding: bool,
}

/// Whether there is TLS towards a target, and what is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// None: for a target on this machine or a network that is trusted whole.
    Disable,
    /// Always, and nothing is verified: whoever is in between can read all.
    Require,
    /// Always, and the certificate must be of a trusted authority.
    VerifyCa,
    /// Always, and the certificate must be of a trusted authority and be the
    /// server's own.
    #[default]
    VerifyFull,
}

/// A login of the gateway at a target.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Groups that it is for; everybody if none is listed.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub groups: Vec<Label>,

    /// User name.
    pub username: Label,

    /// Password, unless the target asks for none.
    pub password: Option<SecretRef>,
}

impl Target {
    /// The database that clients get who ask for the target's name alone.
    pub fn default_database(&self) -> &str {
        match &self.database {
            Some(database) => database,
            None => &self.name,
        }
    }
}

const fn catalog_refresh() -> HumanDuration {
    HumanDuration::secs(30)
}

const fn connect_timeout() -> HumanDuration {
    HumanDuration::secs(10)
}
