//! Flush, Sync and Terminate: one file, since they have no body.

use crate::postgres::empty::empty_message;

empty_message!(
    /// Asks the server to send what it has, without ending the pipeline.
    Flush,
    b'H'
);

empty_message!(
    /// Ends a pipeline; the server answers with ReadyForQuery.
    Sync,
    b'S'
);

empty_message!(
    /// Ends the session.
    Terminate,
    b'X'
);

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{Flush, Sync, Terminate};

    #[test]
    fn five_bytes_each() {
        let mut out = BytesMut::new();
        Flush.encode(&mut out);
        Sync.encode(&mut out);
        Terminate.encode(&mut out);
        assert_eq!(&out[..], b"H\0\0\0\x04S\0\0\0\x04X\0\0\0\x04");
        assert!(Sync::decode(Bytes::new()).is_ok());
        assert!(Sync::decode(Bytes::from_static(b"\0")).is_err());
    }
}
