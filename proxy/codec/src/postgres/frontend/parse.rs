//! Parse: prepares a statement.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "Parse";

/// Prepares one statement under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parse {
    /// Name of the statement; empty for the unnamed one.
    pub statement: Text,
    /// The text, with one statement at most.
    pub query: Text,
    /// Types of the first parameters; 0 leaves a type open.
    pub parameter_types: Vec<u32>,
}

impl Parse {
    /// Type byte.
    pub const TAG: u8 = b'P';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let (statement, query) = (input.text()?, input.text()?);
        let parameter_types = (0..input.count(4)?)
            .map(|_| input.u32())
            .collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self {
            statement,
            query,
            parameter_types,
        })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.text(&self.statement)?;
            body.text(&self.query)?;
            body.count(self.parameter_types.len())?;
            self.parameter_types.iter().for_each(|oid| body.u32(*oid));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Parse;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Text};

    #[test]
    fn bytes_both_ways() {
        let message = Parse {
            statement: Text::from("s1"),
            query: Text::from("select $1"),
            parameter_types: vec![23, 0],
        };
        assert_wire!(
            Parse,
            message,
            b"P\0\0\0\x1bs1\0select $1\0\0\x02\0\0\0\x17\0\0\0\0"
        );
    }

    #[test]
    fn types_are_counted_against_the_body() {
        let error = Error::Count {
            message: "Parse",
            count: 65_535,
            limit: 1,
        };
        let body = Bytes::from_static(b"\0\0\xff\xff\0\0\0\x17");
        assert_eq!(Parse::decode(body), Err(error));
    }
}
