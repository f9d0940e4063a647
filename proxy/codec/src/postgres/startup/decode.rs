//! Tells apart what a connection may begin with.

use bytes::{Buf, BytesMut};

use super::{CancelRequest, GssEncRequest, SslRequest, StartupMessage};
use crate::postgres::read::Reader;
use crate::postgres::{Error, ProtocolVersion};

/// MAX_STARTUP_PACKET_LENGTH of PostgreSQL: bytes behind the length field.
pub const MAX_LENGTH: usize = 10_000;

/// Content type of a TLS handshake record (RFC 8446, section 5.1). No packet can
/// begin with it: its length would be far above [`MAX_LENGTH`].
const TLS_HANDSHAKE: u8 = 0x16;

/// What a client opens with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Startup {
    /// Asks for TLS.
    SslRequest,
    /// Asks for GSSAPI encryption.
    GssEncRequest,
    /// Begins TLS without asking (`sslnegotiation=direct`); nothing has been taken
    /// from the buffer.
    DirectTls,
    /// Asks to cancel what another connection runs.
    CancelRequest(CancelRequest),
    /// Begins a session.
    StartupMessage(StartupMessage),
}

/// Takes a first packet from the front of `buffer`; `None` if not all of it is
/// there, and then nothing is taken.
///
/// What a client sends behind SSLRequest or GSSENCRequest before it has the
/// answer stays in the buffer; a caller that answers with encryption must see
/// that the buffer is empty, or it would treat injected plain text as protected.
///
/// # Errors
/// A length that no first packet has, as soon as it is there; a major version
/// other than 3; and what the packets' own decoders say.
pub fn decode(buffer: &mut BytesMut) -> Result<Option<Startup>, Error> {
    if buffer.first() == Some(&TLS_HANDSHAKE) {
        return Ok(Some(Startup::DirectTls));
    }
    let Some(&prefix) = buffer.first_chunk() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(prefix);
    let total = usize::try_from(length)
        .ok()
        .filter(|total| (8..=MAX_LENGTH + 4).contains(total))
        .ok_or(Error::StartupLength { length })?;
    if buffer.len() < total {
        return Ok(None);
    }
    let mut packet = buffer.split_to(total).freeze();
    packet.advance(4);
    let mut input = Reader::new("start-up packet", packet);
    let code = input.u32()?;
    let body = input.rest();
    Ok(Some(match code {
        SslRequest::CODE => {
            SslRequest::decode(body)?;
            Startup::SslRequest
        }
        GssEncRequest::CODE => {
            GssEncRequest::decode(body)?;
            Startup::GssEncRequest
        }
        CancelRequest::CODE => Startup::CancelRequest(CancelRequest::decode(body)?),
        code => {
            let version = ProtocolVersion::from_code(code);
            let ProtocolVersion { major, minor } = version;
            if major != ProtocolVersion::V3_0.major {
                return Err(Error::UnsupportedProtocol { major, minor });
            }
            Startup::StartupMessage(StartupMessage::decode(version, body)?)
        }
    }))
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{MAX_LENGTH, Startup, decode};
    use crate::postgres::Error;

    fn one(bytes: &[u8]) -> Result<Option<Startup>, Error> {
        decode(&mut BytesMut::from(bytes))
    }

    #[test]
    fn a_tls_handshake_is_seen_at_its_first_byte_and_left_alone() {
        let mut buffer = BytesMut::from(&b"\x16\x03\x01"[..]);
        assert_eq!(decode(&mut buffer), Ok(Some(Startup::DirectTls)));
        assert_eq!(&buffer[..], b"\x16\x03\x01");
    }

    #[test]
    fn requests_for_encryption_leave_what_follows() {
        let mut buffer =
            BytesMut::from(&b"\0\0\0\x08\x04\xd2\x16\x30\0\0\0\x08\x04\xd2\x16\x2fX"[..]);
        assert_eq!(decode(&mut buffer), Ok(Some(Startup::GssEncRequest)));
        assert_eq!(decode(&mut buffer), Ok(Some(Startup::SslRequest)));
        assert_eq!(&buffer[..], b"X");
    }

    #[test]
    fn an_incomplete_packet_is_not_an_error() {
        let whole = b"\0\0\0\x08\x04\xd2\x16\x2f";
        for length in 0..whole.len() {
            let mut buffer = BytesMut::from(&whole[..length]);
            assert_eq!(decode(&mut buffer), Ok(None));
            assert_eq!(buffer.len(), length);
        }
    }

    #[test]
    fn impossible_lengths_are_refused_at_once() {
        for length in [i32::MIN, -1, 0, 7, MAX_LENGTH as i32 + 5, i32::MAX] {
            let error = Error::StartupLength { length };
            assert_eq!(one(&length.to_be_bytes()), Err(error));
        }
        // The largest that PostgreSQL takes.
        assert_eq!(one(&(MAX_LENGTH as i32 + 4).to_be_bytes()), Ok(None));
    }

    #[test]
    fn other_protocols_are_refused() {
        let error = |major, minor| Err(Error::UnsupportedProtocol { major, minor });
        assert_eq!(one(b"\0\0\0\x09\0\x02\0\0\0"), error(2, 0));
        assert_eq!(one(b"\0\0\0\x09\0\x04\0\x01\0"), error(4, 1));
        assert_eq!(
            one(b"GET / HTTP"),
            Err(Error::StartupLength {
                length: 0x4745_5420
            })
        );
    }
}
