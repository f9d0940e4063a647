//! Where an issuer's keys are, if not where discovery says.

use super::file_ref::FileRef;
use super::loopback::protected;
use super::text::{Refused, Text, text_value};

/// A JSON Web Key Set (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySet {
    /// In a file, which is read with the configuration.
    File(FileRef),
    /// At an address.
    Url(String),
}

impl Text for KeySet {
    const FORMAT: &'static str = "key-set";
    const EXPECTED: &'static str = "a key set, `file:path` or an https URL";

    fn parse(text: &str) -> Result<Self, Refused> {
        if text.starts_with("file:") {
            return FileRef::parse(text).map(Self::File);
        }
        match protected(text) {
            Ok(_) => Ok(Self::Url(text.to_owned())),
            Err(message) => Err(Refused::hint(message, "write `file:path` or an https URL")),
        }
    }
}

text_value!(KeySet, "A JSON Web Key Set: `file:path` or an https URL.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_an_address() {
        assert!(matches!(
            KeySet::parse("file:jwks.json"),
            Ok(KeySet::File(_))
        ));
        assert!(matches!(
            KeySet::parse("https://id.example.com/keys"),
            Ok(KeySet::Url(_))
        ));
        assert!(KeySet::parse("jwks.json").is_err());
    }
}
