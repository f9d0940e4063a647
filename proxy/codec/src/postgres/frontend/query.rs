//! Query: one or more statements as text.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "Query";

/// Runs statements in the simple protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The text, with any number of statements.
    pub query: Text,
}

impl Query {
    /// Type byte.
    pub const TAG: u8 = b'Q';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body that is not one string.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let query = input.text()?;
        input.finish()?;
        Ok(Self { query })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| body.text(&self.query))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Query;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Text};

    #[test]
    fn bytes_both_ways() {
        let query = Text::from("select 1");
        assert_wire!(Query, Query { query }, b"Q\0\0\0\x0dselect 1\0");
    }

    #[test]
    fn nothing_hides_behind_the_terminator() {
        let error = Error::TrailingBytes {
            message: "Query",
            count: 11,
        };
        let body = Bytes::from_static(b"select 1\0drop table\0");
        assert_eq!(Query::decode(body), Err(error));
    }
}
