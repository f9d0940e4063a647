//! Execute: runs a portal.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "Execute";

/// Runs a portal, or goes on with a suspended one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execute {
    /// Name of the portal; empty for the unnamed one.
    pub portal: Text,
    /// Rows after which it is suspended; 0 (or less) for no such bound.
    pub max_rows: i32,
}

impl Execute {
    /// Type byte.
    pub const TAG: u8 = b'E';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let (portal, max_rows) = (input.text()?, input.i32()?);
        input.finish()?;
        Ok(Self { portal, max_rows })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.text(&self.portal)?;
            body.i32(self.max_rows);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Execute;
    use crate::postgres::Text;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let portal = Text::from("p");
        let message = Execute {
            portal,
            max_rows: 500,
        };
        assert_wire!(Execute, message, b"E\0\0\0\x0ap\0\0\0\x01\xf4");
    }
}
