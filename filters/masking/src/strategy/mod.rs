//! What a value is replaced by.

mod hash;
mod partial;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use hash::{Hasher, hex};
pub(crate) use partial::partial;

/// What a value is replaced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A fixed text, or NULL where the type has no room for one.
    Redact,
    /// A few characters stay: `a***@e***.com`, `***1111`.
    Partial,
    /// A keyed hash: equal values stay equal, and nobody without the key can
    /// tell which value it was.
    Hash,
    /// NULL.
    Null,
}

/// The text of [`Strategy::Redact`].
pub(crate) const REDACTED: &str = "[redacted]";

impl Strategy {
    /// How little is left of a value: of two masks the stronger one counts.
    /// Redaction and NULL leave nothing.
    pub(crate) fn strength(self) -> u8 {
        match self {
            Self::Partial => 1,
            Self::Hash => 2,
            Self::Redact => 3,
            Self::Null => 4,
        }
    }

    /// The stronger of two.
    pub(crate) fn or_stronger(self, other: Self) -> Self {
        if other.strength() > self.strength() {
            other
        } else {
            self
        }
    }

    /// True when nothing at all is left of a value, so that it cannot be
    /// learnt by masking one computed from it.
    pub(crate) fn is_opaque(self) -> bool {
        matches!(self, Self::Redact | Self::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::Strategy;

    #[test]
    fn the_stronger_counts() {
        assert_eq!(
            Strategy::Partial.or_stronger(Strategy::Hash),
            Strategy::Hash
        );
        assert_eq!(Strategy::Null.or_stronger(Strategy::Redact), Strategy::Null);
        assert!(Strategy::Redact.is_opaque() && !Strategy::Hash.is_opaque());
    }
}
