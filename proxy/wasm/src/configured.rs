//! A filter with its configuration and what it is given: the same for all
//! workers, each of which makes its own instances of it.

use std::sync::Arc;
use std::time::Duration;

use narrowgate_chain::Direction;

use crate::engine::MAX_MEMORY;
use crate::lines::Lines;
use crate::powers::Power;
use crate::v0_1;
use crate::{FilterStats, Grant, Grants, HostServices, Module, WasmFilter};

/// Bounds of one filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of one instance, in bytes.
    pub memory: usize,
    /// Longest call.
    pub timeout: Duration,
    /// Instances on one worker, where each session has its own.
    pub instances: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            timeout: Duration::from_millis(250),
            instances: 1_000,
        }
    }
}

/// How a module is to be used.
pub struct Setup {
    /// Its name in the chain.
    pub name: String,
    /// Its configuration, as JSON.
    pub config: String,
    /// What it is given.
    pub grants: Grants,
    /// Its bounds.
    pub limits: Limits,
    /// One instance may serve several sessions.
    pub shared: bool,
    /// It is one of ours: it runs without giving way to other sessions.
    pub trusted: bool,
    /// What the host offers it.
    pub services: HostServices,
}

/// A filter with its configuration.
pub struct Configured {
    pub(crate) module: Arc<Module>,
    pub(crate) setup: Setup,
    pub(crate) stats: FilterStats,
    /// What it may still log.
    pub(crate) lines: Arc<Lines>,
}

impl Configured {
    /// Configures a module: an instance is made and asked. The errors are JSON
    /// pointers into the configuration, with what is wrong there.
    pub fn new(module: Arc<Module>, mut setup: Setup) -> Result<Self, Vec<(String, String)>> {
        let whole = |message| Err(vec![(String::new(), message)]);
        let missing = setup.grants.missing(module.needs);
        if !missing.is_empty() {
            return whole(format!(
                "the filter needs the grants {}",
                missing.join(", ")
            ));
        }
        setup.limits.memory = setup.limits.memory.min(MAX_MEMORY);
        let configured = Self {
            module,
            setup,
            stats: FilterStats::default(),
            lines: Arc::default(),
        };
        let sees = configured.sees(Direction::ToClient) || configured.sees(Direction::ToTarget);
        if configured.module.events.message && !sees {
            let message = "the filter wants the event message, \
                 which takes one of the grants results, input";
            return whole(message.to_owned());
        }
        match v0_1::try_configure(&configured) {
            errors if errors.is_empty() => Ok(configured),
            errors => Err(errors),
        }
    }

    /// The filter on one worker.
    pub fn worker(self: &Arc<Self>) -> WasmFilter {
        WasmFilter::new(self.clone())
    }

    /// Its name in the chain.
    pub fn name(&self) -> &str {
        &self.setup.name
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// What is counted of it.
    pub fn stats(&self) -> &FilterStats {
        &self.stats
    }

    /// True when it says that it is able to do this (`identify`, `deny`, `hold`,
    /// `edit`) and is given what that takes.
    pub fn can(&self, power: &str) -> bool {
        let has = |grant| self.setup.grants.has(grant);
        Power::of(power).is_some_and(|power| {
            self.module.powers.has(power)
                && match power {
                    Power::Identify => has(Grant::Identify),
                    Power::Edit => has(Grant::Results) || has(Grant::Input),
                    Power::Deny | Power::Hold => true,
                }
        })
    }
}
