//! CopyData and CopyDone, the two messages that both sides send alike.

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::empty::empty_message;
use super::{Error, write};

/// Part of a COPY stream. Servers send one row per message; clients may cut
/// anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct CopyData {
    /// The bytes.
    pub data: Bytes,
}

empty_message!(
    /// The COPY stream is complete.
    CopyDone,
    b'c'
);

impl CopyData {
    /// Type byte.
    pub const TAG: u8 = b'd';

    /// Decodes a body; all of it is data.
    ///
    /// # Errors
    /// None; the signature is that of every message.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        Ok(Self { data: body })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        Self::encode_slice(&self.data, out)
    }

    /// Appends a message with these bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode_slice(data: &[u8], out: &mut BytesMut) -> Result<(), Error> {
        write::message("CopyData", Self::TAG, out, |body| {
            body.bytes(data);
            Ok(())
        })
    }
}

impl fmt::Debug for CopyData {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CopyData({} bytes)", self.data.len())
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{CopyData, CopyDone};
    use crate::postgres::Error;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn data_is_the_whole_body() {
        let data = Bytes::from_static(b"1\ta\n");
        assert_wire!(CopyData, CopyData { data }, b"d\0\0\0\x081\ta\n");
    }

    #[test]
    fn done_has_no_body() {
        let mut out = BytesMut::new();
        CopyDone.encode(&mut out);
        assert_eq!(&out[..], b"c\0\0\0\x04");
        assert_eq!(CopyDone::decode(Bytes::new()), Ok(CopyDone));
        let error = Error::TrailingBytes {
            message: "CopyDone",
            count: 1,
        };
        assert_eq!(CopyDone::decode(Bytes::from_static(b"x")), Err(error));
    }
}
