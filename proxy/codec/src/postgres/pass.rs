//! Passes a message on in pieces that is too large to be held.

use bytes::{Bytes, BytesMut};

use super::Header;

/// A message on its way: what of it is still to come.
///
/// Made from a [`Header::peek`] whose length is above what the caller wants in
/// memory; then every piece that arrives is forwarded as it is, the header
/// first, since it has not been taken from the buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Passing {
    /// Bytes not passed yet.
    remaining: usize,
}

impl Passing {
    /// Begins with the message whose header is at the front of the buffer.
    pub fn begin(header: Header) -> Self {
        Self {
            remaining: header.total(),
        }
    }

    /// Goes on with a message of which so many bytes are still to come.
    pub fn rest(remaining: usize) -> Self {
        Self { remaining }
    }

    /// Takes what is there of the message, and nothing behind it; empty if
    /// nothing is there.
    pub fn take(&mut self, buffer: &mut BytesMut) -> Bytes {
        let length = self.remaining.min(buffer.len());
        self.remaining -= length;
        buffer.split_to(length).freeze()
    }

    /// Bytes still to come.
    pub fn remaining(&self) -> usize {
        self.remaining
    }

    /// True once the message has been passed whole.
    pub fn is_done(&self) -> bool {
        self.remaining == 0
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::Passing;
    use crate::postgres::Header;

    #[test]
    fn passes_pieces_and_stops_at_the_end() {
        let mut buffer = BytesMut::from(&b"d\0\0\0\x08a"[..]);
        let header = Header::peek(&buffer).unwrap().unwrap();
        let mut passing = Passing::begin(header);
        assert_eq!(&passing.take(&mut buffer)[..], b"d\0\0\0\x08a");
        assert_eq!((passing.remaining(), passing.is_done()), (3, false));
        assert!(passing.take(&mut buffer).is_empty());
        buffer.extend_from_slice(b"bcdZ\0");
        assert_eq!(&passing.take(&mut buffer)[..], b"bcd");
        assert!(passing.is_done());
        assert_eq!(&buffer[..], b"Z\0");
    }
}
