//! Authentication: what the server asks of the client before a session begins.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Name for errors.
const NAME: &str = "Authentication";

/// Mechanisms that one offer may name; PostgreSQL 18 names two.
const MAX_MECHANISMS: usize = 32;

/// An authentication request.
#[derive(Clone, PartialEq, Eq)]
pub enum Authentication {
    /// AuthenticationOk: nothing more is asked.
    Ok,
    /// Asks for the password itself.
    CleartextPassword,
    /// Asks for the MD5 hash of the password, the user and a salt.
    Md5Password {
        /// Salt, to be hashed last.
        salt: [u8; 4],
    },
    /// Asks for a SASL exchange.
    Sasl {
        /// Mechanisms to choose from, the server's favourite first.
        mechanisms: Vec<Text>,
    },
    /// Goes on with a SASL exchange.
    SaslContinue {
        /// The mechanism's message.
        data: Bytes,
    },
    /// Ends a SASL exchange; AuthenticationOk follows.
    SaslFinal {
        /// The mechanism's message.
        data: Bytes,
    },
}

impl Authentication {
    /// Type byte.
    pub const TAG: u8 = b'R';

    /// Decodes a body.
    ///
    /// # Errors
    /// [`Error::UnsupportedAuthentication`] for Kerberos, GSSAPI, SSPI and what is
    /// to come; a body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let request = match input.i32()? {
            0 => Self::Ok,
            3 => Self::CleartextPassword,
            5 => Self::Md5Password {
                salt: input.u32()?.to_be_bytes(),
            },
            10 => Self::Sasl {
                mechanisms: mechanisms(&mut input)?,
            },
            11 => Self::SaslContinue { data: input.rest() },
            12 => Self::SaslFinal { data: input.rest() },
            code => return Err(Error::UnsupportedAuthentication { code }),
        };
        input.finish()?;
        Ok(request)
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.i32(self.code());
            match self {
                Self::Ok | Self::CleartextPassword => {}
                Self::Md5Password { salt } => body.bytes(salt),
                Self::Sasl { mechanisms } => {
                    for mechanism in mechanisms {
                        body.text(mechanism)?;
                    }
                    body.u8(0);
                }
                Self::SaslContinue { data } | Self::SaslFinal { data } => body.bytes(data),
            }
            Ok(())
        })
    }

    fn code(&self) -> i32 {
        match self {
            Self::Ok => 0,
            Self::CleartextPassword => 3,
            Self::Md5Password { .. } => 5,
            Self::Sasl { .. } => 10,
            Self::SaslContinue { .. } => 11,
            Self::SaslFinal { .. } => 12,
        }
    }
}

/// Exchanged data may be secret and is not shown.
impl fmt::Debug for Authentication {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ok => "AuthenticationOk",
            Self::CleartextPassword => "AuthenticationCleartextPassword",
            Self::Md5Password { .. } => "AuthenticationMD5Password",
            Self::Sasl { .. } => "AuthenticationSASL",
            Self::SaslContinue { .. } => "AuthenticationSASLContinue",
            Self::SaslFinal { .. } => "AuthenticationSASLFinal",
        })
    }
}

fn mechanisms(input: &mut Reader) -> Result<Vec<Text>, Error> {
    let mut mechanisms = Vec::new();
    loop {
        let mechanism = input.text()?;
        if mechanism.is_empty() {
            return Ok(mechanisms);
        }
        if mechanisms.len() == MAX_MECHANISMS {
            return Err(Error::Count {
                message: NAME,
                count: MAX_MECHANISMS as i64 + 1,
                limit: MAX_MECHANISMS,
            });
        }
        mechanisms.push(mechanism);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Authentication;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{Error, Text};

    #[test]
    fn ok_and_cleartext_and_md5() {
        assert_wire!(Authentication, Authentication::Ok, b"R\0\0\0\x08\0\0\0\0");
        assert_wire!(
            Authentication,
            Authentication::CleartextPassword,
            b"R\0\0\0\x08\0\0\0\x03"
        );
        assert_wire!(
            Authentication,
            Authentication::Md5Password { salt: *b"salt" },
            b"R\0\0\0\x0c\0\0\0\x05salt"
        );
    }

    #[test]
    fn sasl() {
        let mechanisms = vec![
            Text::from("SCRAM-SHA-256-PLUS"),
            Text::from("SCRAM-SHA-256"),
        ];
        assert_wire!(
            Authentication,
            Authentication::Sasl { mechanisms },
            b"R\0\0\0\x2a\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"
        );
        let data = Bytes::from_static(b"r=x");
        assert_wire!(
            Authentication,
            Authentication::SaslContinue { data: data.clone() },
            b"R\0\0\0\x0b\0\0\0\x0br=x"
        );
        assert_wire!(
            Authentication,
            Authentication::SaslFinal { data },
            b"R\0\0\0\x0b\0\0\0\x0cr=x"
        );
    }

    #[test]
    fn others_are_unsupported() {
        let error = Error::UnsupportedAuthentication { code: 7 };
        let body = Bytes::from_static(b"\0\0\0\x07");
        assert_eq!(Authentication::decode(body), Err(error));
    }

    #[test]
    fn mechanisms_are_bounded() {
        let mut body = b"\0\0\0\x0a".to_vec();
        body.extend(b"X\0".repeat(33));
        body.push(0);
        let result = Authentication::decode(Bytes::from(body));
        assert!(matches!(result, Err(Error::Count { limit: 32, .. })));
    }
}
