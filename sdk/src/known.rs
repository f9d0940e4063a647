//! What is known of sessions, so that an operation costs no question to the host.

use std::collections::HashMap;
use std::rc::Rc;

use crate::session::Inner;

/// Most sessions that are kept; one more and all are forgotten, to be read anew.
const SESSIONS: usize = 4096;
/// Most bytes that they may take, well below what a filter may use at all: tokens
/// may be long, and whoever sends them chooses how long.
const BYTES: usize = 8 << 20;
/// What a session takes beside its texts, generously.
const EACH: usize = 512;

/// Sessions by number.
#[derive(Default)]
pub(crate) struct Known {
    sessions: HashMap<u64, Rc<Inner>>,
    /// What they take, about.
    bytes: usize,
}

impl Known {
    /// A session as it is at a revision, if it is known.
    pub(crate) fn get(&self, number: u64, revision: u32) -> Option<Rc<Inner>> {
        self.sessions
            .get(&number)
            .filter(|inner| inner.revision == revision)
            .cloned()
    }

    /// Keeps a session in place of what was known of it.
    pub(crate) fn keep(&mut self, inner: Rc<Inner>) {
        let size = size(&inner);
        if let Some(old) = self.sessions.remove(&inner.number) {
            self.bytes = self.bytes.saturating_sub(self::size(&old));
        }
        if self.sessions.len() >= SESSIONS || self.bytes.saturating_add(size) > BYTES {
            self.sessions.clear();
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(size);
        self.sessions.insert(inner.number, inner);
    }
}

/// Bytes that a session takes, about.
fn size(inner: &Inner) -> usize {
    let identity = inner.identity.as_ref().map_or(0, |identity| {
        let groups: usize = identity
            .groups
            .iter()
            .map(|group| group.len() + EACH / 8)
            .sum();
        identity.claims.len() + identity.subject.len() + groups
    });
    EACH + inner.user.len() + identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;

    fn inner(number: u64, revision: u32, claims: usize) -> Rc<Inner> {
        let identity = Identity {
            claims: "x".repeat(claims),
            ..Identity::default()
        };
        Rc::new(Inner {
            number,
            revision,
            identity: Some(identity),
            ..Inner::default()
        })
    }

    #[test]
    fn a_session_is_known_until_it_changes() {
        let mut known = Known::default();
        known.keep(inner(1, 0, 10));
        assert!(known.get(1, 0).is_some());
        assert!(known.get(1, 1).is_none());
        assert!(known.get(2, 0).is_none());
        known.keep(inner(1, 1, 10));
        assert!(known.get(1, 0).is_none());
        assert!(known.get(1, 1).is_some());
        assert_eq!(known.bytes, size(&inner(1, 1, 10)));
    }

    #[test]
    fn neither_many_sessions_nor_long_tokens_take_all_memory() {
        let mut known = Known::default();
        for number in 0..3 * SESSIONS as u64 {
            known.keep(inner(number, 0, 10));
            assert!(known.sessions.len() <= SESSIONS);
            assert!(known.get(number, 0).is_some());
        }
        let mut known = Known::default();
        for number in 0..300 {
            known.keep(inner(number, 0, 64 << 10));
            assert!(known.bytes <= BYTES, "{}", known.bytes);
            assert!(known.get(number, 0).is_some());
        }
    }
}
