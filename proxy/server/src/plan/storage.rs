//! Where approvals and recordings are kept and who hears of them, as run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use narrowgate_config::{ApprovalEvent, Secret};
use narrowgate_store::recordings::{SigningKey, Sync};
use sha2::{Digest, Sha256};

/// Where requests for consent are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalStore {
    /// Their directory.
    pub directory: PathBuf,
    /// Most open requests.
    pub open: u32,
    /// Most open requests of one identity.
    pub open_per_identity: u32,
    /// How long a request is kept after it has ended.
    pub retention: Duration,
}

/// Somebody who is told of requests.
pub struct Webhook {
    /// Names it in the outbox: it depends on the URL and nothing else, so that
    /// what is queued finds its way after a restart.
    pub name: String,
    /// Where the message goes; chat services put their secret in it.
    pub url: Secret,
    /// Key of the signature.
    pub secret: Secret,
    /// What is told; everything if empty.
    pub events: Vec<ApprovalEvent>,
}

/// Where recordings are kept, and how they are protected.
pub struct Recordings {
    /// Their directory.
    pub directory: PathBuf,
    /// Signs the heads.
    pub key: RecordingKey,
    /// How long they are kept; `None`: for ever.
    pub retention: Option<Duration>,
    /// When an event counts as stored.
    pub sync: Sync,
    /// Bytes after which a segment is closed.
    pub segment_size: u64,
    /// How often heads are signed.
    pub head_interval: Duration,
    /// Where heads go off the machine.
    pub head_webhook: Option<Secret>,
}

/// The key that signs recordings.
pub enum RecordingKey {
    /// It is there.
    Known(Arc<SigningKey>),
    /// The file that it is to be in does not exist yet; the first start makes it.
    Create(PathBuf),
}

impl Webhook {
    /// The name for a URL, which does not tell the URL.
    pub fn name_of(url: &Secret) -> String {
        let digest = Sha256::digest(url.expose());
        format!(
            "webhook-{}",
            hex::encode(digest.get(..6).unwrap_or_default())
        )
    }

    /// True if it is to be told of an event, by its word.
    pub fn wants(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|wanted| wanted.as_str() == event)
    }
}
