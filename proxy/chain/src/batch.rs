//! Rows on their way, flat: one buffer, and lengths.

use std::ops::Range;

use bytes::Bytes;

use crate::{Attributes, Denial, Direction};

/// A column of a result.
#[derive(Clone, Debug, PartialEq)]
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
    pub content: &'static str,
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
    /// These columns, ascending.
    Columns(Vec<u32>),
    /// Everything.
    Everything,
}

/// What one exchange is shown of some rows.
#[derive(Debug)]
pub struct Batch<'a> {
    /// Which way.
    pub direction: Direction,
    /// Counts up from zero.
    pub sequence: u64,
    /// Nothing comes after it.
    pub last: bool,
    /// Number of rows; 0 for plain bytes.
    pub rows: u32,
    /// Length of each cell, -1 for NULL.
    pub lengths: &'a [i32],
    /// The cells, one behind the other.
    pub data: &'a [u8],
    /// Bit 0 begins a value, bit 1 ends it; 3 for an ordinary batch.
    pub fragment: u8,
}

/// Cells to put in place of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Ascending indices into the batch's lengths.
    pub cells: Vec<u32>,
    /// New lengths, -1 for NULL.
    pub lengths: Vec<i32>,
    /// New cells, one behind the other.
    pub data: Vec<u8>,
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

/// Where a cell's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// NULL.
    Null,
    /// In the buffer that came from the wire.
    Wire(Range<usize>),
    /// In the buffer of edited values.
    Edited(Range<usize>),
}

/// Rows between decoding and encoding: cells refer to the bytes as they came,
/// or to what a filter put in their place.
#[derive(Debug, Default)]
pub struct Rows {
    /// Columns of every row.
    pub columns: usize,
    /// Cells, row by row.
    pub cells: Vec<Cell>,
    /// The bytes as they came.
    pub wire: Bytes,
    /// Values that filters made.
    pub edited: Vec<u8>,
    /// True once any cell has been changed.
    pub changed: bool,
}

impl Rows {
    /// The bytes of a cell, `None` for NULL or where there is no such cell.
    pub fn cell(&self, index: usize) -> Option<&[u8]> {
        match self.cells.get(index)? {
            Cell::Null => None,
            Cell::Wire(range) => self.wire.get(range.clone()),
            Cell::Edited(range) => self.edited.get(range.clone()),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.cells.len().checked_div(self.columns).unwrap_or(0)
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Empties it for the next rows; buffers are kept.
    pub fn clear(&mut self, columns: usize) {
        self.columns = columns;
        self.cells.clear();
        self.wire = Bytes::new();
        self.edited.clear();
        self.changed = false;
    }
}
