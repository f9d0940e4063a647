//! A worker: one core, one runtime, the sessions that it has accepted.
//!
//! Sessions never leave their worker, so that what they use there (instances
//! of filters, the recording's writer, caches) needs no locks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::Chain;

use crate::chains::FilterChain;
use crate::gate::Recorder;
use crate::postgres::StatementCache;
use crate::services::Services;

/// One core's own things.
pub struct Worker {
    /// What all workers share.
    pub services: Arc<Services>,
    /// Writes this worker's segments of the recording.
    pub recorder: Recorder,
    /// Statements that have been analysed.
    pub statements: StatementCache,
    /// Chains of the configuration that was last looked at.
    chains: RefCell<Chains>,
}

/// Chains with their generation.
#[derive(Default)]
struct Chains {
    /// Generation of the configuration they were made from.
    generation: u64,
    /// By name.
    chains: HashMap<String, Rc<FilterChain>>,
}

impl Worker {
    /// A worker.
    pub fn new(services: Arc<Services>, recorder: Recorder) -> Rc<Self> {
        Rc::new(Self {
            services,
            recorder,
            statements: StatementCache::default(),
            chains: RefCell::default(),
        })
    }

    /// The chain of that name in the configuration in force, with the
    /// generation; `None` when the configuration no longer has it.
    pub fn chain(&self, name: &str) -> Option<(Rc<FilterChain>, u64)> {
        let plan = self.services.plan.load();
        let mut chains = self.chains.borrow_mut();
        if chains.generation != plan.generation {
            chains.generation = plan.generation;
            chains.chains.clear();
        }
        if let Some(chain) = chains.chains.get(name) {
            return Some((chain.clone(), plan.generation));
        }
        let made = plan.chains.get(name)?;
        let filters = made.filters.iter().map(|filter| filter.worker()).collect();
        let chain = Rc::new(Chain::new(name, filters));
        chains.chains.insert(name.to_owned(), chain.clone());
        Some((chain, plan.generation))
    }
}
