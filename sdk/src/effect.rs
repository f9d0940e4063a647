//! What a filter asks the host to do beside its verdict.

use crate::{Attributes, Value, attribute};

/// An effect; the names that the host knows are in `wit/types.wit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// What to do.
    pub name: String,
    /// With what.
    pub attributes: Attributes,
}

impl Effect {
    /// An effect of that name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            attributes: Vec::new(),
        }
    }

    /// The same with an attribute more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    /// Names the rule that allowed the operation.
    pub fn rule(name: &str) -> Self {
        Self::new("rule").with("name", name)
    }

    /// Adds to a counter.
    pub fn count(name: &str) -> Self {
        Self::new("count").with("name", name)
    }

    /// Takes from the bucket `key`, which holds `capacity` and fills up again
    /// within `window` seconds.
    pub fn limit(key: &str, capacity: u64, window: u64) -> Self {
        Self::new("limit")
            .with("key", key)
            .with("capacity", capacity)
            .with("window", window)
    }

    /// Ends the operation after so many rows.
    pub fn rows(maximum: u64) -> Self {
        Self::new("rows").with("maximum", maximum)
    }

    /// Tells the client something before the result.
    pub fn notice(message: &str) -> Self {
        Self::new("notice").with("message", message)
    }

    /// The answer is the same for every operation of the session with this
    /// summary, see [`Decision::stands`](crate::Decision::stands).
    pub fn stands() -> Self {
        Self::new("stands")
    }

    /// An attribute of it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        attribute(&self.attributes, name)
    }
}
