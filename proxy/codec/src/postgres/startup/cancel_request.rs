//! CancelRequest: asks, on a connection of its own, to cancel a statement.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, SecretKey, write};

/// Name for errors.
const NAME: &str = "CancelRequest";

/// Names a session by what its BackendKeyData said. There is no answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelRequest {
    /// Process of the session.
    pub process_id: i32,
    /// Key of the session.
    pub secret_key: SecretKey,
}

impl CancelRequest {
    /// The number in place of a protocol version: 1234.5678.
    pub const CODE: u32 = 80_877_102;

    pub(super) fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        Ok(Self {
            process_id: input.i32()?,
            secret_key: SecretKey::new(input.rest())?,
        })
    }

    /// Appends the packet.
    ///
    /// # Errors
    /// None that a [`SecretKey`] allows.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::packet(NAME, out, |body| {
            body.u32(Self::CODE);
            body.i32(self.process_id);
            body.bytes(self.secret_key.as_bytes());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::CancelRequest;
    use crate::postgres::startup::{Startup, decode};
    use crate::postgres::{Error, SecretKey};

    #[test]
    fn a_short_key_and_a_long_one() {
        let short = b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\x01\x02abcd";
        let mut out = BytesMut::new();
        let request = CancelRequest {
            process_id: 258,
            secret_key: SecretKey::new(&b"abcd"[..]).unwrap(),
        };
        request.encode(&mut out).unwrap();
        assert_eq!(&out[..], short);
        assert_eq!(decode(&mut out), Ok(Some(Startup::CancelRequest(request))));

        let long = CancelRequest {
            process_id: -1,
            secret_key: SecretKey::new(vec![7; 256]).unwrap(),
        };
        long.encode(&mut out).unwrap();
        assert_eq!(out.len(), 268);
        assert_eq!(decode(&mut out), Ok(Some(Startup::CancelRequest(long))));
    }

    #[test]
    fn keys_of_other_lengths_are_refused() {
        let mut buffer = BytesMut::from(&b"\0\0\0\x0f\x04\xd2\x16\x2e\0\0\x01\x02abc"[..]);
        let error = Error::SecretKeyLength { length: 3 };
        assert_eq!(decode(&mut buffer), Err(error));
    }
}
