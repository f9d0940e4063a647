//! CommandComplete: a statement is done, with its tag.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "CommandComplete";

/// A statement is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandComplete {
    /// Command tag, such as `SELECT 5` or `INSERT 0 1`.
    pub tag: Text,
}

impl CommandComplete {
    /// Type byte.
    pub const TAG: u8 = b'C';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body that is not one string.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let tag = input.text()?;
        input.finish()?;
        Ok(Self { tag })
    }

    /// Rows read or written, if the tag says so: its last word.
    pub fn rows(&self) -> Option<u64> {
        let tag = self.tag.as_str().ok()?;
        tag.rsplit(' ').next()?.parse().ok()
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| body.text(&self.tag))
    }
}

#[cfg(test)]
mod tests {
    use super::CommandComplete;
    use crate::postgres::Text;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let tag = Text::from("SELECT 5");
        assert_wire!(
            CommandComplete,
            CommandComplete { tag },
            b"C\0\0\0\x0dSELECT 5\0"
        );
    }

    #[test]
    fn rows_are_the_last_word() {
        let rows = |tag: &'static str| CommandComplete { tag: tag.into() }.rows();
        assert_eq!(rows("SELECT 5"), Some(5));
        assert_eq!(rows("INSERT 0 12"), Some(12));
        assert_eq!(rows("CREATE TABLE"), None);
        assert_eq!(rows(""), None);
    }
}
