//! ErrorResponse and NoticeResponse: one file, since only their type byte and
//! their meaning differ.

use bytes::{Bytes, BytesMut};

use super::Fields;
use crate::postgres::read::Reader;
use crate::postgres::{Error, write};

/// An error: the statement, or the session, has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorResponse {
    /// What and why.
    pub fields: Fields,
}

/// A warning or a remark; it may come at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeResponse {
    /// What and why.
    pub fields: Fields,
}

impl ErrorResponse {
    /// Type byte.
    pub const TAG: u8 = b'E';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout, or of far more fields than there are.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        read("ErrorResponse", body).map(|fields| Self { fields })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; [`Error::ZeroByte`] for the letter zero.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        let name = "ErrorResponse";
        write::message(name, Self::TAG, out, |body| self.fields.write(name, body))
    }
}

impl NoticeResponse {
    /// Type byte.
    pub const TAG: u8 = b'N';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout, or of far more fields than there are.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        read("NoticeResponse", body).map(|fields| Self { fields })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; [`Error::ZeroByte`] for the letter zero.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        let name = "NoticeResponse";
        write::message(name, Self::TAG, out, |body| self.fields.write(name, body))
    }
}

impl Fields {
    /// The fields of an error or notice of which only the beginning of the body
    /// is there: the last string may be cut off.
    ///
    /// # Errors
    /// What decoding a whole one says.
    pub fn decode_start(start: &[u8]) -> Result<Self, Error> {
        let mut body = BytesMut::from(start);
        if start.last() != Some(&0) {
            body.extend_from_slice(&[0]);
        }
        body.extend_from_slice(&[0]);
        read("ErrorResponse", body.freeze())
    }
}

fn read(message: &'static str, body: Bytes) -> Result<Fields, Error> {
    let mut input = Reader::new(message, body);
    let fields = Fields::read(message, &mut input)?;
    input.finish()?;
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{ErrorResponse, NoticeResponse};
    use crate::postgres::Error;
    use crate::postgres::backend::{Fields, Severity};
    use crate::postgres::testing::assert_wire;

    #[test]
    fn an_error() {
        let fields = Fields::new(Severity::Error, "42501", "denied").detail("d");
        assert_wire!(
            ErrorResponse,
            ErrorResponse { fields },
            b"E\0\0\0\x25SERROR\0VERROR\0C42501\0Mdenied\0Dd\0\0"
        );
    }

    #[test]
    fn a_notice_with_an_unknown_field() {
        let fields = Fields::new(Severity::Notice, "00000", "hello").with(b'?', "x");
        assert_wire!(
            NoticeResponse,
            NoticeResponse { fields },
            b"N\0\0\0\x26SNOTICE\0VNOTICE\0C00000\0Mhello\0?x\0\0"
        );
    }

    #[test]
    fn the_beginning_of_one_is_readable_wherever_it_ends() {
        let body = b"SERROR\0VERROR\0C42501\0Mdenied\0Dd\0";
        let whole = Fields::new(Severity::Error, "42501", "denied").detail("d");
        assert_eq!(Fields::decode_start(body), Ok(whole));
        for length in 1..body.len() {
            let start = Fields::decode_start(&body[..length]).unwrap();
            assert!(start.get(b'S').is_some());
        }
    }

    #[test]
    fn fields_are_bounded() {
        let mut body = b"Mx\0".repeat(65);
        body.push(0);
        let result = ErrorResponse::decode(Bytes::from(body));
        assert!(matches!(result, Err(Error::Count { limit: 64, .. })));
    }
}
