//! The port for approvers, health and metrics, as run.

use std::net::SocketAddr;
use std::sync::Arc;

/// The port for approvers, health and metrics.
pub struct Admin {
    /// Its address.
    pub bind: SocketAddr,
    /// TLS for its clients; without it the address is a loopback one.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Names of the issuers whose people may decide here.
    pub deciders: Vec<String>,
}
