//! What filters ask the host to do beside their verdict.

use crate::{Attributes, Value, attribute};

/// An effect, not yet judged: the host refuses names it does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// `record`, `attribute`, `count`, `limit`, `rows`, `notice`.
    pub name: String,
    /// With what.
    pub attributes: Attributes,
}

impl Effect {
    /// An attribute's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name).and_then(Value::as_text)
    }

    /// An attribute's whole number, when it is not negative.
    pub fn number(&self, name: &str) -> Option<u64> {
        attribute(&self.attributes, name)
            .and_then(Value::as_integer)
            .and_then(|number| u64::try_from(number).ok())
    }

    /// An attribute's truth; false when absent.
    pub fn is(&self, name: &str) -> bool {
        attribute(&self.attributes, name)
            .and_then(Value::as_boolean)
            .unwrap_or(false)
    }
}
