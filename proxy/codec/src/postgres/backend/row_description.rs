//! RowDescription: the columns of the rows that follow.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Format, Text, write};

/// Name for errors.
const NAME: &str = "RowDescription";

/// Bytes of a field with an empty name.
const MIN_FIELD: usize = 19;

/// Columns of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowDescription {
    /// In the order of the rows' cells.
    pub fields: Vec<Field>,
}

/// A column of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Text,
    /// Table it is a column of, as `pg_class.oid`; 0 for anything else.
    pub table_oid: u32,
    /// Number in that table, as `pg_attribute.attnum`; 0 for anything else.
    pub attribute_number: i16,
    /// Its type, as `pg_type.oid`.
    pub type_oid: u32,
    /// Bytes of the type, as `pg_type.typlen`; negative if they vary.
    pub type_size: i16,
    /// Length, precision or the like, as `pg_attribute.atttypmod`; -1 for none.
    pub type_modifier: i32,
    /// Format of the cells; text also where it is not known yet, as in the answer
    /// to a Describe of a statement.
    pub format: Format,
}

impl RowDescription {
    /// Type byte.
    pub const TAG: u8 = b'T';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let fields = (0..input.count(MIN_FIELD)?)
            .map(|_| Field::read(&mut input))
            .collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { fields })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.count(self.fields.len())?;
            for field in &self.fields {
                body.text(&field.name)?;
                body.u32(field.table_oid);
                body.i16(field.attribute_number);
                body.u32(field.type_oid);
                body.i16(field.type_size);
                body.i32(field.type_modifier);
                body.format(field.format);
            }
            Ok(())
        })
    }
}

impl Field {
    fn read(input: &mut Reader) -> Result<Self, Error> {
        Ok(Self {
            name: input.text()?,
            table_oid: input.u32()?,
            attribute_number: input.i16()?,
            type_oid: input.u32()?,
            type_size: input.i16()?,
            type_modifier: input.i32()?,
            format: input.format()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Field, RowDescription};
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Format, Text};

    #[test]
    fn bytes_both_ways() {
        let fields = vec![
            Field {
                name: Text::from("id"),
                table_oid: 16_385,
                attribute_number: 1,
                type_oid: 23,
                type_size: 4,
                type_modifier: -1,
                format: Format::Binary,
            },
            Field {
                name: Text::from("?column?"),
                type_oid: 25,
                type_size: -1,
                type_modifier: -1,
                ..Field::default()
            },
        ];
        assert_wire!(
            RowDescription,
            RowDescription { fields },
            b"T\0\0\0\x36\0\x02\
              id\0\0\0\x40\x01\0\x01\0\0\0\x17\0\x04\xff\xff\xff\xff\0\x01\
              ?column?\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0"
        );
        let none = RowDescription::default();
        assert_wire!(RowDescription, none, b"T\0\0\0\x06\0\0");
    }

    #[test]
    fn fields_are_counted_against_the_body() {
        let error = Error::Count {
            message: "RowDescription",
            count: 256,
            limit: 0,
        };
        let body = Bytes::from_static(b"\x01\0id\0");
        assert_eq!(RowDescription::decode(body), Err(error));
    }
}
