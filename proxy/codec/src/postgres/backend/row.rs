//! A row as it lies in a buffer: where its cells are, and how to write it anew
//! with some of them replaced. Nothing is allocated for either.

use std::fmt;
use std::ops::Range;

use bytes::BytesMut;

use crate::postgres::{Error, write};

/// Name for errors.
const NAME: &str = "DataRow";

/// The validated body of a DataRow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    body: &'a [u8],
}

/// Where the cells of a row are in its body; `None` for NULL.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    body: &'a [u8],
    position: usize,
    remaining: u16,
}

impl<'a> Row<'a> {
    /// Takes the body of a DataRow, without type byte and length, and makes sure
    /// that its cells fill it exactly.
    ///
    /// # Errors
    /// [`Error::UnexpectedEnd`], [`Error::ValueLength`], [`Error::TrailingBytes`].
    pub fn decode(body: &'a [u8]) -> Result<Self, Error> {
        let count = body
            .first_chunk()
            .ok_or(Error::UnexpectedEnd { message: NAME })?;
        let mut cells = Cells {
            body,
            position: 2,
            remaining: u16::from_be_bytes(*count),
        };
        while cells.step()?.is_some() {}
        match body.len().saturating_sub(cells.position) {
            0 => Ok(Self { body }),
            count => Err(Error::TrailingBytes {
                message: NAME,
                count,
            }),
        }
    }

    /// A body that has been through [`decode`](Self::decode) before.
    pub(super) fn validated(body: &'a [u8]) -> Self {
        Self { body }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        usize::from(self.count())
    }

    /// True when it has no cells.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The body.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.body
    }

    /// Where the cells are, as ranges of the body.
    pub fn cells(&self) -> Cells<'a> {
        Cells {
            body: self.body,
            position: 2,
            remaining: self.count(),
        }
    }

    /// The cells themselves, `None` for NULL.
    pub fn values(&self) -> impl Iterator<Item = Option<&'a [u8]>> + use<'a> {
        let body = self.body;
        self.cells()
            .map(move |cell| cell.and_then(|range| body.get(range)))
    }

    /// Appends the row as a DataRow, with other cells in place of some, given as
    /// (index, value) in ascending order. What lies between them is copied in one
    /// piece.
    ///
    /// # Errors
    /// [`Error::CellIndex`] for an index out of order or beyond the row,
    /// [`Error::TooLarge`]; `out` is then as it was.
    pub fn encode_with<'v>(
        &self,
        replacements: impl IntoIterator<Item = (usize, Option<&'v [u8]>)>,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        write::message(NAME, super::DataRow::TAG, out, |body| {
            let mut cells = self.cells();
            let (mut copied, mut next) = (0, 0);
            for (index, value) in replacements {
                let error = Error::CellIndex {
                    index,
                    cells: self.len(),
                };
                let skipped = index.checked_sub(next).ok_or(error)?;
                for _ in 0..skipped {
                    cells.next().ok_or(error)?;
                }
                let start = cells.position;
                cells.next().ok_or(error)?;
                body.bytes(self.body.get(copied..start).unwrap_or_default());
                body.value(value)?;
                (copied, next) = (cells.position, index.saturating_add(1));
            }
            body.bytes(self.body.get(copied..).unwrap_or_default());
            Ok(())
        })
    }

    fn count(&self) -> u16 {
        self.body
            .first_chunk()
            .map_or(0, |n| u16::from_be_bytes(*n))
    }
}

