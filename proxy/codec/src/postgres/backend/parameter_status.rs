//! ParameterStatus: the value of a setting that clients want to know.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "ParameterStatus";

/// Sent at start-up and whenever the value changes, even between other answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterStatus {
    /// Name of the setting.
    pub name: Text,
    /// Its value.
    pub value: Text,
}

impl ParameterStatus {
    /// Type byte.
    pub const TAG: u8 = b'S';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body that is not two strings.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let (name, value) = (input.text()?, input.text()?);
        input.finish()?;
        Ok(Self { name, value })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.text(&self.name)?;
            body.text(&self.value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ParameterStatus;
    use crate::postgres::Text;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let message = ParameterStatus {
            name: Text::from("TimeZone"),
            value: Text::from("UTC"),
        };
        assert_wire!(ParameterStatus, message, b"S\0\0\0\x11TimeZone\0UTC\0");
    }
}
