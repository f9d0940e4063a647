//! Describe: asks what a statement or a portal takes and gives.

use bytes::{Bytes, BytesMut};

use super::Target;
use crate::postgres::read::Reader;
use crate::postgres::{Error, write};

/// Name for errors.
const NAME: &str = "Describe";

/// A statement is answered by ParameterDescription, and either by RowDescription or NoData.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Describe {
    /// Which statement or portal.
    pub target: Target,
}

impl Describe {
    /// Type byte.
    pub const TAG: u8 = b'D';

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

    use super::Describe;
    use crate::postgres::frontend::Target;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Text};

    #[test]
    fn bytes_both_ways() {
        let target = Target::Statement(Text::from("s1"));
        assert_wire!(Describe, Describe { target }, b"D\0\0\0\x08Ss1\0");
        let target = Target::Portal(Text::default());
        assert_wire!(Describe, Describe { target }, b"D\0\0\0\x06P\0");
    }

    #[test]
    fn there_is_no_third_kind() {
        let error = Error::Kind {
            message: "Describe",
            kind: b'X',
        };
        assert_eq!(Describe::decode(Bytes::from_static(b"Xa\0")), Err(error));
    }
}
