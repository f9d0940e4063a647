//! Bind: makes a portal of a prepared statement and parameters.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Formats, Text, write};

/// Name for errors.
const NAME: &str = "Bind";

/// Makes a portal that can be executed.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    /// Name of the portal; empty for the unnamed one.
    pub portal: Text,
    /// Name of the statement; empty for the unnamed one.
    pub statement: Text,
    /// Formats of the parameters: none, one, or one for each.
    pub parameter_formats: Formats,
    /// Parameters, `None` for NULL.
    pub parameters: Vec<Option<Bytes>>,
    /// Formats wanted for result columns. Only the server can tell whether there
    /// are as many as columns.
    pub result_formats: Formats,
}

impl Bind {
    /// Type byte.
    pub const TAG: u8 = b'B';

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout; [`Error::FormatCount`] as `exec_bind_message` of
    /// PostgreSQL has it.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let (portal, statement) = (input.text()?, input.text()?);
        let parameter_formats = Formats::read(&mut input)?;
        let count = input.count(4)?;
        parameter_formats.check(NAME, count)?;
        let parameters = (0..count)
            .map(|_| input.value())
            .collect::<Result<_, _>>()?;
        let result_formats = Formats::read(&mut input)?;
        input.finish()?;
        Ok(Self {
            portal,
            statement,
            parameter_formats,
            parameters,
            result_formats,
        })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`], [`Error::FormatCount`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        self.parameter_formats.check(NAME, self.parameters.len())?;
        write::message(NAME, Self::TAG, out, |body| {
            body.text(&self.portal)?;
            body.text(&self.statement)?;
            self.parameter_formats.write(body)?;
            body.count(self.parameters.len())?;
            for parameter in &self.parameters {
                body.value(parameter.as_deref())?;
            }
            self.result_formats.write(body)
        })
    }
}

/// Parameters may be secret: their number is shown, not they.
impl fmt::Debug for Bind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct(NAME)
            .field("portal", &self.portal)
            .field("statement", &self.statement)
            .field("parameter_formats", &self.parameter_formats)
            .field("parameters", &self.parameters.len())
            .field("result_formats", &self.result_formats)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Bind;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Format, Formats, Text};

    fn bind(parameter_formats: Formats, parameters: Vec<Option<Bytes>>) -> Bind {
        Bind {
            portal: Text::from("p"),
            statement: Text::from("s"),
            parameter_formats,
            parameters,
            result_formats: Formats::All(Format::Binary),
        }
    }

    #[test]
    fn no_formats_and_no_parameters() {
        assert_wire!(
            Bind,
            bind(Formats::Unspecified, vec![]),
            b"B\0\0\0\x10p\0s\0\0\0\0\0\0\x01\0\x01"
        );
    }

    #[test]
    fn a_format_for_each_an_empty_value_and_null() {
        let formats = Formats::Each(vec![Format::Text, Format::Binary, Format::Text]);
        let values = vec![
            Some(Bytes::new()),
            Some(Bytes::from_static(b"\0\x01")),
            None,
        ];
        assert_wire!(
            Bind,
            bind(formats, values),
            b"B\0\0\0\x24p\0s\0\0\x03\0\0\0\x01\0\0\0\x03\0\0\0\0\
              \0\0\0\x02\0\x01\xff\xff\xff\xff\0\x01\0\x01"
        );
    }

    #[test]
    fn formats_must_fit_the_parameters() {
        let error = Error::FormatCount {
            message: "Bind",
            formats: 2,
            values: 1,
        };
        let body = b"\0\0\0\x02\0\0\0\x01\0\x01\xff\xff\xff\xff\0\0";
        assert_eq!(Bind::decode(Bytes::from_static(body)), Err(error));

        let two = Formats::Each(vec![Format::Text; 2]);
        let mut out = bytes::BytesMut::new();
        assert_eq!(bind(two, vec![None]).encode(&mut out), Err(error));
        assert!(out.is_empty());
    }

    #[test]
    fn a_value_cannot_reach_beyond_the_body() {
        let body = Bytes::from_static(b"\0\0\0\0\0\x01\x7f\xff\xff\xffabc\0\0");
        let error = Error::UnexpectedEnd { message: "Bind" };
        assert_eq!(Bind::decode(body), Err(error));
    }

    #[test]
    fn debug_hides_parameters() {
        let message = bind(
            Formats::Unspecified,
            vec![Some(Bytes::from_static(b"secret"))],
        );
        assert!(!format!("{message:?}").contains("secret"));
    }
}
