//! Grants: what a filter is given beyond metadata.

use std::fmt;

/// Something a filter may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// Tokens and passwords that clients present, and their verification.
    Credentials,
    /// Who is acting, with the claims of the token.
    Identity,
    /// Setting the session's identity.
    Identify,
    /// Texts of operations.
    Text,
    /// Parameters of operations.
    Parameters,
    /// Results on their way to the client.
    Results,
    /// Input on its way to the target.
    Input,
    /// Putting another text in an operation's place.
    Rewrite,
    /// Having operations recorded.
    Record,
    /// The time.
    Clock,
}

/// A word that is no grant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no grant \"{0}\"; there are {words}", words = Grant::words())]
pub struct UnknownGrant(pub String);

/// A set of grants.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Grants(u16);

impl Grant {
    /// All there are.
    pub const ALL: [Self; 10] = [
        Self::Credentials,
        Self::Identity,
        Self::Identify,
        Self::Text,
        Self::Parameters,
        Self::Results,
        Self::Input,
        Self::Rewrite,
        Self::Record,
        Self::Clock,
    ];

    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Identity => "identity",
            Self::Identify => "identify",
            Self::Text => "text",
            Self::Parameters => "parameters",
            Self::Results => "results",
            Self::Input => "input",
            Self::Rewrite => "rewrite",
            Self::Record => "record",
            Self::Clock => "clock",
        }
    }

    fn words() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl Grants {
    /// The grants of these words.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownGrant> {
        let mut grants = Self::default();
        for word in words {
            let grant = Grant::ALL.into_iter().find(|grant| grant.as_str() == word);
            grants.0 |= 1 << grant.ok_or_else(|| UnknownGrant(word.to_owned()))? as u16;
        }
        Ok(grants)
    }

    /// True when it is in the set.
    pub fn has(self, grant: Grant) -> bool {
        self.0 & (1 << grant as u16) != 0
    }

    /// Those of `wanted` that are not in the set.
    pub fn missing(self, wanted: Self) -> Vec<&'static str> {
        Grant::ALL
            .into_iter()
            .filter(|grant| wanted.has(*grant) && !self.has(*grant))
            .map(Grant::as_str)
            .collect()
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Grant::ALL
            .into_iter()
            .filter(|grant| self.has(*grant))
            .map(Grant::as_str);
        f.debug_list().entries(set).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let given = Grants::parse(["clock"]).unwrap();
        let wanted = Grants::parse(["clock", "text", "results"]).unwrap();
        assert_eq!(given.missing(wanted), ["text", "results"]);
        assert_eq!(wanted.missing(given), Vec::<&str>::new());
    }

    #[test]
    fn an_unknown_word_is_an_error() {
        assert_eq!(
            Grants::parse(["sockets"]),
            Err(UnknownGrant("sockets".into()))
        );
    }
}
