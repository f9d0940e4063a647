//! OAUTHBEARER's initial client response (RFC 7628, section 3.1): what a client
//! sends inside SASLInitialResponse, or in the SASLResponse that stands for it.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::postgres::Text;

/// What separates the parts of the message.
const SEPARATOR: u8 = 1;

/// The authentication scheme, in any case (RFC 6750, section 2.1).
const SCHEME: &[u8] = b"Bearer ";

/// What a client presents.
#[derive(Clone, PartialEq, Eq)]
pub enum OauthBearer {
    /// A bearer token, of the characters that one may have.
    Token(Text),
    /// No token: the client asks for what it needs to get one (section 4.3).
    Discovery,
}

/// Why a message is none of OAUTHBEARER. Never quotes it: it may hold a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OauthBearerError {
    /// It does not begin as GS2 has it (RFC 5801, section 4).
    #[error("it does not begin with a GS2 header")]
    Header,
    /// It binds to the channel, which the mechanism cannot.
    #[error("channel binding is not supported")]
    ChannelBinding,
    /// It wants to act as somebody else.
    #[error("an authorization identity is not supported")]
    AuthorizationIdentity,
    /// A pair, or the list of them, is not ended.
    #[error("it ends too early")]
    Unterminated,
    /// It goes on behind its end.
    #[error("it goes on behind its end")]
    Trailing,
    /// A pair that is no `key=value` of the characters that these may have.
    #[error("it has a malformed key or value")]
    Pair,
    /// There is no `auth`, or more than one.
    #[error("it has to have one \"auth\"")]
    Auth,
    /// What `auth` has is no bearer token.
    #[error("\"auth\" holds no bearer token")]
    NotBearer,
}

impl OauthBearer {
    /// The name of the mechanism.
    pub const MECHANISM: &'static str = "OAUTHBEARER";

    /// What a client answers to a failure, and nothing else (section 3.2.3).
    pub const DUMMY: &'static [u8] = &[SEPARATOR];

    /// Decodes the message. Keys other than `auth` are ignored, as section 3.1 asks.
    ///
    /// # Errors
    /// [`OauthBearerError`].
    pub fn decode(data: &Bytes) -> Result<Self, OauthBearerError> {
        let mut rest = match data.as_ref() {
            [b'n' | b'y', b',', b',', SEPARATOR, pairs @ ..] => pairs,
            [b'p', ..] => return Err(OauthBearerError::ChannelBinding),
            [b'n' | b'y', b',', b'a', ..] => return Err(OauthBearerError::AuthorizationIdentity),
            _ => return Err(OauthBearerError::Header),
        };
        let mut auth = None;
        loop {
            let (pair, behind) = cut(rest, SEPARATOR).ok_or(OauthBearerError::Unterminated)?;
            rest = behind;
            if pair.is_empty() {
                break;
            }
            let (key, value) = cut(pair, b'=').ok_or(OauthBearerError::Pair)?;
            if key.is_empty()
                || !key.iter().all(u8::is_ascii_alphabetic)
                || !value.iter().all(printed)
            {
                return Err(OauthBearerError::Pair);
            }
            if key == b"auth" && auth.replace(value).is_some() {
                return Err(OauthBearerError::Auth);
            }
        }
        if !rest.is_empty() {
            return Err(OauthBearerError::Trailing);
        }
        match auth.ok_or(OauthBearerError::Auth)? {
            [] => Ok(Self::Discovery),
            auth => {
                let token = token(auth).ok_or(OauthBearerError::NotBearer)?;
                Ok(Self::Token(Text::from(data.slice_ref(token))))
            }
        }
    }

    /// The message, as libpq has it.
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::from(&b"n,,\x01auth="[..]);
        if let Self::Token(token) = self {
            out.extend_from_slice(SCHEME);
            out.extend_from_slice(token.as_bytes());
        }
        out.extend_from_slice(&[SEPARATOR, SEPARATOR]);
        out.freeze()
    }
}

