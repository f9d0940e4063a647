//! NegotiateProtocolVersion: the server speaks an older minor version than asked
//! for, or does not know some options.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::startup::StartupMessage;
use crate::postgres::{Error, ProtocolVersion, Text, write};

/// Name for errors.
const NAME: &str = "NegotiateProtocolVersion";

/// Sent before the authentication; the client goes on or gives up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NegotiateProtocolVersion {
    /// Newest version that the server speaks, of the major version asked for.
    pub version: ProtocolVersion,
    /// Options asked for that it does not know.
    pub unrecognized: Vec<Text>,
}

impl NegotiateProtocolVersion {
    /// Type byte.
    pub const TAG: u8 = b'v';

    /// The answer to `startup` of a server that speaks up to `newest` and knows no
    /// protocol option; `None` where none is needed.
    pub fn answer(startup: &StartupMessage, newest: ProtocolVersion) -> Option<Self> {
        let unrecognized: Vec<_> = startup.protocol_options().cloned().collect();
        if startup.version() <= newest && unrecognized.is_empty() {
            return None;
        }
        Some(Self {
            version: startup.version().min(newest),
            unrecognized,
        })
    }

    /// Decodes a body.
    ///
    /// # Errors
    /// A body of another layout.
    pub fn decode(body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let version = ProtocolVersion::from_code(input.u32()?);
        let unrecognized = (0..input.count32(1)?)
            .map(|_| input.text())
            .collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self {
            version,
            unrecognized,
        })
    }

    /// Appends the message.
    ///
    /// # Errors
    /// [`Error::ZeroByte`], [`Error::TooLarge`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        write::message(NAME, Self::TAG, out, |body| {
            body.u32(self.version.code());
            body.count32(self.unrecognized.len())?;
            self.unrecognized
                .iter()
                .try_for_each(|name| body.text(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::NegotiateProtocolVersion;
    use crate::postgres::startup::StartupMessage;
    use crate::postgres::testing::assert_wire;
    use crate::postgres::{ProtocolVersion, Text};

    #[test]
    fn bytes_both_ways() {
        let message = NegotiateProtocolVersion {
            version: ProtocolVersion::V3_0,
            unrecognized: vec![Text::from("_pq_.x")],
        };
        assert_wire!(
            NegotiateProtocolVersion,
            message,
            b"v\0\0\0\x13\0\x03\0\0\0\0\0\x01_pq_.x\0"
        );
    }

    #[test]
    fn counts_are_held_against_the_body() {
        for count in [b"\xff\xff\xff\xff", b"\0\0\0\x02"] {
            let body = [b"\0\x03\0\0", &count[..], b"\0"].concat();
            assert!(NegotiateProtocolVersion::decode(Bytes::from(body)).is_err());
        }
    }

    #[test]
    fn an_answer_only_where_it_is_needed() {
        let startup = |minor| {
            let version = ProtocolVersion { major: 3, minor };
            StartupMessage::new(version, Text::from("ann"))
        };
        let answer = |startup| NegotiateProtocolVersion::answer(&startup, ProtocolVersion::V3_2);
        assert_eq!(answer(startup(0)), None);
        assert_eq!(answer(startup(2)), None);
        // Clients of PostgreSQL 19 ask for 3.9999 to see servers that fail at it.
        let newer = answer(startup(9999)).unwrap();
        assert_eq!(newer.version, ProtocolVersion::V3_2);
        let option = answer(startup(0).with("_pq_.x", "1")).unwrap();
        assert_eq!(option.version, ProtocolVersion::V3_0);
        assert_eq!(option.unrecognized, [Text::from("_pq_.x")]);
    }
}
