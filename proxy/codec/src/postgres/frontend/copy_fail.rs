//! CopyFail: gives a COPY FROM STDIN up.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "CopyFail";

/// Makes the COPY fail; the server answers with an ErrorResponse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFail {
    /// Why, as the server's error will say.
    pub message: Text,
}

impl CopyFail {
    /// Type byte.
    pub const TAG: u8 = b'f';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body that is not one string.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let message = input.text()?;
        input.finish()?;
        Ok(Self { message })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| body.text(&self.message))
    }
}

#[cfg(test)]
mod tests {
    use super::CopyFail;
    use crate::postgres::Text;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let message = Text::from("no");
        assert_wire!(CopyFail, CopyFail { message }, b"f\0\0\0\x07no\0");
    }
}
