//! Where a webhook goes. Chat services put their secret in the path of the
//! URL, so what is printed ends at the host.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::loopback::protected;
use super::secret::{Secret, SecretError};
use super::secret_ref::SecretRef;
use super::text::{Refused, Text, text_value};

/// The address of a webhook.
#[derive(Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Written out.
    Url(Zeroizing<String>),
    /// A secret itself.
    Secret(SecretRef),
}

/// Why the address of a webhook cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The reference leads nowhere.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What it leads to is no address.
    #[error("what `{reference}` holds {message}")]
    Url {
        /// The reference as written.
        reference: String,
        /// What is wrong.
        message: &'static str,
    },
}

impl Endpoint {
    /// The URL, as a secret. Relative paths start at `dir`.
    pub fn resolve(&self, dir: &Path) -> Result<Secret, EndpointError> {
        let reference = match self {
            Self::Url(url) => return Ok(Secret::new(url.as_bytes())),
            Self::Secret(reference) => reference,
        };
        let secret = reference.resolve(dir)?;
        let refused = |message| EndpointError::Url {
            reference: reference.to_string(),
            message,
        };
        match secret.expose_str().ok_or("is not text").and_then(protected) {
            Ok(_) => Ok(secret),
            Err(message) => Err(refused(message)),
        }
    }
}

impl Text for Endpoint {
    const FORMAT: &'static str = "endpoint";
    const EXPECTED: &'static str = "an https URL, or a reference to one";

    fn parse(text: &str) -> Result<Self, Refused> {
        if text.starts_with("env:") || text.starts_with("file:") {
            return SecretRef::parse(text).map(Self::Secret);
        }
        match protected(text) {
            Ok(_) => Ok(Self::Url(Zeroizing::new(text.to_owned()))),
            Err(message) => Err(Refused::hint(
                message,
                "write an https URL, or `env:NAME` or `file:path` where the URL itself is secret",
            )),
        }
    }
}

text_value!(
    Endpoint,
    "An https URL (http on this machine only), or `env:NAME` or `file:path` where the URL itself \
     is secret."
);

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(reference) => reference.fmt(f),
            Self::Url(url) => match protected(url) {
                Ok(url) => write!(f, "{}/…", url.origin().ascii_serialization()),
                Err(_) => f.write_str("…"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_ends_at_the_host() {
        let endpoint =
            Endpoint::parse("https://hooks.example.com:8443/services/T0/s3cret").unwrap();
        assert_eq!(format!("{endpoint:?}"), "https://hooks.example.com:8443/…");
    }

    #[test]
    fn a_secret_url_is_checked_when_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("hook"),
            "https://hooks.example.com/s3cret\n",
        )
        .unwrap();
        std::fs::write(dir.path().join("bad"), "http://hooks.example.com/s3cret\n").unwrap();
        let read = |text| Endpoint::parse(text).unwrap().resolve(dir.path());
        assert_eq!(
            read("file:hook").unwrap().expose_str(),
            Some("https://hooks.example.com/s3cret")
        );
        let error = read("file:bad").unwrap_err().to_string();
        assert!(
            error.starts_with("what `file:bad` holds is http"),
            "{error}"
        );
        assert!(!error.contains("s3cret"));
    }
}
