//! Rows on their way, flat: one buffer, and lengths.

use crate::{Attributes, Denial};

/// Which way something travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the target to the client.
    ToClient,
    /// From the client to the target.
    ToTarget,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Type in the target's words.
    pub type_name: String,
    /// Values are in the protocol's binary format.
    pub binary: bool,
}

/// What is about to flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Which way.
    pub direction: Direction,
    /// `postgres.rows`, `postgres.copy.text`, ... or a media type.
    pub content: String,
    /// The columns, when it has columns.
    pub columns: Vec<Column>,
    /// More about it.
    pub attributes: Attributes,
}

/// What an exchange wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Nothing.
    Nothing,
    /// These columns, ascending from zero.
    Columns(Vec<u32>),
    /// Everything.
    Everything,
}

/// Rows or bytes on their way.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Which way.
    pub direction: Direction,
    /// Counts up from zero.
    pub sequence: u64,
    /// Nothing comes after it.
    pub last: bool,
    /// Number of rows; 0 for plain bytes.
    pub rows: u32,
    /// Length of each cell, row by row, -1 for NULL.
    pub lengths: Vec<i32>,
    /// The cells, one behind the other.
    pub data: Vec<u8>,
    /// Bit 0 begins a value, bit 1 ends it; 3 for an ordinary batch.
    pub fragment: u8,
}

impl Batch {
    /// The cells in order, `None` for NULL.
    pub fn cells(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut rest = self.data.as_slice();
        self.lengths.iter().map(move |length| {
            let length = usize::try_from(*length).ok()?;
            let (cell, after) = rest.split_at_checked(length)?;
            rest = after;
            Some(cell)
        })
    }
}

/// Cells to put in place of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Ascending indices.
    pub cells: Vec<u32>,
    /// New lengths, -1 for NULL.
    pub lengths: Vec<i32>,
    /// New cells, one behind the other.
    pub data: Vec<u8>,
}

impl Edits {
    /// Puts a value in the place of a cell; indices have to ascend.
    pub fn set(&mut self, cell: usize, value: Option<&[u8]>) {
        self.cells.push(u32::try_from(cell).unwrap_or(u32::MAX));
        match value {
            None => self.lengths.push(-1),
            Some(value) => {
                self.lengths
                    .push(i32::try_from(value.len()).unwrap_or(i32::MAX));
                self.data.extend_from_slice(value);
            }
        }
    }

    /// True when nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// What becomes of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchOutcome {
    /// It goes on.
    Pass,
    /// It goes on changed.
    Edit(Edits),
    /// The operation ends with an error.
    Deny(Denial),
}

impl From<Edits> for BatchOutcome {
    fn from(edits: Edits) -> Self {
        if edits.is_empty() {
            Self::Pass
        } else {
            Self::Edit(edits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart() {
        let batch = Batch {
            direction: Direction::ToClient,
            sequence: 0,
            last: false,
            rows: 3,
            lengths: vec![2, -1, 0],
            data: b"ab".to_vec(),
            fragment: 3,
        };
        let cells: Vec<_> = batch.cells().collect();
        assert_eq!(cells, [Some(&b"ab"[..]), None, Some(&b""[..])]);
    }

    #[test]
    fn edits_are_flat() {
        let mut edits = Edits::default();
        assert_eq!(BatchOutcome::from(edits.clone()), BatchOutcome::Pass);
        edits.set(1, Some(b"xyz"));
        edits.set(4, None);
        assert_eq!(
            (edits.cells.as_slice(), edits.lengths.as_slice()),
            (&[1, 4][..], &[3, -1][..])
        );
    }
}
