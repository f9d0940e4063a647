//! The pass over a text.

use std::ops::Range;

use super::Kind;
use super::bytes::{at, run};
use crate::strategy::Strategy;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where it is, in bytes.
    pub(crate) range: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
}

/// The detectors that the configuration asks for.
pub(crate) struct Detectors {
    /// What is done with what each finds; none where it is not asked for.
    with: [Option<Strategy>; Kind::ALL.len()],
    /// For each byte the detectors that it is an anchor of, as a set of bits.
    anchors: [u16; 256],
}

impl Detectors {
    /// Detectors and what is done with what they find.
    pub(crate) fn new(wanted: impl IntoIterator<Item = (Kind, Strategy)>) -> Self {
        let mut detectors = Self {
            with: [None; Kind::ALL.len()],
            anchors: [0; 256],
        };
        for (kind, strategy) in wanted {
            if let Some(with) = detectors.with.get_mut(kind as usize) {
                *with = Some(strategy);
            }
            for byte in kind.anchors() {
                if let Some(set) = detectors.anchors.get_mut(usize::from(*byte)) {
                    *set |= kind.bit();
                }
            }
        }
        detectors
    }

    /// True when nothing is looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.with.iter().all(Option::is_none)
    }

    /// What is done with what this detector finds.
    pub(crate) fn strategy(&self, kind: Kind) -> Option<Strategy> {
        self.with.get(kind as usize).copied().flatten()
    }

    /// Adds what is found, in order and without overlaps.
    pub(crate) fn find(&self, text: &[u8], hits: &mut Vec<Hit>) {
        let first = hits.len();
        let mut from = 0;
        loop {
            let anchor = self.next_anchor(text, from);
            if anchor >= text.len() {
                return;
            }
            from = match self.at(text, anchor) {
                Some(hit) => {
                    let next = hit.range.end.max(anchor + 1);
                    add(hits, first, hit);
                    next
                }
                // The detectors of digits look at a whole run of them.
                None if at(text, anchor).is_ascii_digit() => {
                    run(text, anchor, usize::MAX, |byte| byte.is_ascii_digit())
                }
                None => anchor + 1,
            };
        }
    }

    /// What is found at an anchor.
    fn at(&self, text: &[u8], anchor: usize) -> Option<Hit> {
        let mut set = self.set(at(text, anchor));
        while set != 0 {
            let lowest = set.trailing_zeros() as usize;
            set &= set - 1;
            let kind = Kind::ALL.get(lowest).copied()?;
            if let Some(range) = kind.find(text, anchor) {
                return Some(Hit { range, kind });
            }
        }
        None
    }

    /// Index of the next anchor, the length of the text if there is none.
    fn next_anchor(&self, text: &[u8], from: usize) -> usize {
        let rest = text.get(from..).unwrap_or_default();
        let (eights, tail) = rest.as_chunks::<8>();
        let mut index = from;
        for eight in eights {
            let any = eight.iter().fold(0, |any, byte| any | self.set(*byte));
            if any != 0 {
                let within = eight.iter().position(|byte| self.set(*byte) != 0);
                return index + within.unwrap_or(0);
            }
            index += 8;
        }
        index
            + tail
                .iter()
                .position(|byte| self.set(*byte) != 0)
                .unwrap_or(tail.len())
    }

    /// The detectors that a byte is an anchor of.
    fn set(&self, byte: u8) -> u16 {
        self.anchors.get(usize::from(byte)).copied().unwrap_or(0)
    }
}

/// Adds a hit; what overlaps becomes one, so that nothing of either is left.
fn add(hits: &mut Vec<Hit>, first: usize, mut hit: Hit) {
    while hits.len() > first
        && let Some(last) = hits.last()
        && last.range.end > hit.range.start
    {
        hit.range = hit.range.start.min(last.range.start)..hit.range.end.max(last.range.end);
        hits.pop();
    }
    hits.push(hit);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Detectors, Hit, Kind};
    use crate::strategy::Strategy as How;

    fn all() -> Detectors {
        Detectors::new(Kind::ALL.map(|kind| (kind, How::Redact)))
    }

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let mut hits = Vec::new();
        all().find(text.as_bytes(), &mut hits);
        hits.into_iter()
            .map(|Hit { range, kind }| (kind, text.get(range).expect("text")))
            .collect()
    }

    #[test]
    fn several_in_one_text() {
        assert_eq!(
            kinds("Ann <ann@example.com> paid with 4111 1111 1111 1111, call +49 30 1234567."),
            [
                (Kind::Email, "ann@example.com"),
                (Kind::Card, "4111 1111 1111 1111"),
                (Kind::Phone, "+49 30 1234567"),
            ]
        );
    }

    #[test]
    fn an_overlap_is_one_hit() {
        assert_eq!(
            kinds("4111111111111111@example.com"),
            [(Kind::Email, "4111111111111111@example.com")]
        );
    }

    #[test]
    fn clean_text() {
        assert_eq!(kinds("the quick brown fox jumps over the lazy dog"), []);
        assert_eq!(
            kinds("at 2026-01-02 10:11:12.131415 the total was 1,234.56"),
            []
        );
    }

    #[test]
    fn only_what_is_asked_for() {
        let cards = Detectors::new([(Kind::Card, How::Redact)]);
        let mut hits = Vec::new();
        cards.find(b"a@example.com", &mut hits);
        assert!(hits.is_empty());
        assert!(Detectors::new([]).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            check(&text)?;
        }

        #[test]
        fn bytes_that_matter(text in "[-0-9@.:=_+() eyJAKIzxobghpskBEGIN]{0,200}") {
            check(text.as_bytes())?;
        }
    }

    fn check(text: &[u8]) -> Result<(), TestCaseError> {
        let mut hits = Vec::new();
        all().find(text, &mut hits);
        let mut end = 0;
        for hit in hits {
            prop_assert!(hit.range.start >= end && hit.range.start < hit.range.end);
            prop_assert!(hit.range.end <= text.len());
            end = hit.range.end;
        }
        Ok(())
    }
}
