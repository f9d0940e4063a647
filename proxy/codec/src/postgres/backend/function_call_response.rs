//! FunctionCallResponse: the result of a FunctionCall.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, write};

/// Name for errors.
const NAME: &str = "FunctionCallResponse";

/// A result.
#[derive(Clone, PartialEq, Eq)]
pub struct FunctionCallResponse {
    /// The value in the format that was asked for, `None` for NULL.
    pub value: Option<Bytes>,
}

impl FunctionCallResponse {
    /// Type byte.
    pub const TAG: u8 = b'V';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body that is not one value.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let value = input.value()?;
        input.finish()?;
        Ok(Self { value })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.value(self.value.as_deref())
        })
    }
}

impl fmt::Debug for FunctionCallResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.value.as_ref().map(Bytes::len);
        write!(out, "FunctionCallResponse({length:?} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::FunctionCallResponse;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn a_value_and_null() {
        let message = |value| FunctionCallResponse { value };
        assert_wire!(
            FunctionCallResponse,
            message(Some(Bytes::from_static(b"ab"))),
            b"V\0\0\0\x0a\0\0\0\x02ab"
        );
        assert_wire!(
            FunctionCallResponse,
            message(None),
            b"V\0\0\0\x08\xff\xff\xff\xff"
        );
    }
}
