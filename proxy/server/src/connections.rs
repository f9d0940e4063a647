//! Bounds on open connections, overall and for each identity.
//!
//! A connection that finds no room is told so, and may still cancel what
//! another one runs: it stands at the door, where few fit and nobody stays.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use narrowgate_chain::Identity;

/// Most connections at the door at a time; those beyond are closed unheard.
const DOOR: usize = 128;

/// Open connections.
#[derive(Default)]
pub struct Connections {
    /// Counts, shared with the guards.
    counts: Arc<Mutex<Counts>>,
}

/// How many are open.
#[derive(Default)]
struct Counts {
    /// All of them but those at the door.
    all: usize,
    /// Those at the door.
    door: usize,
    /// Those of each identity that has any, by issuer and subject.
    identities: HashMap<(String, String), usize>,
}

/// One open connection; counted until it is dropped.
pub struct Connection {
    /// Counts it belongs to.
    counts: Arc<Mutex<Counts>>,
    /// Whose it is, once that is known.
    identity: Option<(String, String)>,
}

/// A connection at the door; counted until it is dropped.
pub struct Visit {
    /// Counts it belongs to.
    counts: Arc<Mutex<Counts>>,
}

/// Why a connection cannot become a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// There are as many as the configuration allows.
    Full,
    /// The gateway is about to end.
    Ending,
}

impl Connections {
    /// Counts a connection, unless there are `most` already.
    pub fn open(&self, most: usize) -> Option<Connection> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= most {
            return None;
        }
        counts.all += 1;
        Some(Connection {
            counts: self.counts.clone(),
            identity: None,
        })
    }

    /// Counts a connection at the door, unless it is full as well.
    pub fn visit(&self) -> Option<Visit> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.door >= DOOR {
            return None;
        }
        counts.door += 1;
        Some(Visit {
            counts: self.counts.clone(),
        })
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .all
    }
}

impl Connection {
    /// Counts it for its identity. False when that has `most` already.
    #[must_use]
    pub fn identify(&mut self, identity: &Identity, most: usize) -> bool {
        let key = (identity.issuer.clone(), identity.subject.clone());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.identities.entry(key.clone()).or_default();
        if *count >= most {
            return false;
        }
        *count += 1;
        self.identity = Some(key);
        true
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        if let Some(key) = self.identity.take()
            && let Some(count) = counts.identities.get_mut(&key)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.identities.remove(&key);
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.door = counts.door.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(subject: &str) -> Identity {
        Identity {
            issuer: "i".into(),
            subject: subject.into(),
            groups: vec![],
            expires: 0,
            claims: String::new(),
        }
    }

    #[test]
    fn connections_are_counted_until_they_are_dropped() {
        let connections = Connections::default();
        let mut first = connections.open(2).unwrap();
        let mut second = connections.open(2).unwrap();
        assert!(connections.open(2).is_none());
        assert!(first.identify(&identity("a"), 1));
        assert!(!second.identify(&identity("a"), 1));
        assert!(second.identify(&identity("b"), 1));
        drop(first);
        assert_eq!(connections.count(), 1);
        let mut third = connections.open(2).unwrap();
        assert!(third.identify(&identity("a"), 1));
    }

    #[test]
    fn few_fit_at_the_door_and_they_take_no_session_s_place() {
        let connections = Connections::default();
        let mut visits: Vec<_> = (0..DOOR).map(|_| connections.visit().unwrap()).collect();
        assert!(connections.visit().is_none());
        assert!(connections.open(1).is_some());
        visits.pop();
        assert!(connections.visit().is_some());
    }
}
