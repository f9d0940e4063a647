//! The hash chain: `hash(n) = SHA-256(hash(n-1) ‖ bytes of line n before its hash)`.

use std::fmt;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What precedes the hash at the end of every line.
const BEFORE: &[u8] = b",\"hash\":\"";
/// What follows it.
const AFTER: &[u8] = b"\"}";
/// Bytes that [`seal`] adds to a line, line feed included.
pub(super) const SEAL: usize = BEFORE.len() + 64 + AFTER.len() + 1;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first line of every segment is chained to.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of some bytes on their own.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::finish(&[bytes])
    }

    fn finish(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(hash)
    }
}

/// Ends the line that starts at `start` in `out` (an object without its last
/// brace) with its hash and a line feed; returns the hash.
pub(super) fn seal(out: &mut Vec<u8>, start: usize, previous: &Hash) -> Hash {
    let hash = Hash::finish(&[&previous.0, out.get(start..).unwrap_or_default()]);
    let mut text = [0_u8; 64];
    // 32 bytes are 64 digits.
    let _ = hex::encode_to_slice(hash.0, &mut text);
    out.extend_from_slice(BEFORE);
    out.extend_from_slice(&text);
    out.extend_from_slice(AFTER);
    out.push(b'\n');
    hash
}

/// Takes a line (without its line feed) apart: what was hashed, and the hash
/// that it claims. `None` when it does not end as [`seal`] ends lines.
pub(super) fn split(line: &[u8]) -> Option<(&[u8], Hash)> {
    let rest = line.strip_suffix(AFTER)?;
    let at = rest.len().checked_sub(64)?;
    let (rest, digits) = rest.split_at_checked(at)?;
    let content = rest.strip_suffix(BEFORE)?;
    Some((content, parse(digits)?))
}

/// Checks that `line` (without its line feed) follows `previous`; returns its
/// hash. `None` when it does not.
pub(super) fn follow(line: &[u8], previous: &Hash) -> Option<Hash> {
    let (content, claimed) = split(line)?;
    let hash = Hash::finish(&[&previous.0, content]);
    (hash == claimed).then_some(hash)
}

/// Lower case only: the same hash in other letters is another byte sequence.
fn parse(digits: &[u8]) -> Option<Hash> {
    if digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).ok()?;
    Some(Hash(hash))
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(text.as_bytes()).ok_or_else(|| serde::de::Error::custom("not a SHA-256"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, SEAL, follow, seal, split};

    #[test]
    fn sealed_lines_follow() {
        let mut out = b"{\"n\":0".to_vec();
        let hash = seal(&mut out, 0, &Hash::ZERO);
        assert_eq!(out.len(), 6 + SEAL);
        let line = out.strip_suffix(b"\n").unwrap();
        assert_eq!(follow(line, &Hash::ZERO), Some(hash));
        assert_eq!(follow(line, &hash), None);
        assert_eq!(split(line).unwrap().0, b"{\"n\":0");
        serde_json::from_slice::<serde_json::Value>(line).unwrap();
        let upper = String::from_utf8(line.to_vec()).unwrap().to_uppercase();
        assert_eq!(follow(upper.as_bytes(), &Hash::ZERO), None);
        assert_eq!(split(b"\"}"), None);
    }
}
