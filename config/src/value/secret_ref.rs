//! Where a secret is: `env:NAME` or `file:path`. Secrets themselves are not
//! written in the configuration.

use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::file_ref::FileRef;
use super::secret::{Secret, SecretError};
use super::text::{Refused, Text, text_value};

/// A reference to a secret, as written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum SecretRef {
    /// An environment variable of the gateway.
    Env(String),
    /// A file.
    File(FileRef),
}

/// Longest secret, in bytes; a PEM key with its chain fits easily.
const MAX_SECRET: usize = 64 * 1024;

impl SecretRef {
    /// Reads the secret. Relative paths start at `dir`, the directory of the
    /// configuration.
    pub fn resolve(&self, dir: &Path) -> Result<Secret, SecretError> {
        let secret = match self {
            Self::Env(name) => match std::env::var_os(name) {
                Some(value) => Secret::new(value.into_vec()),
                None => return Err(SecretError::Unset(name.clone())),
            },
            Self::File(file) => Secret::new(file.read(dir, MAX_SECRET)?),
        };
        match secret.expose().len() {
            0 => Err(SecretError::Empty(self.to_string())),
            1..=MAX_SECRET => Ok(secret),
            _ => Err(SecretError::TooLong {
                reference: self.to_string(),
                limit: MAX_SECRET,
            }),
        }
    }
}

impl Text for SecretRef {
    const FORMAT: &'static str = "secret-reference";
    const EXPECTED: &'static str = "a reference, `env:NAME` or `file:path`";

    fn parse(text: &str) -> Result<Self, Refused> {
        if let Some(name) = text.strip_prefix("env:") {
            let mut letters = name.bytes();
            let starts = letters
                .next()
                .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
            if !starts || !letters.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(Refused::new(
                    "does not name an environment variable after `env:`",
                ));
            }
            return Ok(Self::Env(name.to_owned()));
        }
        if text.starts_with("file:") {
            return FileRef::parse(text).map(Self::File);
        }
        Err(Refused::hint(
            "is not a reference, and secrets are never written in the configuration",
            "put it in a file or an environment variable and write `file:path` or `env:NAME`",
        ))
    }
}

text_value!(
    SecretRef,
    "A reference to a secret: `env:NAME` or `file:path`, never the secret."
);

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(file) => file.fmt(f),
        }
    }
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_refused_and_not_quoted() {
        for text in ["hunter2", "env:hunter-2", "env:", "env:2", "ENV:HUNTER", ""] {
            let refused = SecretRef::parse(text).unwrap_err();
            assert!(
                !refused.message.to_lowercase().contains("hunter"),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn read_from_a_file_beside_the_configuration() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("password"), "s3cret\n").unwrap();
        let secret = SecretRef::parse("file:password")
            .unwrap()
            .resolve(dir.path())
            .unwrap();
        assert_eq!(secret.expose_str(), Some("s3cret"));
    }

    #[test]
    fn read_from_the_environment() {
        let secret = SecretRef::parse("env:PATH")
            .unwrap()
            .resolve(Path::new("/"))
            .unwrap();
        assert_eq!(
            secret.expose_str().map(str::to_owned),
            std::env::var("PATH").ok()
        );
    }

    #[test]
    fn errors_name_the_reference() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("empty"), "\n").unwrap();
        std::fs::write(dir.path().join("long"), "x".repeat(MAX_SECRET + 1)).unwrap();
        for (text, message) in [
            (
                "env:NARROWGATE_UNSET",
                "the environment variable `NARROWGATE_UNSET` is not set",
            ),
            ("file:empty", "`file:empty` is empty"),
            ("file:long", "`file:long` is longer than 65536 bytes"),
            ("file:.", "`file:.` is not a regular file"),
        ] {
            let error = SecretRef::parse(text)
                .unwrap()
                .resolve(dir.path())
                .unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
