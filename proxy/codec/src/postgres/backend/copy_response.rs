//! CopyInResponse, CopyOutResponse and CopyBothResponse: one file, since only
//! their type byte and the stream's direction differ.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Format, write};

/// Defines one of the three.
macro_rules! copy_response {
    ($(#[$doc:meta])* $name:ident, $tag:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            /// Format of the stream: lines of text (also CSV), or PostgreSQL's binary
            /// COPY format.
            pub format: Format,
            /// Formats of the columns, from which their number is known.
            pub columns: Vec<Format>,
        }

        impl $name {
            /// Type byte.
            pub const TAG: u8 = $tag;

            /// Decodes a body.
            ///
            /// # Errors
            /// A body of another layout; [`Error::Kind`] for an unknown format.
            pub fn decode(body: Bytes) -> Result<Self, Error> {
                let (format, columns) = read(stringify!($name), body)?;
                Ok(Self { format, columns })
            }

            /// Appends the message.
            ///
            /// # Errors
            /// [`Error::TooLarge`].
            pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
                write::message(stringify!($name), Self::TAG, out, |body| {
                    body.u8(u8::from(self.format == Format::Binary));
                    body.count(self.columns.len())?;
                    self.columns.iter().for_each(|format| body.format(*format));
                    Ok(())
                })
            }
        }
    };
}

copy_response!(
    /// The client is to send the stream, ended by CopyDone or CopyFail.
    CopyInResponse,
    b'G'
);

copy_response!(
    /// The server sends the stream, ended by CopyDone.
    CopyOutResponse,
    b'H'
);

copy_response!(
    /// Both send a stream; only replication does that.
    CopyBothResponse,
    b'W'
);

fn read(message: &'static str, body: Bytes) -> Result<(Format, Vec<Format>), Error> {
    let mut input = Reader::new(message, body);
    let kind = input.u8()?;
    let format = Format::from_code(i16::from(kind)).ok_or(Error::Kind { message, kind })?;
    let columns = (0..input.count(2)?)
        .map(|_| input.format())
        .collect::<Result<_, _>>()?;
    input.finish()?;
    Ok((format, columns))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{CopyBothResponse, CopyInResponse, CopyOutResponse};
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Format};

    #[test]
    fn bytes_both_ways() {
        let text = CopyInResponse {
            format: Format::Text,
            columns: vec![Format::Text; 2],
        };
        assert_wire!(CopyInResponse, text, b"G\0\0\0\x0b\0\0\x02\0\0\0\0");
        let binary = CopyOutResponse {
            format: Format::Binary,
            columns: vec![Format::Binary],
        };
        assert_wire!(CopyOutResponse, binary, b"H\0\0\0\x09\x01\0\x01\0\x01");
        let both = CopyBothResponse {
            format: Format::Text,
            columns: vec![],
        };
        assert_wire!(CopyBothResponse, both, b"W\0\0\0\x07\0\0\0");
    }

    #[test]
    fn there_is_no_third_format() {
        let error = Error::Kind {
            message: "CopyInResponse",
            kind: 2,
        };
        let body = Bytes::from_static(b"\x02\0\0");
        assert_eq!(CopyInResponse::decode(body), Err(error));
    }
}
