//! PasswordMessage, SASLInitialResponse and SASLResponse: one file, since they
//! share a type byte and only the request they answer tells them apart.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, Text, write};

/// Answer to an authentication request, not taken apart yet.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticationResponse {
    /// The body.
    pub body: Bytes,
}

/// A password in clear text, or its MD5 response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordMessage {
    /// The password.
    pub password: Text,
}

/// Begins a SASL exchange.
#[derive(Clone, PartialEq, Eq)]
pub struct SaslInitialResponse {
    /// Mechanism chosen from those offered.
    pub mechanism: Text,
    /// The mechanism's first message, if it begins with the client.
    pub data: Option<Bytes>,
}

/// Goes on with a SASL exchange.
#[derive(Clone, PartialEq, Eq)]
pub struct SaslResponse {
    /// The mechanism's message.
    pub data: Bytes,
}

impl AuthenticationResponse {
    /// Type byte.
    pub const TAG: u8 = b'p';

    /// Decodes a body; all of it is taken as it is.
    ///
    /// # Errors
    /// None; the signature is that of every message.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        Ok(Self { body })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message("AuthenticationResponse", Self::TAG, out, |body| {
            body.bytes(&self.body);
            Ok(())
        })
    }

    /// The answer to AuthenticationCleartextPassword or AuthenticationMD5Password.
    ///
    /// # Errors
    /// A body that is not one string.
    pub fn password(&self) -> Result<PasswordMessage, Error> {
        PasswordMessage::decode(self.body.clone())
    }

    /// The answer to AuthenticationSASL.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn sasl_initial_response(&self) -> Result<SaslInitialResponse, Error> {
        SaslInitialResponse::decode(self.body.clone())
    }

    /// The answer to AuthenticationSASLContinue.
    pub fn sasl_response(&self) -> SaslResponse {
        SaslResponse {
            data: self.body.clone(),
        }
    }
}

impl PasswordMessage {
    /// Type byte.
    pub const TAG: u8 = AuthenticationResponse::TAG;

    /// Decodes a body.
    ///
    /// # Errors
    /// A body that is not one string.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new("PasswordMessage", body);
        let password = input.text()?;
        input.finish()?;
        Ok(Self { password })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message("PasswordMessage", Self::TAG, out, |body| {
            body.text(&self.password)
        })
    }
}

impl SaslInitialResponse {
    /// Type byte.
    pub const TAG: u8 = AuthenticationResponse::TAG;

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new("SASLInitialResponse", body);
        let (mechanism, data) = (input.text()?, input.value()?);
        input.finish()?;
        Ok(Self { mechanism, data })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message("SASLInitialResponse", Self::TAG, out, |body| {
            body.text(&self.mechanism)?;
            body.value(self.data.as_deref())
        })
    }
}

impl SaslResponse {
    /// Type byte.
    pub const TAG: u8 = AuthenticationResponse::TAG;

    /// Decodes a body; all of it is the mechanism's.
    ///
    /// # Errors
    /// None; the signature is that of every message.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        Ok(Self { data: body })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message("SASLResponse", Self::TAG, out, |body| {
            body.bytes(&self.data);
            Ok(())
        })
    }
}

impl fmt::Debug for AuthenticationResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AuthenticationResponse({} bytes)", self.body.len())
    }
}

impl fmt::Debug for SaslInitialResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.data.as_ref().map(Bytes::len);
        write!(out, "SaslInitialResponse({length:?} bytes)")
    }
}

impl fmt::Debug for SaslResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SaslResponse({} bytes)", self.data.len())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{AuthenticationResponse, PasswordMessage, SaslInitialResponse, SaslResponse};
    use crate::postgres::Text;
    use crate::postgres::testing::assert_wire;

    #[test]
    fn password() {
        let password = Text::from("secret");
        let message = PasswordMessage { password };
        assert_wire!(PasswordMessage, message, b"p\0\0\0\x0bsecret\0");
    }

    #[test]
    fn sasl_with_and_without_a_first_message() {
        let message = |data| SaslInitialResponse {
            mechanism: Text::from("SCRAM-SHA-256"),
            data,
        };
        assert_wire!(
            SaslInitialResponse,
            message(Some(Bytes::from_static(b"n,,"))),
            b"p\0\0\0\x19SCRAM-SHA-256\0\0\0\0\x03n,,"
        );
        assert_wire!(
            SaslInitialResponse,
            message(None),
            b"p\0\0\0\x16SCRAM-SHA-256\0\xff\xff\xff\xff"
        );
        let data = Bytes::from_static(b"c=biws");
        assert_wire!(SaslResponse, SaslResponse { data }, b"p\0\0\0\x0ac=biws");
    }

    #[test]
    fn the_request_tells_what_it_is() {
        let raw = |bytes: &'static [u8]| AuthenticationResponse {
            body: Bytes::from_static(bytes),
        };
        assert_eq!(raw(b"pw\0").password().unwrap().password, "pw");
        assert!(raw(b"pw\0x").password().is_err());
        assert!(raw(b"X\0\0\0\0\0").sasl_initial_response().is_ok());
        assert_eq!(&raw(b"abc").sasl_response().data[..], b"abc");
        assert!(!format!("{:?}", raw(b"secret")).contains("secret"));
    }
}
