//! ReadyForQuery: the server waits, and in which transaction state.

use bytes::{Bytes, BytesMut};

use crate::postgres::Error;
use crate::postgres::read::Reader;

/// Name for errors.
const NAME: &str = "ReadyForQuery";

/// Whether a transaction block is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// None is open.
    Idle,
    /// One is open.
    InTransaction,
    /// One is open and has failed; statements are refused until it ends.
    Failed,
}

/// Sent after start-up, after a Query and after a Sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyForQuery {
    /// Whether a transaction block is open.
    pub status: TransactionStatus,
}

impl TransactionStatus {
    /// The status of a byte on the wire.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            b'I' => Some(Self::Idle),
            b'T' => Some(Self::InTransaction),
            b'E' => Some(Self::Failed),
            _ => None,
        }
    }

    /// Its byte on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::Idle => b'I',
            Self::InTransaction => b'T',
            Self::Failed => b'E',
        }
    }
}

impl ReadyForQuery {
    /// Type byte.
    pub const TAG: u8 = b'Z';

    /// Decodes a body.
    ///
    /// # Errors
    /// [`Error::Kind`] for an unknown status; a body of another length.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let kind = input.u8()?;
        input.finish()?;
        let status = TransactionStatus::from_code(kind).ok_or(Error::Kind {
            message: NAME,
            kind,
        })?;
        Ok(Self { status })
    }

    /// Appends the message.
    pub fn encode(self, out: &mut BytesMut) {
        out.extend_from_slice(&[Self::TAG, 0, 0, 0, 5, self.status.code()]);
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{ReadyForQuery, TransactionStatus};
    use crate::postgres::Error;

    #[test]
    fn bytes_both_ways() {
        let all = [
            (TransactionStatus::Idle, b"Z\0\0\0\x05I"),
            (TransactionStatus::InTransaction, b"Z\0\0\0\x05T"),
            (TransactionStatus::Failed, b"Z\0\0\0\x05E"),
        ];
        for (status, bytes) in all {
            let mut out = BytesMut::new();
            ReadyForQuery { status }.encode(&mut out);
            assert_eq!(&out[..], bytes);
            let body = Bytes::copy_from_slice(&bytes[5..]);
            assert_eq!(ReadyForQuery::decode(body), Ok(ReadyForQuery { status }));
        }
    }

    #[test]
    fn other_states_are_refused() {
        let error = Error::Kind {
            message: "ReadyForQuery",
            kind: b'X',
        };
        assert_eq!(ReadyForQuery::decode(Bytes::from_static(b"X")), Err(error));
        assert!(ReadyForQuery::decode(Bytes::new()).is_err());
        assert!(ReadyForQuery::decode(Bytes::from_static(b"II")).is_err());
    }
}
