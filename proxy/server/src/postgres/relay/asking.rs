//! The client's side while people are asked about one of its operations.

use std::rc::Rc;

use narrowgate_chain::Operation;
use narrowgate_codec::postgres::backend::{Fields, Severity};
use narrowgate_store::approvals::Parameter;

use super::Relay;
use crate::gate::Waiting;
use crate::postgres::values;

/// An operation that people may be asked about.
pub(super) struct Asking<'a> {
    /// Its session.
    pub(super) relay: &'a Relay,
    /// How its names can be looked at again.
    pub(super) names: Names,
    /// Types of its parameters by their OIDs, as far as they are known; 0 is open.
    pub(super) types: Option<Rc<[u32]>>,
}

/// Where the names of an operation stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// In its text.
    Text,
    /// In the statement within its text, a PREPARE or DECLARE.
    Within,
    /// Nowhere: it goes by OIDs, which are never given to something else.
    None,
}

impl Waiting for Asking<'_> {
    fn notice(&self, operation: &Operation, message: &str, hint: &str) {
        self.relay.hold_cancelled.set(false);
        self.relay.holding.set(true);
        let fields = Fields::new(Severity::Notice, "00000", message).hint(hint);
        self.relay.remark(Some(operation.id), fields);
    }

    async fn cancelled(&self) {
        while !self.relay.hold_cancelled.get() {
            self.relay.hold_told.notified().await;
        }
    }

    fn has_written(&self) -> bool {
        self.relay.written.get()
    }

    async fn is_unchanged(&self, operation: &Operation) -> bool {
        self.relay.still_means(operation, self.names).await
    }

    fn place(&self) -> String {
        format!("database {}", self.relay.place.borrow().database)
    }

    fn parameters(&self, operation: &Operation) -> Vec<Parameter> {
        let kinds = self
            .types
            .iter()
            .flat_map(|types| types.iter())
            .copied()
            .chain(std::iter::repeat(0));
        let binary = operation
            .binary
            .iter()
            .copied()
            .chain(std::iter::repeat(false));
        operation
            .parameters
            .iter()
            .zip(kinds.zip(binary))
            .map(|(value, (oid, binary))| values::parameter(oid, binary, value.as_deref()))
            .collect()
    }
}
