//! How a directory is recorded into.

use std::sync::Arc;

use super::disk::{Disk, FileDisk};
use super::key::SigningKey;
use crate::clock::SECOND;

/// How far an event must have come before the operation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sync {
    /// With the operating system: survives a killed gateway.
    #[default]
    Os,
    /// On the disk: survives a machine that loses power.
    Disk,
}

/// How a directory is recorded into.
#[derive(Clone)]
pub struct Options {
    /// Signs the heads.
    pub key: Arc<SigningKey>,
    /// Bytes after which a segment is closed.
    pub max_bytes: u64,
    /// Age in microseconds after which a segment is closed.
    pub max_age: u64,
    /// Longest time in microseconds that an event stays unsigned while others
    /// follow or [`tick`](super::Writer::tick) is called.
    pub head_interval: u64,
    /// Where the files are.
    pub disk: Arc<dyn Disk>,
}

impl Options {
    /// Segments of 64 MiB or a day, a head every ten seconds.
    pub fn new(key: Arc<SigningKey>) -> Self {
        Self {
            key,
            max_bytes: 64 << 20,
            max_age: 24 * 3600 * SECOND,
            head_interval: 10 * SECOND,
            disk: Arc::new(FileDisk),
        }
    }
}
