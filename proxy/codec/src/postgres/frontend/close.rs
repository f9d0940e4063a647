//! Close: drops a statement or a portal.

use bytes::{Bytes, BytesMut};

use super::Target;
use crate::postgres::read::Reader;
use crate::postgres::{Error, write};

/// Name for errors.
const NAME: &str = "Close";

/// Drops a statement or portal; no error if there is none of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Which statement or portal.
    pub target: Target,
}

impl Close {
    /// Type byte.
    pub const TAG: u8 = b'C';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout, or [`Error::Kind`].
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let target = Target::read(NAME, &mut input)?;
        input.finish()?;
        Ok(Self { target })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| self.target.write(body))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Close;
    use crate::postgres::frontend::Target;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Text};

    #[test]
    fn bytes_both_ways() {
        let target = Target::Statement(Text::from("s1"));
        assert_wire!(Close, Close { target }, b"C\0\0\0\x08Ss1\0");
        let target = Target::Portal(Text::default());
        assert_wire!(Close, Close { target }, b"C\0\0\0\x06P\0");
    }

    #[test]
    fn there_is_no_third_kind() {
        let error = Error::Kind {
            message: "Close",
            kind: b'X',
        };
        assert_eq!(Close::decode(Bytes::from_static(b"Xa\0")), Err(error));
    }
}
