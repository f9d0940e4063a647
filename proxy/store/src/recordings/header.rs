//! The first line of a segment: which one it is, and what came before it.

use serde::{Deserialize, Serialize};

use super::chain::{Hash, seal};
use super::encode;
use super::error::Error;

/// Version of the format of segments.
pub(super) const FORMAT: u32 = 1;
/// Kind of the line.
pub(super) const KIND: &str = "segment";

/// What the line carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// [`FORMAT`].
    pub(super) format: u32,
    /// The segment's own name: a renamed one is found.
    pub(super) segment: String,
    /// The writer.
    pub(super) writer: String,
    /// Id of the key that signs its heads.
    pub(super) key: String,
    /// The end of the writer's segment before this one.
    pub(super) previous: Option<Link>,
}

/// One line, named by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    /// The segment.
    pub(super) segment: String,
    /// The line.
    pub(super) n: u64,
    /// Its hash.
    pub(super) hash: Hash,
}

impl Header {
    /// Appends the line to `out`; returns its hash.
    pub(super) fn write(&self, out: &mut Vec<u8>, time: u64) -> Result<Hash, Error> {
        let start = out.len();
        encode::header(out, time, KIND, self)?;
        Ok(seal(out, start, &Hash::ZERO))
    }
}
