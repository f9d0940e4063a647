//! StartupMessage: who connects, to which database, with which settings.

use bytes::{Bytes, BytesMut};

use crate::postgres::read::Reader;
use crate::postgres::{Error, ProtocolVersion, Text, write};

/// Name for errors.
const NAME: &str = "StartupMessage";

/// Names of parameters that begin so are options of the protocol itself; all
/// others but `user`, `database`, `options` and `replication` are settings.
const PROTOCOL_OPTION: &[u8] = b"_pq_.";

/// Begins a session. It always names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupMessage {
    version: ProtocolVersion,
    user: Text,
    parameters: Vec<(Text, Text)>,
}

impl StartupMessage {
    /// A message with `user` as its first parameter.
    pub fn new(version: ProtocolVersion, user: Text) -> Self {
        Self {
            version,
            parameters: vec![(Text::from("user"), user.clone())],
            user,
        }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        let (name, value) = (name.into(), value.into());
        if name == "user" {
            self.user = value.clone();
        }
        self.parameters.push((name, value));
        self
    }

    /// Version asked for; its major part is 3.
    pub fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// User, never empty.
    pub fn user(&self) -> &Text {
        &self.user
    }

    /// Database; the user's name where none, or an empty one, is given.
    pub fn database(&self) -> &Text {
        self.get("database")
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.user)
    }

    /// Names and values in the order in which they came.
    pub fn parameters(&self) -> &[(Text, Text)] {
        &self.parameters
    }

    /// Value of a parameter; of several with one name the last counts, as in
    /// PostgreSQL.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.parameters
            .iter()
            .rev()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// Names of the protocol options asked for (`_pq_.` ...). There is none yet
    /// that a server knows, so all of them belong into a NegotiateProtocolVersion.
    pub fn protocol_options(&self) -> impl Iterator<Item = &Text> {
        self.parameters
            .iter()
            .map(|(name, _)| name)
            .filter(|name| name.as_bytes().starts_with(PROTOCOL_OPTION))
    }

    /// True if the connection is to be a replication one: `replication` is
    /// `database`, true, or anything that PostgreSQL does not read as false.
    pub fn is_replication(&self) -> bool {
        self.get("replication").is_some_and(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            let no: [&[u8]; 10] = [
                b"f", b"fa", b"fal", b"fals", b"false", b"n", b"no", b"of", b"off", b"0",
            ];
            !no.contains(&value.as_slice())
        })
    }

    pub(super) fn decode(version: ProtocolVersion, body: Bytes) -> Result<Self, Error> {
        let mut input = Reader::new(NAME, body);
        let mut parameters = Vec::new();
        loop {
            let name = input.text()?;
            if name.is_empty() {
                break;
            }
            parameters.push((name, input.text()?));
        }
        input.finish()?;
        let user = parameters
            .iter()
            .rev()
            .find(|(name, _)| *name == "user")
            .map(|(_, user)| user.clone())
            .filter(|user| !user.is_empty())
            .ok_or(Error::MissingUser)?;
        Ok(Self {
            version,
            user,
            parameters,
        })
    }

    /// Appends the packet.
    ///
    /// # Errors
    /// [`Error::ZeroByte`]; [`Error::MissingUser`] if the user is empty.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        if self.user.is_empty() {
            return Err(Error::MissingUser);
        }
        write::packet(NAME, out, |body| {
            body.u32(self.version.code());
            for (name, value) in &self.parameters {
                body.text(name)?;
                body.text(value)?;
            }
            body.u8(0);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::StartupMessage;
    use crate::postgres::startup::{Startup, decode};
    use crate::postgres::{Error, ProtocolVersion, Text};

    fn body(bytes: &'static [u8]) -> Result<StartupMessage, Error> {
        StartupMessage::decode(ProtocolVersion::V3_0, Bytes::from_static(bytes))
    }

    #[test]
    fn bytes_both_ways() {
        let message = StartupMessage::new(ProtocolVersion::V3_2, Text::from("ann"))
            .with("database", "billing")
            .with("_pq_.x", "1");
        let mut out = BytesMut::new();
        message.encode(&mut out).unwrap();
        assert_eq!(
            &out[..],
            b"\0\0\0\x2c\0\x03\0\x02user\0ann\0database\0billing\0_pq_.x\x001\0\0"
        );
        let decoded = decode(&mut out).unwrap().unwrap();
        assert_eq!(decoded, Startup::StartupMessage(message));
    }

    #[test]
    fn the_database_defaults_to_the_user() {
        assert_eq!(body(b"user\0ann\0\0").unwrap().database(), "ann");
        let empty = body(b"user\0ann\0database\0\0\0").unwrap();
        assert_eq!(empty.database(), "ann");
    }

    #[test]
    fn the_last_of_one_name_counts() {
        let message = body(b"user\0ann\0user\0bob\0\0").unwrap();
        assert_eq!(message.user(), "bob");
        assert_eq!(message.parameters().len(), 2);
    }

    #[test]
    fn a_user_is_required() {
        assert_eq!(body(b"\0"), Err(Error::MissingUser));
        assert_eq!(body(b"user\0\0\0"), Err(Error::MissingUser));
        let empty = StartupMessage::new(ProtocolVersion::V3_0, Text::default());
        let mut out = BytesMut::new();
        assert_eq!(empty.encode(&mut out), Err(Error::MissingUser));
        assert!(out.is_empty());
    }

    #[test]
    fn options_and_replication_are_noticed() {
        let message = body(b"user\0a\0_pq_.a\x001\0_pq_.b\x002\0\0").unwrap();
        let options: Vec<_> = message.protocol_options().cloned().collect();
        assert_eq!(options, [Text::from("_pq_.a"), Text::from("_pq_.b")]);

        assert!(!message.is_replication());
        assert!(
            body(b"user\0a\0replication\0database\0\0")
                .unwrap()
                .is_replication()
        );
        assert!(
            body(b"user\0a\0replication\x001\0\0")
                .unwrap()
                .is_replication()
        );
        assert!(
            !body(b"user\0a\0replication\0OFF\0\0")
                .unwrap()
                .is_replication()
        );
    }

    #[test]
    fn the_layout_is_checked() {
        let unterminated = Error::Unterminated {
            message: "StartupMessage",
        };
        assert_eq!(body(b""), Err(unterminated));
        assert_eq!(body(b"user\0ann"), Err(unterminated));
        assert_eq!(body(b"user\0ann\0"), Err(unterminated));
        let trailing = Error::TrailingBytes {
            message: "StartupMessage",
            count: 1,
        };
        assert_eq!(body(b"user\0ann\0\0x"), Err(trailing));
    }
}
