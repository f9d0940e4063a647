//! The instances of a filter on one worker.
//!
//! A shared filter keeps a few, which serve all sessions in turn and stay warm;
//! any other has one for each session, so that no session meets another's
//! memory.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use narrowgate_chain::{FaultKind, Session};

use crate::configured::Configured;
use crate::fault::fault;
use crate::slot::Slot;

/// Instances of a shared filter on one worker: while one gives way in the
/// middle of a call, another can be asked.
const SHARED: usize = 2;

/// The instances of a filter on one worker.
pub(crate) enum Pool {
    /// They serve every session. The first is asked whenever it is free: what
    /// it remembers of sessions is then of use most often.
    Shared([Rc<Slot>; SHARED]),
    /// One for each session, by the session's number.
    Sessions(RefCell<HashMap<u64, Rc<Slot>>>),
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
        session: &Session,
    ) -> Result<Rc<Slot>, narrowgate_chain::Fault> {
        match self {
            Self::Shared([first, second]) => match first.is_free() || !second.is_free() {
                true => Ok(first.clone()),
                false => Ok(second.clone()),
            },
            Self::Sessions(sessions) => {
                let mut sessions = sessions.borrow_mut();
                let number = session.start.number;
                let full = sessions.len() >= configured.setup.limits.instances;
                if full && !sessions.contains_key(&number) {
                    return Err(fault(
                        configured,
                        FaultKind::Instances,
                        "there are more sessions than it may have instances",
                    ));
                }
                Ok(sessions.entry(number).or_default().clone())
            }
        }
    }

    /// A session has ended: its instance goes.
    pub(crate) fn forget(&self, session: &Session) {
        if let Self::Sessions(sessions) = self {
            sessions.borrow_mut().remove(&session.start.number);
        }
    }
}
