//! A value as it crossed the wire, in a form that JSON can carry.
//!
//! `null`, a string where the bytes are UTF-8, `{"b64": "…"}` where they are
//! not. A string and its bytes never look alike, so nothing can be passed off
//! as something else.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One parameter or cell.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// SQL NULL, or absent.
    Null,
    /// Text.
    Text(String),
    /// Bytes that are not text.
    Bytes(Vec<u8>),
}

/// What [`Value`] looks like in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Json {
    Null,
    Text(String),
    Bytes { b64: String },
}

/// Appends one raw cell to `out` as JSON.
pub fn write_cell(out: &mut Vec<u8>, cell: Option<&[u8]>) {
    if let Some(bytes) = cell
        && bytes
            .iter()
            .fold(true, |plain, byte| plain & is_plain(*byte))
    {
        return write_plain(out, bytes);
    }
    match cell.map(|bytes| (std::str::from_utf8(bytes), bytes)) {
        None => out.extend_from_slice(b"null"),
        Some((Ok(text), _)) => write_text(out, text),
        Some((Err(_), bytes)) => {
            out.extend_from_slice(b"{\"b64\":\"");
            out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
            out.extend_from_slice(b"\"}");
        }
    }
}

/// True for ASCII that stands in a JSON string as it is.
fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) & (byte != b'"') & (byte != b'\\')
}

/// Appends a JSON string of plain bytes.
fn write_plain(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    out.extend_from_slice(bytes);
    out.push(b'"');
}

/// Appends `text` to `out` as a JSON string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    // A string written to memory cannot fail; if it ever did, a valid token
    // must still stand here.
    if serde_json::to_writer(&mut *out, text).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

impl Value {
    /// Takes raw bytes as text where they are valid UTF-8.
    pub fn from_cell(cell: Option<&[u8]>) -> Self {
        match cell {
            None => Self::Null,
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::Bytes(bytes.to_vec()),
            },
        }
    }

    /// The length of the value itself in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Value {
    /// The value for a person: text as it is (escape it before it meets a
    /// terminal), bytes as PostgreSQL writes bytea.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => write!(f, "\\x{}", hex::encode(bytes)),
        }
    }
}

impl fmt::Debug for Value {
    /// Values are data of the people behind the gateway: a log line that
    /// prints one by accident shows its length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => Json::Bytes {
                b64: STANDARD.encode(bytes),
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Json::deserialize(deserializer)? {
            Json::Null => Self::Null,
            Json::Text(text) => Self::Text(text),
            Json::Bytes { b64 } => Self::Bytes(
                STANDARD
                    .decode(b64)
                    .map_err(|_| D::Error::custom("not base64"))?,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, write_cell};

    fn cell(bytes: Option<&[u8]>) -> String {
        let mut out = Vec::new();
        write_cell(&mut out, bytes);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_read_back_as_they_were() {
        for raw in [None, Some(&b"a\"\n\xc3\xa9"[..]), Some(&b"\xff\x00"[..])] {
            let read: Value = serde_json::from_str(&cell(raw)).unwrap();
            assert_eq!(read, Value::from_cell(raw));
            assert_eq!(serde_json::to_string(&read).unwrap(), cell(raw));
        }
        assert_eq!(cell(None), "null");
        assert_eq!(cell(Some(b"x\ny")), r#""x\ny""#);
        assert_eq!(cell(Some(b"\xff")), r#"{"b64":"/w=="}"#);
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(
            format!("{:?}", Value::Text("secret".into())),
            "Text(6 bytes)"
        );
    }
}
