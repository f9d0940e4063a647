//! Replacing what was found, and leaving the rest as it is.

use super::{Detectors, Hit};
use crate::strategy::{Hasher, Strategy, partial};

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// Nothing was found; nothing was written.
    Clean,
    /// The text with replacements was written.
    Changed,
    /// Something was found that takes the whole value with it.
    Null,
}

impl Detectors {
    /// Writes the text with everything replaced that is found in it.
    pub(crate) fn replace(
        &self,
        text: &[u8],
        hasher: Option<&Hasher>,
        hits: &mut Vec<Hit>,
        out: &mut Vec<u8>,
    ) -> Replaced {
        hits.clear();
        self.find(text, hits);
        if hits.is_empty() {
            return Replaced::Clean;
        }
        if hits
            .iter()
            .any(|hit| self.strategy(hit.kind) == Some(Strategy::Null))
        {
            return Replaced::Null;
        }
        let mut copied = 0;
        for hit in hits.iter() {
            out.extend_from_slice(text.get(copied..hit.range.start).unwrap_or_default());
            let found = text.get(hit.range.clone()).unwrap_or_default();
            let text = std::str::from_utf8(found);
            match (self.strategy(hit.kind), text, hasher) {
                (Some(Strategy::Partial), Ok(text), _) => partial(text, out),
                (Some(Strategy::Hash), _, Some(hasher)) => hasher.text(found, out),
                _ => out.extend_from_slice(hit.kind.placeholder().as_bytes()),
            }
            copied = hit.range.end;
        }
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
        Replaced::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::Replaced;
    use crate::detect::{Detectors, Kind};
    use crate::strategy::{Hasher, Strategy};

    fn replaced(strategy: Strategy, text: &str) -> (Replaced, String) {
        let detectors = Detectors::new([(Kind::Email, strategy), (Kind::Card, Strategy::Redact)]);
        let hasher = Hasher::new(b"0123456789abcdef").expect("long enough");
        let mut out = Vec::new();
        let replaced = detectors.replace(text.as_bytes(), Some(&hasher), &mut Vec::new(), &mut out);
        (replaced, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn only_what_was_found() {
        let text = "to anna@example.com, 4111111111111111.";
        let (changed, redacted) = replaced(Strategy::Redact, text);
        assert_eq!(
            (changed, redacted.as_str()),
            (Replaced::Changed, "to [email], [card].")
        );
        assert_eq!(
            replaced(Strategy::Partial, text).1,
            "to a***@e***.com, [card]."
        );
        let (_, hashed) = replaced(Strategy::Hash, text);
        assert!(hashed.starts_with("to hash_") && hashed.ends_with(", [card]."));
    }

    #[test]
    fn nothing_or_everything() {
        assert_eq!(
            replaced(Strategy::Redact, "hello"),
            (Replaced::Clean, String::new())
        );
        assert_eq!(
            replaced(Strategy::Null, "a@b.cc"),
            (Replaced::Null, String::new())
        );
    }
}
