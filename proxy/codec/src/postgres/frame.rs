//! Cuts a byte stream into messages.

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::{Error, Limits};

/// Type byte and length of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Type byte.
    pub tag: u8,
    /// Bytes of the body, the length field not counted.
    pub length: u32,
}

/// One whole message as it came, header and body.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    tag: u8,
    bytes: Bytes,
}

impl Header {
    /// Bytes of a header.
    pub const SIZE: usize = 5;

    /// The header at the front of `buffer`; `None` if not all of it is there. The
    /// body need not be: so a message too large to hold is recognised, see
    /// [`Passing`](super::Passing).
    ///
    /// # Errors
    /// [`Error::LengthTooShort`].
    pub fn peek(buffer: &[u8]) -> Result<Option<Self>, Error> {
        let Some(&[tag, a, b, c, d]) = buffer.first_chunk() else {
            return Ok(None);
        };
        let length = i32::from_be_bytes([a, b, c, d]);
        match u32::try_from(length).ok().and_then(|n| n.checked_sub(4)) {
            Some(length) => Ok(Some(Self { tag, length })),
            None => Err(Error::LengthTooShort { tag, length }),
        }
    }

    /// Bytes of the whole message.
    pub fn total(self) -> usize {
        Self::SIZE.saturating_add(usize::try_from(self.length).unwrap_or(usize::MAX))
    }
}

impl Frame {
    /// Takes the message at the front of `buffer`; `None` if not all of it is
    /// there, and then nothing is taken.
    ///
    /// # Errors
    /// [`Error::LengthTooShort`], and what [`Limits::check`] says; both as soon as
    /// the header is there.
    pub fn split(buffer: &mut BytesMut, limits: &Limits) -> Result<Option<Self>, Error> {
        let Some(header) = Header::peek(buffer)? else {
            return Ok(None);
        };
        limits.check(header)?;
        if buffer.len() < header.total() {
            return Ok(None);
        }
        Ok(Some(Self {
            tag: header.tag,
            bytes: buffer.split_to(header.total()).freeze(),
        }))
    }

    /// Type byte.
    pub fn tag(&self) -> u8 {
        self.tag
    }

    /// What follows the length, shared, not copied.
    pub fn body(&self) -> Bytes {
        self.bytes.slice(Header::SIZE..)
    }

    /// The whole message, to pass it on as it came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole message as shared storage.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tag, length) = (self.tag.escape_ascii(), self.bytes.len());
        write!(out, "Frame('{tag}', {length} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{Frame, Header};
    use crate::postgres::{Error, Limits};

    #[test]
    fn takes_one_message_and_leaves_the_rest() {
        let mut buffer = BytesMut::from(&b"Q\0\0\0\x06a\0S\0\0\0\x04X"[..]);
        let limits = Limits::frontend(100);
        let mut next = || Frame::split(&mut buffer, &limits).unwrap();

        let query = next().unwrap();
        assert_eq!((query.tag(), &query.body()[..]), (b'Q', &b"a\0"[..]));
        assert_eq!(query.as_bytes(), b"Q\0\0\0\x06a\0");
        assert_eq!(next().unwrap().as_bytes(), b"S\0\0\0\x04");
        assert_eq!(next(), None);
        assert_eq!(&buffer[..], b"X");
    }

    #[test]
    fn an_incomplete_message_is_not_an_error() {
        let whole = b"Q\0\0\0\x06a\0";
        for length in 0..whole.len() {
            let mut buffer = BytesMut::from(&whole[..length]);
            let result = Frame::split(&mut buffer, &Limits::frontend(100));
            assert_eq!(result, Ok(None));
            assert_eq!(buffer.len(), length);
        }
    }

    #[test]
    fn a_bad_length_is_refused_before_the_body_comes() {
        let split = |bytes: &[u8]| Frame::split(&mut bytes.into(), &Limits::frontend(100));
        let short = |length| Err(Error::LengthTooShort { tag: b'Q', length });
        assert_eq!(split(b"Q\0\0\0\x03"), short(3));
        assert_eq!(split(b"Q\xff\xff\xff\xff"), short(-1));
        let error = Error::TooLong {
            tag: b'Q',
            length: 101,
            limit: 100,
        };
        assert_eq!(split(b"Q\0\0\0\x69"), Err(error));
    }

    #[test]
    fn a_header_tells_the_size_without_the_body() {
        let header = Header::peek(b"D\x7f\xff\xff\xffx").unwrap().unwrap();
        assert_eq!((header.tag, header.length), (b'D', 0x7fff_fffb));
        assert_eq!(header.total(), 0x8000_0000);
    }

    #[test]
    fn debug_hides_the_body() {
        let mut buffer = BytesMut::from(&b"Q\0\0\0\x06a\0"[..]);
        let frame = Frame::split(&mut buffer, &Limits::frontend(100)).unwrap();
        assert_eq!(format!("{frame:?}"), "Some(Frame('Q', 7 bytes))");
    }
}
