//! A session: one client's connection and what is known about it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::Value;

/// Who is acting. Groups count only together with the issuer.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Name of the issuer in the configuration.
    pub issuer: String,
    /// Subject, unique at that issuer.
    pub subject: String,
    /// Groups that the issuer asserts and is allowed to assert.
    pub groups: Vec<String>,
    /// When the identity ends, in seconds since 1970-01-01 UTC.
    pub expires: u64,
    /// The verified claims as a JSON object.
    pub claims: String,
}

/// What is known when a client connects.
#[derive(Clone, Debug)]
pub struct SessionStart {
    /// Unique while the gateway runs; never reused.
    pub number: u64,
    /// Identifier in recordings and logs.
    pub id: String,
    /// Name of the listener.
    pub listener: String,
    /// Protocol word of the configuration.
    pub protocol: &'static str,
    /// Name of the target, empty while it is not known.
    pub target: String,
    /// Address and port of the client.
    pub client: String,
    /// User name that the client gave; it gives no right.
    pub user: String,
    /// True when the client talks TLS.
    pub encrypted: bool,
}

/// A session. Shared between its driver and the instances that serve it.
#[derive(Debug)]
pub struct Session {
    /// What was known at its start and does not change.
    pub start: SessionStart,
    /// Counts up with every change of `state`, so that guests may cache.
    revision: AtomicU32,
    /// What filters have set.
    state: RwLock<State>,
}

/// The part of a session that filters write.
#[derive(Debug, Default)]
struct State {
    /// Set by the filter that holds the grant `identity`, nobody else.
    identity: Option<Arc<Identity>>,
    /// Attributes with the name of the filter that owns each.
    attributes: HashMap<String, (String, Value)>,
}

/// Most attributes a session may carry; a filter that sets more is at fault.
const ATTRIBUTES: usize = 64;

impl Session {
    /// A session that begins.
    pub fn new(start: SessionStart) -> Arc<Self> {
        Arc::new(Self {
            start,
            revision: AtomicU32::new(0),
            state: RwLock::default(),
        })
    }

    /// Counts up whenever identity or attributes change.
    pub fn revision(&self) -> u32 {
        self.revision.load(Ordering::Acquire)
    }

    /// The identity, once it has been set.
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .identity
            .clone()
    }

    /// Sets the identity.
    pub fn set_identity(&self, identity: Identity) {
        self.state
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .identity = Some(Arc::new(identity));
        self.revision.fetch_add(1, Ordering::Release);
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.attributes.get(name).map(|(_, value)| value.clone())
    }

    /// Sets an attribute on behalf of the filter that is called `owner` in the chain,
    /// wherever it stands there now. False when it belongs to another filter or
    /// there are too many.
    #[must_use]
    pub fn set_attribute(&self, owner: &str, name: &str, value: Value) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let full = state.attributes.len() >= ATTRIBUTES;
        match state.attributes.get_mut(name) {
            Some((by, _)) if by != owner => return false,
            Some((_, old)) => *old = value,
            None if full => return false,
            None => {
                state
                    .attributes
                    .insert(name.to_owned(), (owner.to_owned(), value));
            }
        }
        self.revision.fetch_add(1, Ordering::Release);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Arc<Session> {
        Session::new(SessionStart {
            number: 1,
            id: "s".into(),
            listener: "l".into(),
            protocol: "postgres",
            target: "t".into(),
            client: "c".into(),
            user: "u".into(),
            encrypted: true,
        })
    }

    #[test]
    fn an_attribute_belongs_to_whoever_set_it_first() {
        let session = session();
        assert!(session.set_attribute("b", "tier", "gold".into()));
        assert!(!session.set_attribute("c", "tier", "lead".into()));
        assert_eq!(session.attribute("tier"), Some("gold".into()));
        assert!(session.set_attribute("b", "tier", "tin".into()));
        assert_eq!(session.attribute("tier"), Some("tin".into()));
    }

    #[test]
    fn attributes_are_bounded() {
        let session = session();
        for n in 0..ATTRIBUTES {
            assert!(session.set_attribute("a", &n.to_string(), true.into()));
        }
        assert!(!session.set_attribute("a", "more", true.into()));
        assert!(session.set_attribute("a", "1", false.into()));
    }

    #[test]
    fn every_change_counts_the_revision_up() {
        let session = session();
        let before = session.revision();
        assert!(session.set_attribute("a", "a", true.into()));
        assert!(session.revision() > before);
    }
}
