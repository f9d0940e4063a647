//! Where recordings are kept.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{ByteSize, Endpoint, HumanDuration, SecretRef};

/// Where recordings are kept, and how they are protected.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recordings {
    /// Their directory. Files in it have mode 0600.
    #[schemars(length(min = 1))]
    pub directory: PathBuf,

    /// The private key that signs the heads of their hash chains: Ed25519, in
    /// PEM (PKCS #8).
    pub signing_key: SecretRef,

    /// How long they are kept; for ever if it is left out.
    pub retention: Option<Retention>,

    /// When an event counts as stored.
    #[serde(default)]
    pub sync: Sync,

    /// Size at which a segment is closed and the next one begun.
    #[serde(default = "segment_size")]
    #[schemars(extend("x-minimum" = "1MiB", "x-maximum" = "4GiB"))]
    pub segment_size: ByteSize,

    /// How often heads are signed and sent. After a crash, what came after the
    /// last head is reported as unsigned.
    #[serde(default = "head_interval")]
    #[schemars(extend("x-minimum" = "100ms", "x-maximum" = "1h"))]
    pub head_interval: HumanDuration,

    /// Where heads go off the machine, so that an older tail cannot be put back
    /// unseen. They are signed, so there is nothing to keep secret in them.
    pub head_webhook: Option<Endpoint>,
}

/// How long recordings are kept.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days after which a segment is removed and a signed tombstone written.
    #[schemars(range(min = 1, max = 36_500))]
    pub days: u32,
}

/// When an event counts as stored, so that its operation goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sync {
    /// When the operating system has it: it survives the gateway's end, not the
    /// machine's.
    #[default]
    Os,
    /// When the disk has it.
    Disk,
}

const fn segment_size() -> ByteSize {
    ByteSize::mib(64)
}

const fn head_interval() -> HumanDuration {
    HumanDuration::secs(10)
}
