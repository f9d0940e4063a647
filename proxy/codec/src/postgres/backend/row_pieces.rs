//! A row too large to be held, taken from the buffer cell by cell, and large
//! cells piece by piece.

use bytes::{Buf, Bytes, BytesMut};

use crate::postgres::{Error, Header};

/// Name for errors.
const NAME: &str = "DataRow";

/// Takes a DataRow apart while it arrives.
#[derive(Debug)]
pub struct RowPieces {
    /// Bytes of the message that have not been taken.
    rest: usize,
    /// Cells that have not been begun; `None` until their number is known.
    cells: Option<u16>,
    /// Bytes of the cell that has been begun.
    cell: usize,
}

/// What comes next of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowPiece {
    /// The number of its cells.
    Cells(u16),
    /// A cell begins: its length, `None` for NULL. One that is empty has no
    /// bytes.
    Cell(Option<usize>),
    /// Bytes of the cell that has begun.
    Bytes(Bytes),
}

impl RowPieces {
    /// Bytes of a piece: a smaller one ends its cell.
    pub const PIECE: usize = 64 * 1024;

    /// Takes the header off the front of `buffer`, and begins with what it
    /// announces.
    pub fn begin(header: Header, buffer: &mut BytesMut) -> Self {
        buffer.advance(Header::SIZE.min(buffer.len()));
        Self {
            rest: header.total().saturating_sub(Header::SIZE),
            cells: None,
            cell: 0,
        }
    }

    /// Takes the next piece; `None` if not all of it is there, or if the row
    /// [is over](Self::is_done).
    ///
    /// # Errors
    /// [`Error::UnexpectedEnd`], [`Error::ValueLength`], [`Error::TrailingBytes`].
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<RowPiece>, Error> {
        if self.cell > 0 {
            let length = self.cell.min(Self::PIECE);
            let Some(bytes) = self.take(length, buffer)? else {
                return Ok(None);
            };
            self.cell -= length;
            return Ok(Some(RowPiece::Bytes(bytes)));
        }
        match self.cells {
            None => Ok(self.take(2, buffer)?.map(|mut bytes| {
                let count = bytes.get_u16();
                self.cells = Some(count);
                RowPiece::Cells(count)
            })),
            Some(0) if self.rest > 0 => Err(Error::TrailingBytes {
                message: NAME,
                count: self.rest,
            }),
            Some(0) => Ok(None),
            Some(cells) => {
                let Some(mut bytes) = self.take(4, buffer)? else {
                    return Ok(None);
                };
                self.cells = Some(cells - 1);
                let length = bytes.get_i32();
                match usize::try_from(length) {
                    Err(_) if length == -1 => Ok(Some(RowPiece::Cell(None))),
                    Err(_) => Err(Error::ValueLength {
                        message: NAME,
                        length,
                    }),
                    Ok(length) if length > self.rest => Err(Error::UnexpectedEnd { message: NAME }),
                    Ok(length) => {
                        self.cell = length;
                        Ok(Some(RowPiece::Cell(Some(length))))
                    }
                }
            }
        }
    }

    /// Bytes of the message that have not been taken.
    pub fn rest(&self) -> usize {
        self.rest
    }

    /// True once all of it has been taken.
    pub fn is_done(&self) -> bool {
        self.rest == 0 && self.cells == Some(0)
    }

    fn take(&mut self, length: usize, buffer: &mut BytesMut) -> Result<Option<Bytes>, Error> {
        let rest = self
            .rest
            .checked_sub(length)
            .ok_or(Error::UnexpectedEnd { message: NAME })?;
        if buffer.len() < length {
            return Ok(None);
        }
        self.rest = rest;
        Ok(Some(buffer.split_to(length).freeze()))
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{RowPiece, RowPieces};
    use crate::postgres::{Error, Header};

    /// Everything of a row, which arrives in parts of `part` bytes.
    fn pieces(wire: &[u8], part: usize) -> Result<Vec<RowPiece>, Error> {
        let header = Header::peek(wire).unwrap().unwrap();
        let mut buffer = BytesMut::from(&wire[..Header::SIZE]);
        let mut row = RowPieces::begin(header, &mut buffer);
        let mut all = Vec::new();
        for part in wire[Header::SIZE..].chunks(part) {
            buffer.extend_from_slice(part);
            while let Some(piece) = row.next(&mut buffer)? {
                all.push(piece);
            }
        }
        assert!(row.is_done() && row.rest() == 0 && buffer.is_empty());
        Ok(all)
    }

    #[test]
    fn a_row_comes_cell_by_cell_however_it_arrives() {
        let wire = b"D\0\0\0\x17\0\x04\0\0\0\x01a\xff\xff\xff\xff\0\0\0\0\0\0\0\0";
        let cell = |length| RowPiece::Cell(length);
        for part in 1..wire.len() {
            assert_eq!(
                pieces(wire, part).unwrap(),
                [
                    RowPiece::Cells(4),
                    cell(Some(1)),
                    RowPiece::Bytes(Bytes::from_static(b"a")),
                    cell(None),
                    cell(Some(0)),
                    cell(Some(0)),
                ]
            );
        }
    }

    #[test]
    fn a_large_cell_comes_in_pieces() {
        let value = vec![7; 2 * RowPieces::PIECE + 1];
        let mut wire = BytesMut::new();
        super::super::DataRow::encode_values([Some(&value[..])], &mut wire).unwrap();
        let lengths: Vec<_> = pieces(&wire, 10_000)
            .unwrap()
            .iter()
            .filter_map(|piece| match piece {
                RowPiece::Bytes(bytes) => Some(bytes.len()),
                _ => None,
            })
            .collect();
        assert_eq!(lengths, [RowPieces::PIECE, RowPieces::PIECE, 1]);
    }

    #[test]
    fn cells_fill_the_row_exactly() {
        let end = Err(Error::UnexpectedEnd { message: "DataRow" });
        assert_eq!(pieces(b"D\0\0\0\x05\0", 9), end);
        assert_eq!(pieces(b"D\0\0\0\x08\0\x01\0\0", 9), end);
        assert_eq!(pieces(b"D\0\0\0\x0b\0\x01\0\0\0\x02a", 9), end);
        let trailing = Err(Error::TrailingBytes {
            message: "DataRow",
            count: 1,
        });
        assert_eq!(pieces(b"D\0\0\0\x07\0\0x", 9), trailing);
        let length = Err(Error::ValueLength {
            message: "DataRow",
            length: -2,
        });
        assert_eq!(pieces(b"D\0\0\0\x0a\0\x01\xff\xff\xff\xfe", 9), length);
    }
}