impl Cells<'_> {
    /// The next cell, every step checked.
    fn step(&mut self) -> Result<Option<Option<Range<usize>>>, Error> {
        let Some(remaining) = self.remaining.checked_sub(1) else {
            return Ok(None);
        };
        let rest = self.body.get(self.position..).unwrap_or_default();
        let end = Error::UnexpectedEnd { message: NAME };
        let length = i32::from_be_bytes(*rest.first_chunk().ok_or(end)?);
        let start = self.position + 4;
        let cell = match (length, usize::try_from(length)) {
            (-1, _) => None,
            (_, Ok(size)) if size <= rest.len() - 4 => Some(start..start + size),
            (_, Ok(_)) => return Err(end),
            (length, Err(_)) => {
                return Err(Error::ValueLength {
                    message: NAME,
                    length,
                });
            }
        };
        self.position = cell.as_ref().map_or(start, |range| range.end);
        self.remaining = remaining;
        Ok(Some(cell))
    }
}

impl Iterator for Cells<'_> {
    type Item = Option<Range<usize>>;

    fn next(&mut self) -> Option<Self::Item> {
        // The row has been validated, so there is no error to lose.
        self.step().unwrap_or_default()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let remaining = usize::from(self.remaining);
        (remaining, Some(remaining))
    }
}

impl ExactSizeIterator for Cells<'_> {}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, bytes) = (self.count(), self.body.len());
        write!(out, "Row({cells} cells, {bytes} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::Row;
    use crate::postgres::Error;

    const BODY: &[u8] = b"\0\x03\0\0\0\x01a\xff\xff\xff\xff\0\0\0\x02bc";

    #[test]
    fn cells_are_ranges_of_the_body() {
        let row = Row::decode(BODY).unwrap();
        assert_eq!(row.len(), 3);
        let cells: Vec<_> = row.cells().collect();
        assert_eq!(cells, [Some(6..7), None, Some(15..17)]);
        let values: Vec<_> = row.values().collect();
        assert_eq!(values, [Some(&b"a"[..]), None, Some(&b"bc"[..])]);
        assert!(Row::decode(b"\0\0").unwrap().is_empty());
    }

    #[test]
    fn cells_fill_the_body_exactly() {
        let end = Error::UnexpectedEnd { message: "DataRow" };
        for length in 0..BODY.len() {
            assert_eq!(Row::decode(&BODY[..length]), Err(end));
        }
        let trailing = Error::TrailingBytes {
            message: "DataRow",
            count: 1,
        };
        assert_eq!(Row::decode(b"\0\0x"), Err(trailing));
        let negative = Error::ValueLength {
            message: "DataRow",
            length: -2,
        };
        assert_eq!(Row::decode(b"\0\x01\xff\xff\xff\xfe"), Err(negative));
        assert_eq!(Row::decode(b"\0\x01\x7f\xff\xff\xffabc"), Err(end));
    }

    #[test]
    fn replaced_cells() {
        let row = Row::decode(BODY).unwrap();
        let encode = |replacements: &[(usize, Option<&[u8]>)]| {
            let mut out = BytesMut::new();
            row.encode_with(replacements.iter().copied(), &mut out)
                .map(|()| out.to_vec())
        };
        assert_eq!(encode(&[]).unwrap(), [b"D\0\0\0\x15", BODY].concat());
        assert_eq!(
            encode(&[(0, None), (1, Some(b"***")), (2, Some(b""))]).unwrap(),
            b"D\0\0\0\x15\0\x03\xff\xff\xff\xff\0\0\0\x03***\0\0\0\0"
        );
        assert_eq!(
            encode(&[(2, Some(b"x"))]).unwrap(),
            b"D\0\0\0\x14\0\x03\0\0\0\x01a\xff\xff\xff\xff\0\0\0\x01x"
        );
    }

    #[test]
    fn replacements_out_of_order_are_refused() {
        let row = Row::decode(BODY).unwrap();
        let mut out = BytesMut::from(&b"before"[..]);
        let error = |index| Err(Error::CellIndex { index, cells: 3 });
        assert_eq!(row.encode_with([(3, None)], &mut out), error(3));
        assert_eq!(row.encode_with([(1, None), (1, None)], &mut out), error(1));
        assert_eq!(
            row.encode_with([(usize::MAX, None)], &mut out),
            error(usize::MAX)
        );
        assert_eq!(&out[..], b"before");
    }
}
