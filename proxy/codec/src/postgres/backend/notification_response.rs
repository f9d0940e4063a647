//! NotificationResponse: somebody's NOTIFY on a channel that is listened to.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "NotificationResponse";

/// A notification; it may come at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationResponse {
    /// Process that notified.
    pub process_id: i32,
    /// Channel.
    pub channel: Text,
    /// What it said.
    pub payload: Text,
}

impl NotificationResponse {
    /// Type byte.
    pub const TAG: u8 = b'A';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let message = Self {
            process_id: input.i32()?,
            channel: input.text()?,
            payload: input.text()?,
        };
        input.finish()?;
        Ok(message)
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.i32(self.process_id);
            body.text(&self.channel)?;
            body.text(&self.payload)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::NotificationResponse;
    use crate::postgres::Text;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn bytes_both_ways() {
        let message = NotificationResponse {
            process_id: 258,
            channel: Text::from("jobs"),
            payload: Text::from("42"),
        };
        assert_wire!(
            NotificationResponse,
            message,
            b"A\0\0\0\x10\0\0\x01\x02jobs\x0042\0"
        );
    }
}
