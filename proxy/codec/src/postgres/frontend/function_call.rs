//! FunctionCall: calls a function by its object id, a remnant of the past.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Format, Formats, write};

/// Name for errors.
const NAME: &str = "FunctionCall";

/// Calls a function.
#[derive(Clone, PartialEq, Eq)]
pub struct FunctionCall {
    /// Object id of the function.
    pub function: u32,
    /// Formats of the arguments: none, one, or one for each.
    pub argument_formats: Formats,
    /// Arguments, `None` for NULL.
    pub arguments: Vec<Option<Bytes>>,
    /// Format wanted for the result.
    pub result_format: Format,
}

impl FunctionCall {
    /// Type byte.
    pub const TAG: u8 = b'F';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout; [`Error::FormatCount`].
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let function = input.u32()?;
        let argument_formats = Formats::read(&mut input)?;
        let count = input.count(4)?;
        argument_formats.check(NAME, count)?;
        let arguments = (0..count)
            .map(|_| input.value())
            .collect::<Result<_, _>>()?;
        let result_format = input.format()?;
        input.finish()?;
        Ok(Self {
            function,
            argument_formats,
            arguments,
            result_format,
        })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::FormatCount`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        self.argument_formats.check(NAME, self.arguments.len())?;
        write::message(NAME, Self::TAG, out, |body| {
            body.u32(self.function);
            self.argument_formats.write(body)?;
            body.count(self.arguments.len())?;
            for argument in &self.arguments {
                body.value(argument.as_deref())?;
            }
            body.format(self.result_format);
            Ok(())
        })
    }
}

/// Arguments may be secret: their number is shown, not they.
impl fmt::Debug for FunctionCall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct(NAME)
            .field("function", &self.function)
            .field("argument_formats", &self.argument_formats)
            .field("arguments", &self.arguments.len())
            .field("result_format", &self.result_format)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::FunctionCall;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Format, Formats};

    #[test]
    fn bytes_both_ways() {
        let message = FunctionCall {
            function: 1598,
            argument_formats: Formats::All(Format::Text),
            arguments: vec![Some(Bytes::from_static(b"1")), None],
            result_format: Format::Binary,
        };
        assert_wire!(
            FunctionCall,
            message,
            b"F\0\0\0\x19\0\0\x06\x3e\0\x01\0\0\0\x02\0\0\0\x011\xff\xff\xff\xff\0\x01"
        );
    }
}
