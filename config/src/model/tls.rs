//! TLS of the gateway's own ports.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::value::{FileRef, SecretRef};

/// TLS of a port of the gateway.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// Its certificate and the chain above it, in PEM.
    pub cert: FileRef,

    /// The private key of the certificate, in PEM.
    pub key: SecretRef,

    /// Clients must show a certificate of one of these authorities, in PEM.
    pub client_ca: Option<FileRef>,
}
