//! What an instance knows during a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::instance::Memory;
use crate::{Grants, HostServices};

/// Lines that a filter may log in a second.
const LINES: u32 = 100;

/// A session, lent to a guest.
pub struct Session;

/// An operation, lent to a guest.
pub struct Operation;

/// The host's side of an instance.
pub(crate) struct Data {
    /// Name of the filter, for its log.
    pub(super) name: String,
    /// What it is given.
    pub(super) grants: Grants,
    /// What the host offers.
    pub(super) services: HostServices,
    /// Bounds its memory.
    pub(crate) memory: Memory,
    /// The session of the call that is under way.
    pub(super) session: Option<Arc<narrowgate_chain::Session>>,
    /// The operation of the call that is under way.
    pub(super) operation: Option<Arc<narrowgate_chain::Operation>>,
    /// Lines logged in the second that began then.
    lines: (Instant, u32),
}

impl Data {
    pub(super) fn new(name: &str, grants: Grants, services: HostServices, memory: usize) -> Self {
        Self {
            name: name.to_owned(),
            grants,
            services,
            memory: Memory::new(memory),
            session: None,
            operation: None,
            lines: (Instant::now(), 0),
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
    }

    /// The call is over.
    pub(crate) fn take_back(&mut self) {
        self.session = None;
        self.operation = None;
    }

    /// True when another line may be logged now.
    pub(super) fn may_log(&mut self) -> bool {
        let (since, count) = &mut self.lines;
        if since.elapsed() >= Duration::from_secs(1) {
            self.lines = (Instant::now(), 1);
            return true;
        }
        *count += 1;
        *count <= LINES
    }
}
