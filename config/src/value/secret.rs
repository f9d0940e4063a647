//! A secret in memory: wiped when dropped, never printed, never serialised.

use std::fmt;

use zeroize::Zeroizing;

use super::file_ref::FileError;

/// A secret.
///
/// `Debug` shows that there is one and nothing else; there is no `Display` and
/// no `Serialize`.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why a secret cannot be had. Names the reference, never the value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment has no such variable.
    #[error("the environment variable `{0}` is not set")]
    Unset(String),
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is nothing in it.
    #[error("`{0}` is empty")]
    Empty(String),
    /// There is more in it than any secret needs.
    #[error("`{reference}` is longer than {limit} bytes")]
    TooLong {
        /// The reference as written.
        reference: String,
        /// The bound, in bytes.
        limit: usize,
    },
}

impl Secret {
    /// Takes a value; one trailing line end, which editors and `echo` add, is
    /// not part of it.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        let mut value = Zeroizing::new(value.into());
        if value.ends_with(b"\n") {
            value.pop();
            if value.ends_with(b"\r") {
                value.pop();
            }
        }
        Self(value)
    }

    /// The value, for the moment in which it is used.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The value as text; `None` if it is not UTF-8.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
        assert_eq!(
            format!("{:#?}", Some(Secret::new("hunter2"))),
            "Some(\n    Secret(…),\n)"
        );
    }

    #[test]
    fn one_line_end_is_trimmed() {
        assert_eq!(Secret::new("a\r\n").expose(), b"a");
        assert_eq!(Secret::new("a\n\n").expose(), b"a\n");
        assert_eq!(Secret::new("a ").expose_str(), Some("a "));
        assert_eq!(Secret::new(vec![0xff]).expose_str(), None);
    }
}
