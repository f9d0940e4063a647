//! SSLRequest, GSSENCRequest and the answer to them: one number, one byte.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::postgres::Error;
use crate::postgres::read::Reader;

/// Asks the server for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SslRequest;

/// Asks the server for GSSAPI encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GssEncRequest;

/// What a server answers to SSLRequest. To GSSENCRequest it may answer `N` alike;
/// acceptance, `G`, is not spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionAnswer {
    /// `S`: the handshake follows.
    Accepted,
    /// `N`: the connection goes on without.
    Refused,
}

impl SslRequest {
    /// The number in place of a protocol version: 1234.5679.
    pub const CODE: u32 = 80_877_103;

    pub(super) fn decode(body: Bytes) -> Result<Self, Error> {
        Reader::new("SSLRequest", body).finish()?;
        Ok(Self)
    }

    /// Appends the packet.
    pub fn encode(self, out: &mut BytesMut) {
        out.put_u32(8);
        out.put_u32(Self::CODE);
    }
}

impl GssEncRequest {
    /// The number in place of a protocol version: 1234.5680.
    pub const CODE: u32 = 80_877_104;

    pub(super) fn decode(body: Bytes) -> Result<Self, Error> {
        Reader::new("GSSENCRequest", body).finish()?;
        Ok(Self)
    }

    /// Appends the packet.
    pub fn encode(self, out: &mut BytesMut) {
        out.put_u32(8);
        out.put_u32(Self::CODE);
    }
}

impl EncryptionAnswer {
    /// Takes the answer to an SSLRequest; `None` if it is not there yet.
    ///
    /// # Errors
    /// [`Error::EncryptionAnswer`] for another byte, also for the `E` of an error
    /// that nobody has authenticated; [`Error::EarlyData`] if bytes follow an
    /// acceptance, which someone put there to be taken for protected ones
    /// (CVE-2021-23222).
    pub fn decode(buffer: &mut BytesMut) -> Result<Option<Self>, Error> {
        let answer = match (buffer.first(), buffer.len()) {
            (None, _) => return Ok(None),
            (Some(b'S'), 1) => Self::Accepted,
            (Some(b'S'), _) => return Err(Error::EarlyData),
            (Some(b'N'), _) => Self::Refused,
            (Some(_), _) => return Err(Error::EncryptionAnswer),
        };
        buffer.advance(1);
        Ok(Some(answer))
    }

    /// Appends the answer to an SSLRequest.
    pub fn encode(self, out: &mut BytesMut) {
        out.put_u8(match self {
            Self::Accepted => b'S',
            Self::Refused => b'N',
        });
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{EncryptionAnswer, GssEncRequest, SslRequest};
    use crate::postgres::Error;

    #[test]
    fn requests_are_eight_bytes() {
        let mut out = BytesMut::new();
        SslRequest.encode(&mut out);
        GssEncRequest.encode(&mut out);
        assert_eq!(
            &out[..],
            b"\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\x08\x04\xd2\x16\x30"
        );
        assert!(SslRequest::decode(Bytes::from_static(b"x")).is_err());
        assert!(GssEncRequest::decode(Bytes::from_static(b"x")).is_err());
    }

    #[test]
    fn answers_are_one_byte() {
        let decode = |bytes: &[u8]| EncryptionAnswer::decode(&mut bytes.into());
        assert_eq!(decode(b""), Ok(None));
        assert_eq!(decode(b"S"), Ok(Some(EncryptionAnswer::Accepted)));
        assert_eq!(decode(b"N"), Ok(Some(EncryptionAnswer::Refused)));
        assert_eq!(decode(b"E"), Err(Error::EncryptionAnswer));
        assert_eq!(decode(b"S\x16"), Err(Error::EarlyData));
        let mut out = BytesMut::new();
        EncryptionAnswer::Accepted.encode(&mut out);
        EncryptionAnswer::Refused.encode(&mut out);
        assert_eq!(&out[..], b"SN");
    }
}
