//! BackendKeyData: with which numbers a session can be cancelled.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, SecretKey, write};

/// Name for errors.
const NAME: &str = "BackendKeyData";

/// What a CancelRequest for the session must say. A server need not send it. To a
/// client of protocol 3.0 the key has 4 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendKeyData {
    /// Process of the session.
    pub process_id: i32,
    /// Key of the session.
    pub secret_key: SecretKey,
}

impl BackendKeyData {
    /// Type byte.
    pub const TAG: u8 = b'K';

    /// Decodes a body.
    ///
    /// # Errors
    /// [`Error::SecretKeyLength`], or a body that is too short.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        Ok(Self {
            process_id: input.i32()?,
            secret_key: SecretKey::new(input.rest())?,
        })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// None that a [`SecretKey`] allows.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.i32(self.process_id);
            body.bytes(self.secret_key.as_bytes());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::BackendKeyData;
    use crate::postgres::SecretKey;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn a_short_key_and_a_longer_one() {
        let message = |key: &'static [u8]| BackendKeyData {
            process_id: 258,
            secret_key: SecretKey::new(key).unwrap(),
        };
        assert_wire!(
            BackendKeyData,
            message(b"abcd"),
            b"K\0\0\0\x0c\0\0\x01\x02abcd"
        );
        assert_wire!(
            BackendKeyData,
            message(b"0123456789abcdef"),
            b"K\0\0\0\x18\0\0\x01\x020123456789abcdef"
        );
    }
}
