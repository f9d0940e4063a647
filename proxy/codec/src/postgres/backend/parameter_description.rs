//! ParameterDescription: the types of a prepared statement's parameters.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, write};

/// Name for errors.
const NAME: &str = "ParameterDescription";

/// First answer to a Describe of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterDescription {
    /// Types, as `pg_type.oid`, of $1, $2 and so on.
    pub types: Vec<u32>,
}

impl ParameterDescription {
    /// Type byte.
    pub const TAG: u8 = b't';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let types = (0..input.count(4)?)
            .map(|_| input.u32())
            .collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { types })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.count(self.types.len())?;
            self.types.iter().for_each(|oid| body.u32(*oid));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ParameterDescription;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let types = vec![23, 25];
        assert_wire!(
            ParameterDescription,
            ParameterDescription { types },
            b"t\0\0\0\x0e\0\x02\0\0\0\x17\0\0\0\x19"
        );
    }
}