/// Shows nothing of a token.
impl fmt::Debug for OauthBearer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Token(_) => "OauthBearer::Token",
            Self::Discovery => "OauthBearer::Discovery",
        })
    }
}

/// What is before and what is behind the first `separator`.
fn cut(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let (before, behind) = bytes.split_at(memchr::memchr(separator, bytes)?);
    Some((before, behind.get(1..)?))
}

/// True for what a value may have: VCHAR, SP, HTAB, CR and LF.
fn printed(byte: &u8) -> bool {
    byte.is_ascii_graphic() || b" \t\r\n".contains(byte)
}

/// The token of `Bearer` credentials: `b64token` of RFC 6750, section 2.1.
fn token(auth: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = auth.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let token = token.trim_ascii_start();
    let end = token.iter().rposition(|byte| *byte != b'=')?;
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    token.get(..=end)?.iter().all(allowed).then_some(token)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{OauthBearer, OauthBearerError as E};
    use crate::postgres::Text;

    fn decode(message: &'static [u8]) -> Result<OauthBearer, E> {
        OauthBearer::decode(&Bytes::from_static(message))
    }

    fn token(token: &'static str) -> Result<OauthBearer, E> {
        Ok(OauthBearer::Token(Text::from(token)))
    }

    #[test]
    fn as_libpq_sends_it() {
        let message = OauthBearer::Token(Text::from("a.b-c="));
        assert_eq!(&message.encode()[..], b"n,,\x01auth=Bearer a.b-c=\x01\x01");
        assert_eq!(OauthBearer::decode(&message.encode()), Ok(message));
        assert_eq!(
            &OauthBearer::Discovery.encode()[..],
            b"n,,\x01auth=\x01\x01"
        );
        assert_eq!(decode(b"n,,\x01auth=\x01\x01"), Ok(OauthBearer::Discovery));
    }

    #[test]
    fn as_others_may_send_it() {
        let full = b"y,,\x01host=db.example.com\x01port=5432\x01auth=bEARER   x\x01new=a=b\x01\x01";
        assert_eq!(decode(full), token("x"));
        assert_eq!(
            decode(b"n,,\x01auth=Bearer a/b+c~==\x01\x01"),
            token("a/b+c~==")
        );
    }

    #[test]
    fn what_is_malformed_is_told_without_being_quoted() {
        let cases: [(&[u8], E); 22] = [
            (b"", E::Header),
            (b"\x01", E::Header),
            (b"n,,", E::Header),
            (b"x,,\x01auth=\x01\x01", E::Header),
            (b"n,,auth=\x01\x01", E::Header),
            (b"p=tls-exporter,,\x01auth=\x01\x01", E::ChannelBinding),
            (b"n,a=admin,\x01auth=\x01\x01", E::AuthorizationIdentity),
            (b"n,,\x01", E::Unterminated),
            (b"n,,\x01auth=Bearer x", E::Unterminated),
            (b"n,,\x01auth=Bearer x\x01", E::Unterminated),
            (b"n,,\x01\x01", E::Auth),
            (b"n,,\x01host=x\x01\x01", E::Auth),
            (b"n,,\x01auth=\x01auth=Bearer x\x01\x01", E::Auth),
            (b"n,,\x01auth=\x01\x01x", E::Trailing),
            (b"n,,\x01auth\x01\x01", E::Pair),
            (b"n,,\x01=x\x01\x01", E::Pair),
            (b"n,,\x01a1=x\x01\x01", E::Pair),
            (b"n,,\x01auth=Bearer \xff\x01\x01", E::Pair),
            (b"n,,\x01auth=Bearer x\0\x01\x01", E::Pair),
            (b"n,,\x01auth=Basic eDp5\x01\x01", E::NotBearer),
            (b"n,,\x01auth=Bearer \x01\x01", E::NotBearer),
            (b"n,,\x01auth=Bearer a=b\x01\x01", E::NotBearer),
        ];
        for (message, error) in cases {
            assert_eq!(decode(message), Err(error), "{}", message.escape_ascii());
        }
        assert!(!format!("{:?}", token("secret")).contains("secret"));
    }
}
