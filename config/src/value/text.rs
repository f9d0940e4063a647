//! What the one-word values have in common, and the table of their formats.

use super::{
    Bind, ByteSize, Database, Digest, Endpoint, FileRef, FilterRef, HostPort, HumanDuration,
    IssuerUrl, KeySet, Label, Name, SecretRef,
};

/// A value written as one word.
pub(crate) trait Text: Sized {
    /// Its `format` in the schema.
    const FORMAT: &'static str;
    /// What it is, with an article and an example, as in "expected …".
    const EXPECTED: &'static str;

    /// Reads it.
    fn parse(text: &str) -> Result<Self, Refused>;
}

/// Why a text is not such a value. Never quotes what could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub suggestion: Option<String>,
}

impl Refused {
    /// With nothing to suggest.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            suggestion: None,
        }
    }

    /// With a way out.
    pub(crate) fn hint(message: impl Into<String>, suggestion: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            suggestion: Some(suggestion.into()),
        }
    }
}

/// Lists the formats once for both look-ups.
macro_rules! formats {
    ($($kind:ty),* $(,)?) => {
        /// Checks a text against a format; a format of no value here passes.
        pub(crate) fn check(format: &str, text: &str) -> Result<(), Refused> {
            $(if format == <$kind>::FORMAT {
                return <$kind>::parse(text).map(drop);
            })*
            Ok(())
        }

        /// What a format expects, as in "expected …".
        pub(crate) fn describe(format: &str) -> Option<&'static str> {
            $(if format == <$kind>::FORMAT {
                return Some(<$kind>::EXPECTED);
            })*
            None
        }
    };
}

formats!(
    Bind,
    ByteSize,
    Database,
    Digest,
    Endpoint,
    FileRef,
    FilterRef,
    HostPort,
    HumanDuration,
    IssuerUrl,
    KeySet,
    Label,
    Name,
    SecretRef,
);

/// Lets a [`Text`] be read by serde and described by the schema.
macro_rules! text_value {
    ($kind:ty, $description:literal) => {
        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = zeroize::Zeroizing::new(String::deserialize(from)?);
                <Self as $crate::value::text::Text>::parse(&text)
                    .map_err(|refused| serde::de::Error::custom(refused.message))
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::value::text::Refused;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <Self as $crate::value::text::Text>::parse(text)
            }
        }

        impl schemars::JsonSchema for $kind {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "format": <Self as $crate::value::text::Text>::FORMAT,
                    "description": $description,
                })
            }
        }
    };
}

pub(super) use text_value;
