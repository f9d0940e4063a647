//! What an instance knows during a call.

use std::sync::Arc;
use std::time::Instant;

use crate::instance::Memory;
use crate::lines::Lines;
use crate::{Grants, HostServices};

/// A session, lent to a guest.
#[expect(
    unreachable_pub,
    reason = "named by the generated bindings, which are public"
)]
pub struct Session;

/// An operation, lent to a guest.
#[expect(
    unreachable_pub,
    reason = "named by the generated bindings, which are public"
)]
pub struct Operation;

/// The host's side of an instance.
pub(crate) struct Data {
    /// Name of the filter, for its log.
    pub(super) name: String,
    /// What it is given.
    pub(super) grants: Grants,
    /// What the host offers.
    pub(super) services: HostServices,
    /// What it may still log.
    pub(super) lines: Arc<Lines>,
    /// When the call of one that gives way is stopped.
    pub(crate) until: Instant,
    /// Times that it has given way during this call.
    pub(crate) yields: u32,
    /// Bounds its memory.
    pub(crate) memory: Memory,
    /// The session of the call that is under way.
    pub(super) session: Option<Arc<narrowgate_chain::Session>>,
    /// The operation of the call that is under way.
    pub(super) operation: Option<Arc<narrowgate_chain::Operation>>,
    /// During this call the guest has asked for something that another operation
    /// with the same summary may have otherwise.
    pub(super) particular: bool,
}

impl Data {
    pub(super) fn new(
        name: &str,
        grants: Grants,
        services: HostServices,
        memory: usize,
        lines: Arc<Lines>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            grants,
            services,
            lines,
            until: Instant::now(),
            yields: 0,
            memory: Memory {
                most: memory,
                exceeded: false,
            },
            session: None,
            operation: None,
            particular: false,
        }
    }

    /// Lends a session, and an operation if the call is about one.
    pub(crate) fn lend(
        &mut self,
        session: &Arc<narrowgate_chain::Session>,
        operation: Option<&Arc<narrowgate_chain::Operation>>,
    ) {
        self.session = Some(session.clone());
        self.operation = operation.cloned();
        self.particular = false;
    }

    /// The call is over.
    pub(crate) fn take_back(&mut self) {
        self.session = None;
        self.operation = None;
    }
}
