//! DataRow: one row of a result.

use bytes::{Bytes, BytesMut};

use super::Row;
use crate::postgres::{Error, write};

/// Name for errors.
const NAME: &str = "DataRow";

/// A row that owns its bytes; [`Row`] is the view of it, and of rows that are
/// still in a buffer with others.
#[derive(Clone, PartialEq, Eq)]
pub struct DataRow {
    body: Bytes,
}

impl DataRow {
    /// Type byte.
    pub const TAG: u8 = b'D';

    /// Decodes a body.
    ///
    /// # Errors
    /// What [`Row::decode`] says.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        Row::decode(&body)?;
        Ok(Self { body })
    }

    /// Its cells.
    pub fn row(&self) -> Row<'_> {
        Row::validated(&self.body)
    }

    /// Its body, of which [`Row::cells`] gives ranges.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.bytes(&self.body);
            Ok(())
        })
    }

    /// Appends a row of these values, `None` for NULL.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; `out` is then as it was.
    pub fn encode_values<'v, I>(values: I, out: &mut BytesMut) -> Result<(), Error>
    where
        I: IntoIterator<Item = Option<&'v [u8]>, IntoIter: ExactSizeIterator>,
    {
        let values = values.into_iter();
        write::message(NAME, Self::TAG, out, |body| {
            body.count(values.len())?;
            values.into_iter().try_for_each(|value| body.value(value))
        })
    }
}

impl std::fmt::Debug for DataRow {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.row().fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::DataRow;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let bytes = b"D\0\0\0\x13\0\x02\0\0\0\x05hello\xff\xff\xff\xff";
        let body = Bytes::from_static(bytes).slice(5..);
        assert_wire!(DataRow, DataRow::decode(body).unwrap(), bytes);

        let mut out = BytesMut::new();
        DataRow::encode_values([Some(&b"hello"[..]), None], &mut out).unwrap();
        assert_eq!(&out[..], bytes);
    }

    #[test]
    fn debug_hides_the_cells() {
        let row = DataRow::decode(Bytes::from_static(b"\0\x01\0\0\0\x01a")).unwrap();
        assert_eq!(format!("{row:?}"), "Row(1 cells, 7 bytes)");
    }
}
