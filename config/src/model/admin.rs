//! The port for approvers, health and metrics.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ServerTls;
use crate::value::{Bind, Name};

/// The port for approvers (`/v1/approvals`), health (`/healthz`, `/readyz`) and
/// metrics (`/metrics`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Where it listens. Anything but this machine's own loopback addresses
    /// needs `tls`: approvers send their tokens.
    pub bind: Bind,

    /// TLS for its clients.
    pub tls: Option<ServerTls>,

    /// Issuers whose people may decide here; all with `people: true` if none is
    /// listed.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub issuers: Vec<Name>,
}
