//! The instances of a filter on one worker.
//!
//! A shared filter keeps a few, which serve all sessions in turn and stay warm;
//! any other has one for each session, so that no session meets another's
//! memory.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use narrowgate_chain::{Fault, FaultKind, Session};

use crate::configured::Configured;
use crate::fault::fault;
use crate::slot::Slot;

/// Instances of a shared filter on one worker: while one gives way in the
/// middle of a call, another can be asked.
const SHARED: usize = 2;
/// Sessions below which nobody looks for those that are gone.
const FEW: usize = 16;

/// The instances of a filter on one worker.
pub(crate) enum Pool {
    /// They serve every session. The first is asked whenever it is free: what
    /// it remembers of sessions is then of use most often.
    Shared([Rc<Slot>; SHARED]),
    /// One for each session.
    Sessions(RefCell<Sessions>),
}

/// Instances that have a session each.
#[derive(Default)]
pub(crate) struct Sessions {
    /// By the session's number.
    slots: HashMap<u64, (Weak<Session>, Rc<Slot>)>,
    /// How many there were when those of sessions that are gone were last
    /// looked for: not every session that ends is closed, as when a client is
    /// turned away or its task is cancelled.
    kept: usize,
}

impl Pool {
    pub(crate) fn new(configured: &Configured) -> Self {
        match configured.setup.shared {
            true => Self::Shared(std::array::from_fn(|_| Rc::default())),
            false => Self::Sessions(RefCell::default()),
        }
    }

    /// The place that serves a session now.
    pub(crate) fn slot(
        &self,
        configured: &Configured,
        session: &Arc<Session>,
    ) -> Result<Rc<Slot>, Fault> {
        match self {
            Self::Shared([first, second]) => match first.is_free() || !second.is_free() {
                true => Ok(first.clone()),
                false => Ok(second.clone()),
            },
            Self::Sessions(sessions) => sessions
                .borrow_mut()
                .slot(configured.setup.limits.instances, session)
                .ok_or_else(|| {
                    let message = "there are more sessions than it may have instances";
                    fault(configured, FaultKind::Instances, message)
                }),
        }
    }

    /// A session has ended: its instance goes.
    pub(crate) fn forget(&self, session: &Session) {
        if let Self::Sessions(sessions) = self {
            sessions.borrow_mut().slots.remove(&session.start.number);
        }
    }
}

impl Sessions {
    /// The place of a session, if there may be one more.
    fn slot(&mut self, most: usize, session: &Arc<Session>) -> Option<Rc<Slot>> {
        let number = session.start.number;
        if let Some((_, slot)) = self.slots.get(&number) {
            return Some(slot.clone());
        }
        let count = self.slots.len();
        if count >= most || count >= FEW.max(2 * self.kept) {
            self.slots
                .retain(|_, (session, _)| session.strong_count() > 0);
            self.kept = self.slots.len();
        }
        if self.slots.len() >= most {
            return None;
        }
        let slot = Rc::<Slot>::default();
        let weak = Arc::downgrade(session);
        self.slots.insert(number, (weak, slot.clone()));
        Some(slot)
    }
}
