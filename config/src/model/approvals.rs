//! Requests for the consent of a person.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Endpoint, SecretRef};

/// Where requests for the consent of a person are kept and announced.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approvals {
    /// What keeps them.
    pub store: ApprovalStore,

    /// Their directory; `approvals` in the state directory if it is left out.
    #[schemars(length(min = 1))]
    pub path: Option<PathBuf>,

    /// Who is told about them.
    #[schemars(length(max = 64))]
    pub webhooks: Vec<Webhook>,

    /// Most requests that may wait at a time. One more is denied.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub pending_limit: u32,

    /// Most requests of one identity that may wait at a time.
    #[schemars(range(min = 1, max = 100_000))]
    pub per_identity_limit: u32,

    /// Days that a request is kept after it has ended.
    #[schemars(range(min = 1, max = 36_500))]
    pub retention_days: u32,
}

/// What keeps the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalStore {
    /// A database in files on this machine.
    #[default]
    Sqlite,
}

/// Somebody who is told by HTTP POST.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where the message goes.
    pub url: Endpoint,

    /// The key of the message's signature (HMAC with SHA-256), by which the
    /// receiver knows that it is ours.
    pub secret: SecretRef,

    /// What is told; everything if nothing is listed.
    #[serde(default)]
    #[schemars(length(max = 16))]
    pub events: Vec<ApprovalEvent>,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalEvent {
    /// It waits for a decision.
    Pending,
    /// Enough people have consented.
    Approved,
    /// Somebody has refused.
    Denied,
    /// Its operation has gone to the target.
    Used,
    /// Its deadline has passed.
    Expired,
    /// The requester has gone away or given up.
    Cancelled,
    /// A consent was taken back.
    Revoked,
}

impl ApprovalEvent {
    /// The word that is written for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
        }
    }
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            store: ApprovalStore::default(),
            path: None,
            webhooks: Vec::new(),
            pending_limit: 1000,
            per_identity_limit: 20,
            retention_days: 90,
        }
    }
}
