//! Rows as the agent saw them, in pieces of bounded size.

use serde::Serialize;

use super::encode::number;
use crate::value::{write_cell, write_text};

/// A batch of rows, encoded as they come. Reused from batch to batch, so that
/// a result of any size needs the memory of one piece.
#[derive(Default)]
pub struct Rows {
    /// The operation.
    operation: String,
    /// Columns as a JSON array; empty once they have been recorded.
    columns: Vec<u8>,
    /// Rows as JSON arrays, separated by commas.
    rows: Vec<u8>,
    /// Index of the first row of this piece in the result.
    first: u64,
    /// Rows of this piece.
    count: u64,
}

/// What a column is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type as the protocol names it; empty when unknown.
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    pub kind: &'a str,
    /// Whether cells are in the protocol's binary format.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub binary: bool,
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// The bytes.
    Bytes(&'a [u8]),
    /// A cell of this many bytes that was recorded as [`Fragment`]s before.
    Large(u64),
}

/// A piece of a cell that is too large for a batch, recorded before its row.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// The operation.
    pub operation: &'a str,
    /// Index of the row in the result.
    pub row: u64,
    /// Index of the column.
    pub column: u64,
    /// Where in the cell this piece starts.
    pub offset: u64,
    /// Whether it is the last one.
    pub last: bool,
    /// The bytes, at most [`Rows::CHUNK`].
    pub bytes: &'a [u8],
}

impl Rows {
    /// Bytes after which a piece is full, and above which a cell should go as
    /// [`Cell::Large`].
    pub const CHUNK: usize = 64 << 10;

    /// Starts a result, in the memory of the one before.
    pub fn restart(&mut self, operation: &str, columns: &[Column<'_>]) {
        self.clear();
        self.first = 0;
        operation.clone_into(&mut self.operation);
        // Plain strings and booleans cannot fail to encode.
        let _ = serde_json::to_writer(&mut self.columns, columns);
    }

    /// Adds one row.
    pub fn push<'c>(&mut self, cells: impl IntoIterator<Item = Cell<'c>>) {
        if self.count > 0 {
            self.rows.push(b',');
        }
        self.rows.push(b'[');
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.rows.push(b',');
            }
            match cell {
                Cell::Null => write_cell(&mut self.rows, None),
                Cell::Bytes(bytes) => write_cell(&mut self.rows, Some(bytes)),
                Cell::Large(length) => {
                    self.rows
                        .extend_from_slice(format!("{{\"fragments\":{length}}}").as_bytes());
                }
            }
        }
        self.rows.push(b']');
        self.count += 1;
    }

    /// Whether the piece should be recorded before more is added.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= Self::CHUNK
    }

    /// Whether nothing is left to record: no row, and the columns are known.
    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.columns.is_empty()
    }

    /// Rows of the result so far.
    pub fn total(&self) -> u64 {
        self.first + self.count
    }

    /// The piece has been recorded: makes room for the next one.
    pub fn clear(&mut self) {
        self.first += self.count;
        self.count = 0;
        self.rows.clear();
        self.rows.shrink_to(4 * Self::CHUNK);
        self.columns.clear();
    }

    /// Hands the piece over, to be recorded from there, and makes room for the next
    /// one; memory goes back and forth.
    pub fn hand_over(&mut self, to: &mut Self) {
        to.operation.clone_from(&self.operation);
        std::mem::swap(&mut self.columns, &mut to.columns);
        std::mem::swap(&mut self.rows, &mut to.rows);
        (to.first, to.count) = (self.first, self.count);
        self.clear();
    }

    /// Appends the piece to `out` as a JSON object.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"operation\":");
        write_text(out, &self.operation);
        out.push(b',');
        self.write_fields(out);
        out.push(b'}');
    }

    /// Appends the fields beside the operation.
    pub(super) fn write_fields(&self, out: &mut Vec<u8>) {
        if !self.columns.is_empty() {
            out.extend_from_slice(b"\"columns\":");
            out.extend_from_slice(&self.columns);
            out.push(b',');
        }
        out.extend_from_slice(b"\"first\":");
        number(out, self.first);
        out.extend_from_slice(b",\"rows\":[");
        out.extend_from_slice(&self.rows);
        out.push(b']');
    }
}

impl Fragment<'_> {
    /// Appends the piece to `out` as a JSON object.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"operation\":");
        write_text(out, self.operation);
        let Self {
            row,
            column,
            offset,
            last,
            ..
        } = self;
        out.extend_from_slice(
            format!(
                ",\"row\":{row},\"column\":{column},\"offset\":{offset},\"last\":{last},\"bytes\":"
            )
            .as_bytes(),
        );
        write_cell(out, Some(self.bytes));
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Column, Fragment, Rows};

    fn json(rows: &Rows) -> String {
        let mut out = Vec::new();
        rows.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_come_once_and_rows_are_counted() {
        let column = |name| Column {
            name,
            kind: "",
            binary: false,
        };
        let mut rows = Rows::default();
        rows.restart("1", &[column("id"), column("note")]);
        assert!(!rows.is_empty());
        rows.push([Cell::Bytes(b"1"), Cell::Null]);
        rows.push([Cell::Bytes(b"\xff"), Cell::Large(9)]);
        assert_eq!(
            json(&rows),
            r#"{"operation":"1","columns":[{"name":"id"},{"name":"note"}],"first":0,"rows":[["1",null],[{"b64":"/w=="},{"fragments":9}]]}"#
        );
        rows.clear();
        assert!(rows.is_empty());
        rows.push([]);
        assert_eq!(json(&rows), r#"{"operation":"1","first":2,"rows":[[]]}"#);
        assert_eq!(rows.total(), 3);
        let mut there = Rows::default();
        rows.hand_over(&mut there);
        assert_eq!(json(&there), r#"{"operation":"1","first":2,"rows":[[]]}"#);
        assert_eq!((rows.is_empty(), rows.total()), (true, 3));
    }

    #[test]
    fn fragments() {
        let mut out = Vec::new();
        Fragment {
            operation: "1",
            row: 2,
            column: 3,
            offset: 4,
            last: true,
            bytes: b"x",
        }
        .write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"operation":"1","row":2,"column":3,"offset":4,"last":true,"bytes":"x"}"#
        );
    }
}
