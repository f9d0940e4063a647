//! A string of the protocol: bytes, ended on the wire by a zero byte.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::Error;

/// A string as it is on the wire, without its terminator.
///
/// It is UTF-8 only if the session's encoding says so, hence bytes. It may hold
/// a statement, a password or a name, so `Debug` shows nothing but its length.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Bytes);

impl Text {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as shared storage.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The string, if it is UTF-8.
    ///
    /// # Errors
    /// [`Error::NotUtf8`].
    pub fn as_str(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.0).map_err(|_| Error::NotUtf8)
    }

    /// The string with everything that is not UTF-8 replaced, to show it.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The same in memory of its own: as it came, it keeps the whole buffer that it
    /// was read into.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Text({} bytes)", self.len())
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Text;
    use crate::postgres::Error;

    #[test]
    fn debug_hides_the_content() {
        assert_eq!(format!("{:?}", Text::from("hunter2")), "Text(7 bytes)");
    }

    #[test]
    fn bytes_need_not_be_utf8() {
        let text = Text::from(Bytes::from_static(b"caf\xe9"));
        assert_eq!(text.as_str(), Err(Error::NotUtf8));
        assert_eq!(text.to_string_lossy(), "caf\u{fffd}");
        assert_eq!(text.as_bytes(), b"caf\xe9");
    }
}
