//! Names that the configuration gives, and words that others gave.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use super::text::{Refused, Text, text_value};

/// A string type that passed its check.
macro_rules! word {
    ($(#[$doc:meta])* $kind:ident, $format:literal, $expected:literal, $check:ident, $description:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $kind(String);

        impl $kind {
            /// The word.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Text for $kind {
            const FORMAT: &'static str = $format;
            const EXPECTED: &'static str = $expected;

            fn parse(text: &str) -> Result<Self, Refused> {
                $check(text).map(|()| Self(text.to_owned()))
            }
        }

        text_value!($kind, $description);

        impl Deref for $kind {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $kind {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
                into.serialize_str(&self.0)
            }
        }
    };
}

word!(
    /// A name that the configuration gives to one of its parts.
    Name, "name", "a name", check_name,
    "A name: letters, digits, `-`, `_` and `.`, at most 63, the first a letter or digit."
);

word!(
    /// A word that somebody else gave: a group, a claim, a user name, an audience.
    Label, "label", "a word", check_label,
    "Text of 1 to 256 bytes without control characters."
);

word!(
    /// Name of a database.
    Database, "database", "the name of a database", check_database,
    "Name of a database: 1 to 63 bytes, no `/` and no control characters."
);

impl Label {
    /// A label that is known to be one.
    pub(crate) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

fn check_name(text: &str) -> Result<(), Refused> {
    let mut bytes = text.bytes();
    let starts = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    let goes_on = bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    match starts && goes_on && text.len() <= 63 {
        true => Ok(()),
        false => Err(Refused::hint(
            "is not a name",
            "use letters, digits, `-`, `_` and `.`, at most 63, the first a letter or digit",
        )),
    }
}

fn check_label(text: &str) -> Result<(), Refused> {
    match text.len() {
        0 => Err(Refused::new("is empty")),
        1..=256 if text.chars().any(char::is_control) => {
            Err(Refused::new("has control characters"))
        }
        1..=256 => Ok(()),
        _ => Err(Refused::new("is longer than 256 bytes")),
    }
}

fn check_database(text: &str) -> Result<(), Refused> {
    check_label(text)?;
    if text.contains('/') {
        return Err(Refused::new(
            "has a `/`, which separates the target from its database",
        ));
    }
    match text.len() {
        ..=63 => Ok(()),
        _ => Err(Refused::new(
            "is longer than 63 bytes, where PostgreSQL cuts it off",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for text in ["billing", "a", "Billing-2.eu_1"] {
            assert!(Name::parse(text).is_ok(), "{text}");
        }
        for text in ["", "-a", "a/b", "a b", "größe", &"x".repeat(64)] {
            assert!(Name::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn labels_are_what_others_write() {
        assert!(Label::parse("cn=DBA, ou=Größe").is_ok());
        for text in ["", "a\nb", &"x".repeat(257)] {
            assert!(Label::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_database_has_no_slash() {
        assert!(Database::parse("my db").is_ok());
        assert!(Database::parse("a/b").is_err());
        assert!(Database::parse(&"x".repeat(64)).is_err());
    }
}
