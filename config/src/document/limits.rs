//! How much a file may ask for. Aliases can make a small file expand without
//! end, so what counts is what comes out, not only what is read.

use super::{Position, fault};
use crate::error::Error;

/// Longest file, in bytes.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting of sequences and mappings.
pub(super) const MAX_DEPTH: usize = 64;
/// Most values, aliases expanded.
const MAX_NODES: usize = 100_000;
/// Most bytes in keys and scalars, aliases expanded.
const MAX_EXPANDED: usize = 4 * MAX_BYTES;
/// Most bytes in the pointers of values: long keys around many values would
/// multiply.
const MAX_POINTERS: usize = 64 * MAX_BYTES;

/// What has been used up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Budget {
    /// Values made.
    pub nodes: usize,
    /// Bytes of keys and scalars made.
    pub bytes: usize,
    /// Bytes of pointers kept.
    pub pointers: usize,
}

impl Budget {
    /// Takes from the budget, or says that it is used up.
    pub(super) fn take(&mut self, nodes: usize, bytes: usize, at: Position) -> Result<(), Error> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > MAX_NODES {
            return Err(fault(
                at,
                format!("has more than {MAX_NODES} values, aliases expanded"),
            ));
        }
        if self.bytes > MAX_EXPANDED {
            return Err(fault(
                at,
                format!("has more than {MAX_EXPANDED} bytes, aliases expanded"),
            ));
        }
        Ok(())
    }

    /// Takes the memory of a pointer that is kept.
    pub(super) fn take_pointer(&mut self, pointer: &str, at: Position) -> Result<(), Error> {
        self.pointers = self.pointers.saturating_add(pointer.len());
        match self.pointers {
            ..=MAX_POINTERS => Ok(()),
            _ => Err(fault(
                at,
                "has too many values under keys that are too long",
            )),
        }
    }

    /// What was used up since `earlier`.
    pub(super) fn since(&self, earlier: Budget) -> Budget {
        Budget {
            nodes: self.nodes - earlier.nodes,
            bytes: self.bytes - earlier.bytes,
            pointers: 0,
        }
    }
}
