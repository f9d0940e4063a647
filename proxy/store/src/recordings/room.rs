//! How much of what was said stands in a line: values that are larger go in
//! pieces, or as their digest, so that no line is too long.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::rows::Rows;
use crate::value::Value;

/// Bytes of values in one line: written as JSON they may take six times as much.
const INLINE: usize = 512 << 10;

/// What a line still has room for.
#[derive(Debug)]
pub struct Room(usize);

/// A parameter of an operation.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Parameter {
    /// Its value.
    Value(Value),
    /// One that a line has no room for.
    Large {
        /// Its length in bytes.
        bytes: u64,
        /// Its SHA-256 in hexadecimal digits.
        sha256: String,
    },
}

impl Default for Room {
    fn default() -> Self {
        Self(INLINE)
    }
}

impl Room {
    /// Takes room for a value of so many bytes, if it may stand in the line.
    pub fn takes(&mut self, length: usize) -> bool {
        let fits = length <= Rows::CHUNK && length <= self.0;
        if fits {
            self.0 -= length;
        }
        fits
    }
}

impl Parameter {
    /// The parameters of one operation, `None` for NULL.
    pub fn all<'v>(values: impl IntoIterator<Item = Option<&'v [u8]>>) -> Vec<Self> {
        let mut room = Room::default();
        let parameter = |value: Option<&[u8]>| match value {
            Some(bytes) if !room.takes(bytes.len()) => Self::Large {
                bytes: bytes.len() as u64,
                sha256: hex::encode(Sha256::digest(bytes)),
            },
            value => Self::Value(Value::from_cell(value)),
        };
        values.into_iter().map(parameter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{INLINE, Parameter, Room, Rows};
    use crate::recordings::MAX_LINE;

    #[test]
    fn a_line_has_room_for_small_values_until_it_is_full() {
        let mut room = Room::default();
        assert!(!room.takes(Rows::CHUNK + 1));
        let taken = (0..100).take_while(|_| room.takes(Rows::CHUNK)).count();
        assert_eq!(taken, INLINE / Rows::CHUNK);
        assert!(room.takes(0) && !room.takes(1));
        const { assert!(6 * INLINE + (1 << 20) < MAX_LINE) };
    }

    #[test]
    fn a_large_parameter_stands_as_its_digest() {
        let large = vec![b'x'; Rows::CHUNK + 1];
        let all = Parameter::all([Some(&b"7"[..]), None, Some(&large)]);
        let json = serde_json::to_string(&all).unwrap();
        assert!(
            json.starts_with(r#"["7",null,{"bytes":65537,"sha256":""#),
            "{json}"
        );
    }
}
