//! The rows inside a COPY TO STDOUT stream, taken apart and put together.
//!
//! Servers send one row in one CopyData message; a message that is anything
//! else cannot be taken apart and is an error, not a guess.

mod binary;
mod csv;
mod text;

use bytes::{Bytes, BytesMut};

use super::analysis::CopyFormat;

/// A piece of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyRow {
    /// Something that belongs to the format: a header, a trailer.
    Frame,
    /// A row: its values, `None` for NULL, without quoting and escapes.
    Cells(Vec<Option<Bytes>>),
}

/// Why a piece cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The format is not one that can be.
    #[error("COPY in a format that cannot be taken apart")]
    Format,
    /// The row has another number of columns.
    #[error("a COPY row has {found} columns, {expected} were announced")]
    Columns {
        /// Columns found.
        found: usize,
        /// Columns announced.
        expected: usize,
    },
    /// The piece is not a whole row.
    #[error("a COPY message that is not one whole row")]
    Row,
    /// A value is too long for the format.
    #[error("a COPY value is too long")]
    TooLong,
}

/// Takes the rows of one COPY apart.
#[derive(Clone, Debug)]
pub struct CopyRows {
    format: CopyFormat,
    /// Columns of each row.
    columns: usize,
    /// Pieces that belong to the format are still to come.
    header: bool,
}

impl CopyRows {
    /// For a COPY of so many columns.
    pub fn new(format: &CopyFormat, columns: usize) -> Self {
        let header = match format {
            CopyFormat::Text { header, .. } | CopyFormat::Csv { header, .. } => *header,
            CopyFormat::Binary => true,
            CopyFormat::Unknown => false,
        };
        Self {
            format: format.clone(),
            columns,
            header,
        }
    }

    /// Takes one message's data apart.
    ///
    /// # Errors
    /// [`CopyError`] for anything that is not one row, header or trailer.
    pub fn decode(&mut self, data: &Bytes) -> Result<CopyRow, CopyError> {
        let first = std::mem::take(&mut self.header);
        let cells = match &self.format {
            CopyFormat::Text { .. } | CopyFormat::Csv { .. } if first => return Ok(CopyRow::Frame),
            CopyFormat::Text {
                delimiter, null, ..
            } => text::decode(data, *delimiter, null.as_bytes())?,
            CopyFormat::Csv {
                delimiter,
                null,
                quote,
                escape,
                ..
            } => csv::decode(data, *delimiter, null.as_bytes(), *quote, *escape)?,
            CopyFormat::Binary => match binary::decode(data, first)? {
                Some(cells) => cells,
                None => return Ok(CopyRow::Frame),
            },
            CopyFormat::Unknown => return Err(CopyError::Format),
        };
        if cells.len() != self.columns {
            return Err(CopyError::Columns {
                found: cells.len(),
                expected: self.columns,
            });
        }
        Ok(CopyRow::Cells(cells))
    }

    /// Appends a row.
    ///
    /// # Errors
    /// [`CopyError::Columns`], [`CopyError::TooLong`], [`CopyError::Format`].
    pub fn encode(&self, cells: &[Option<&[u8]>], out: &mut BytesMut) -> Result<(), CopyError> {
        if cells.len() != self.columns {
            return Err(CopyError::Columns {
                found: cells.len(),
                expected: self.columns,
            });
        }
        match &self.format {
            CopyFormat::Text {
                delimiter, null, ..
            } => {
                text::encode(cells, *delimiter, null.as_bytes(), out);
            }
            CopyFormat::Csv {
                delimiter,
                null,
                quote,
                escape,
                ..
            } => {
                csv::encode(cells, *delimiter, null.as_bytes(), *quote, *escape, out);
            }
            CopyFormat::Binary => binary::encode(cells, out)?,
            CopyFormat::Unknown => return Err(CopyError::Format),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
