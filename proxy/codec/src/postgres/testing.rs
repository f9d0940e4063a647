//! What the tests of single messages share.

/// Asserts that a message has exactly these bytes, both ways, and that no
/// shorter and no longer body is taken for another message of the same bytes.
macro_rules! assert_wire {
    ($type:ident, $message:expr, $bytes:expr) => {{
        let (message, bytes): ($type, &[u8]) = ($message, $bytes);
        let mut out = bytes::BytesMut::new();
        message.encode(&mut out).unwrap();
        assert_eq!(
            out.escape_ascii().to_string(),
            bytes.escape_ascii().to_string()
        );
        let header = crate::postgres::Header::peek(bytes).unwrap().unwrap();
        assert_eq!((header.tag, header.total()), ($type::TAG, bytes.len()));
        let body = bytes::Bytes::copy_from_slice(&bytes[crate::postgres::Header::SIZE..]);
        assert_eq!($type::decode(body.clone()).unwrap(), message);
        for length in 0..body.len() {
            if let Ok(shorter) = $type::decode(body.slice(..length)) {
                assert_ne!(shorter, message);
            }
        }
    }};
}

pub(super) use assert_wire;
