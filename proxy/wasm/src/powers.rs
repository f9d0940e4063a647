//! Powers: what a filter says it is able to do with an event. What it did not
//! say is refused, so that a reader of a chain knows what each filter can do.

/// Something a filter may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Set a session's identity.
    Identify,
    /// Refuse.
    Deny,
    /// Have people asked.
    Hold,
    /// Change batches and messages.
    Edit,
}

/// A set of powers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Powers(u8);

impl Power {
    const ALL: [Self; 4] = [Self::Identify, Self::Deny, Self::Hold, Self::Edit];

    /// The word of the contract.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Deny => "deny",
            Self::Hold => "hold",
            Self::Edit => "edit",
        }
    }

    /// The power of a word, if there is one.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|power| power.as_str() == word)
    }
}

impl Powers {
    /// The powers of these words. A word that is none gives none.
    pub(crate) fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let known = words.into_iter().filter_map(Power::of);
        Self(known.fold(0, |set, power| set | 1 << power as u8))
    }

    /// True when it is in the set.
    pub(crate) fn has(self, power: Power) -> bool {
        self.0 & (1 << power as u8) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_there() {
        let powers = Powers::parse(["deny", "edit", "fly"]);
        assert!(powers.has(Power::Deny) && powers.has(Power::Edit));
        assert!(!powers.has(Power::Hold) && !powers.has(Power::Identify));
    }
}
