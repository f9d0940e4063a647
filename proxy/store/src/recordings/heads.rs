//! `heads.jsonl`: signed statements about segments, chained among themselves.
//!
//! ```text
//! {"seq":4,"prev":"<SHA-256 of the line before>","time":…,"key":"…","kind":"head",
//!  "segment":"w0-00000001","n":17,"hash":"…","closed":false,"sig":"<Ed25519>"}
//! ```
//!
//! The signature covers every byte of the line before it. Whoever keeps one
//! line elsewhere can tell whether the log, and with it every segment it speaks
//! of, is still the one that line was part of. So no line ever leaves the log,
//! not with the segment that it speaks of either: a head kept elsewhere is looked
//! up by its place, and a log that begins later could hide what was put back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::chain::Hash;
use super::error::Error;
use super::key::{PublicKey, SigningKey};

/// Name of the log in its directory.
pub(super) const FILE: &str = "heads.jsonl";
/// Longest line.
pub(super) const MAX_ENTRY: usize = 4096;
/// Separates these signatures from any other use of the key.
const DOMAIN: &[u8] = b"narrowgate-heads-v1\n";
/// What precedes the signature.
const BEFORE: &str = ",\"sig\":\"";
/// What follows it.
const AFTER: &str = "\"}";

/// One line of the log, signature checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the log, from 0.
    pub seq: u64,
    /// Hash of the line before.
    pub prev: Hash,
    /// When it was signed, in microseconds since the Unix epoch.
    pub time: u64,
    /// Id of the key.
    pub key: String,
    /// What it says.
    pub kind: Kind,
    /// The line itself, without line feed.
    line: String,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A segment has this line.
    Head(Head),
    /// A segment is gone on purpose.
    Tombstone(Tombstone),
}

/// A segment has this line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The segment.
    pub segment: String,
    /// The line.
    pub n: u64,
    /// Its hash.
    pub hash: Hash,
    /// Whether nothing follows it in the segment.
    pub closed: bool,
}

/// A segment is gone on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The segment.
    pub segment: String,
    /// Hash of its first line.
    pub first: Hash,
    /// Hash of its last line.
    pub last: Hash,
    /// Number of its last line.
    pub n: u64,
    /// Time of its first line.
    pub start: u64,
    /// Time of its last line.
    pub end: u64,
    /// Why it was removed.
    pub reason: String,
}

/// The signed part of a line.
#[derive(Serialize, Deserialize)]
struct Content {
    seq: u64,
    prev: Hash,
    time: u64,
    key: String,
    #[serde(flatten)]
    kind: Kind,
}

impl Entry {
    /// Signs an entry.
    pub(super) fn sign(
        key: &SigningKey,
        seq: u64,
        prev: Hash,
        time: u64,
        kind: Kind,
    ) -> Result<Self, Error> {
        let content = Content {
            seq,
            prev,
            time,
            key: key.public().id(),
            kind,
        };
        let mut line = serde_json::to_string(&content)?;
        line.pop();
        let signature = key.sign(&message(&line));
        line.push_str(BEFORE);
        line.push_str(&hex::encode(signature));
        line.push_str(AFTER);
        Ok(Self::new(content, line))
    }

    /// Reads a line (without line feed) and checks its signature under one of
    /// `keys`.
    ///
    /// # Errors
    /// [`Error::NotAHead`].
    pub fn parse(line: &str, keys: &[PublicKey]) -> Result<Self, Error> {
        if line.len() > MAX_ENTRY {
            return Err(Error::NotAHead("too long"));
        }
        let (signed, signature) = line
            .strip_suffix(AFTER)
            .and_then(|rest| rest.rsplit_once(BEFORE))
            .ok_or(Error::NotAHead("no signature"))?;
        let bytes = hex::decode(signature).map_err(|_| Error::NotAHead("no signature"))?;
        if signature.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(Error::NotAHead("no signature"));
        }
        let content: Content =
            serde_json::from_str(line).map_err(|_| Error::NotAHead("not an entry"))?;
        let key = keys
            .iter()
            .find(|key| key.id() == content.key)
            .ok_or(Error::NotAHead("signed with an unknown key"))?;
        if !key.verify(&message(signed), &bytes) {
            return Err(Error::NotAHead("the signature is wrong"));
        }
        Ok(Self::new(content, line.to_owned()))
    }

    fn new(content: Content, line: String) -> Self {
        Self {
            seq: content.seq,
            prev: content.prev,
            time: content.time,
            key: content.key,
            kind: content.kind,
            line,
        }
    }

    /// The line as it stands in the log, to be kept elsewhere.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What the next entry is chained to.
    pub(super) fn hash(&self) -> Hash {
        Hash::of(self.line.as_bytes())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

/// What is signed.
fn message(line: &str) -> Vec<u8> {
    [DOMAIN, line.as_bytes()].concat()
}

/// Position and hash of an entry of our own log, unchecked: to go on from it.
pub(super) fn position(line: &[u8]) -> Option<(u64, Hash)> {
    let content: Content = serde_json::from_slice(line).ok()?;
    Some((content.seq, Hash::of(line)))
}

#[cfg(test)]
mod tests {
    use super::{Entry, Head, Kind};
    use crate::recordings::Hash;
    use crate::recordings::testing::key;

    #[test]
    fn every_byte_is_signed() {
        let key = key();
        let head = Head {
            segment: "w0-00000001".into(),
            n: 17,
            hash: Hash::of(b"x"),
            closed: true,
        };
        let entry = Entry::sign(&key, 4, Hash::ZERO, 9, Kind::Head(head)).unwrap();
        let keys = [key.public()];
        assert_eq!(Entry::parse(entry.line(), &keys).unwrap(), entry);
        assert!(Entry::parse(entry.line(), &[]).is_err());
        for at in 0..entry.line().len() {
            let mut bytes = entry.line().as_bytes().to_vec();
            bytes[at] ^= 1;
            if let Ok(line) = std::str::from_utf8(&bytes) {
                assert!(Entry::parse(line, &keys).is_err(), "byte {at}");
            }
        }
    }
}
