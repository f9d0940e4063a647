//! The instances of a filter on one worker.
//!
//! A shared filter keeps a few, which serve all sessions in turn and stay warm;
//! any other has one for each session, so that no session meets another's
//! memory.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{Fault, FaultKind, Session};
use tokio::sync::{Mutex, MutexGuard};

use crate::configured::Configured;
use crate::instance::{Instance, fault};
use crate::v0_1;

/// Instances of a shared filter on one worker: while one waits in the middle of
/// a call, another can be asked.
const SHARED: usize = 2;

/// A place for an instance.
#[derive(Default)]
pub(crate) struct Slot {
    /// The instance; made at first need, gone after a fault.
    instance: Mutex<Option<Instance>>,
    /// Counts up with every new instance: exchanges of an older one are lost.
    generation: Cell<u64>,
}

/// The instances of a filter on one worker.
pub(crate) struct Pool {
    configured: Arc<Configured>,
    /// Those of a shared filter.
    shared: Vec<Rc<Slot>>,
    /// The place that is asked next.
    next: Cell<usize>,
    /// Those of one session each.
    sessions: RefCell<HashMap<u64, Rc<Slot>>>,
}

impl Pool {
    pub(crate) fn new(configured: Arc<Configured>) -> Self {
        let count = if configured.setup.shared { SHARED } else { 0 };
        Self {
            configured,
            shared: (0..count).map(|_| Rc::default()).collect(),
            next: Cell::new(0),
            sessions: RefCell::default(),
        }
    }

    /// The place that serves a session now.
    pub(crate) fn slot(&self, session: &Session) -> Result<Rc<Slot>, Fault> {
        if !self.shared.is_empty() {
            let start = self.next.get();
            self.next.set(start.wrapping_add(1));
            let order = (0..self.shared.len()).map(|n| start.wrapping_add(n) % self.shared.len());
            let mut slots = order.filter_map(|at| self.shared.get(at));
            let first = slots.next().cloned();
            let free = first
                .iter()
                .chain(slots)
                .find(|slot| slot.instance.try_lock().is_ok())
                .cloned();
            return free
                .or(first)
                .ok_or_else(|| self.none("there are no instances"));
        }
        let mut sessions = self.sessions.borrow_mut();
        let most = self.configured.setup.limits.instances;
        if !sessions.contains_key(&session.start.number) && sessions.len() >= most {
            return Err(self.none("as many sessions as it may have instances"));
        }
        Ok(sessions.entry(session.start.number).or_default().clone())
    }

    /// A session has ended: its instance goes.
    pub(crate) fn forget(&self, session: &Session) {
        self.sessions.borrow_mut().remove(&session.start.number);
    }

    fn none(&self, message: &str) -> Fault {
        fault(&self.configured, FaultKind::Instances, message)
    }
}

impl Slot {
    /// The instance, made if there is none, with its generation.
    pub(crate) async fn enter(
        &self,
        configured: &Configured,
    ) -> Result<(MutexGuard<'_, Option<Instance>>, u64), Fault> {
        let mut place = self.instance.lock().await;
        if place.as_ref().is_none_or(Instance::is_spent) {
            self.generation.set(self.generation.get() + 1);
            *place = None;
            *place = Some(v0_1::instantiate(configured).await?);
        }
        Ok((place, self.generation.get()))
    }

    /// The instance of a generation, if it is still there.
    pub(crate) async fn enter_generation(
        &self,
        generation: u64,
    ) -> Option<MutexGuard<'_, Option<Instance>>> {
        let place = self.instance.lock().await;
        (self.generation.get() == generation && place.is_some()).then_some(place)
    }

    /// Notes an exchange that nobody needs any more.
    pub(crate) fn discard(&self, generation: u64, exchange: wasmtime::component::ResourceAny) {
        // If a call is under way it is dropped with the instance at the latest.
        if let Ok(mut place) = self.instance.try_lock()
            && self.generation.get() == generation
            && let Some(instance) = place.as_mut()
        {
            instance.garbage.push(exchange);
        }
    }
}
