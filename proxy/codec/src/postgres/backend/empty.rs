//! The answers that say only that something is done: one file, since they have
//! no body.

use crate::postgres::empty::empty_message;

empty_message!(
    /// Parse is done.
    ParseComplete,
    b'1'
);

empty_message!(
    /// Bind is done.
    BindComplete,
    b'2'
);

empty_message!(
    /// Close is done.
    CloseComplete,
    b'3'
);

empty_message!(
    /// In place of CommandComplete for a text without a statement.
    EmptyQueryResponse,
    b'I'
);

empty_message!(
    /// In place of RowDescription where there is no result.
    NoData,
    b'n'
);

empty_message!(
    /// Execute's bound on rows is reached; another Execute goes on.
    PortalSuspended,
    b's'
);

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{
        BindComplete, CloseComplete, EmptyQueryResponse, NoData, ParseComplete, PortalSuspended,
    };

    #[test]
    fn five_bytes_each() {
        let mut out = BytesMut::new();
        ParseComplete.encode(&mut out);
        BindComplete.encode(&mut out);
        CloseComplete.encode(&mut out);
        EmptyQueryResponse.encode(&mut out);
        NoData.encode(&mut out);
        PortalSuspended.encode(&mut out);
        let expected = b"1\0\0\0\x042\0\0\0\x043\0\0\0\x04I\0\0\0\x04n\0\0\0\x04s\0\0\0\x04";
        assert_eq!(&out[..], expected);
        assert!(NoData::decode(Bytes::new()).is_ok());
        assert!(NoData::decode(Bytes::from_static(b"\0")).is_err());
    }
}
