//! From the configuration as written to the plan as run.
//!
//! Everything that can be wrong without a connection being made is found here,
//! and all of it is reported in one go, each with its place in the file.

mod built_in;
mod chains;
mod faults;
mod files;
mod filters;
mod issuers;
mod listeners;
mod names;
mod secrets;
mod storage;
mod targets;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use narrowgate_config::{Config, Errors, Loaded};
use narrowgate_wasm::{CacheError, EngineError, LoadError, Tokens};

use super::{Bounds, Plan};
use faults::Faults;
use files::Files;
use filters::Filters;

pub use built_in::schemas as built_in_schemas;

/// Makes plans. Filters that a change leaves alone are taken over as they are,
/// so that an edited rule is in force at once.
pub struct Builder {
    /// Loads and configures filters.
    filters: Filters,
}

/// Why plans cannot be made at all.
#[derive(Debug, thiserror::Error)]
pub enum BuilderError {
    /// The Wasm engine cannot be set up.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Compiled filters cannot be kept.
    #[error("compiled filters cannot be kept: {0}")]
    Cache(#[from] CacheError),
    /// A built-in filter, or the host itself, does not fit.
    #[error("the filter host cannot be set up: {0}")]
    Load(#[from] LoadError),
}

/// What is wrong with a configuration.
#[derive(Debug)]
pub struct PlanError {
    /// Each with its place.
    pub errors: Errors,
    /// Files that it refers to; a change of one may make it right.
    pub files: Vec<PathBuf>,
}

impl Builder {
    /// A builder. `state` is the directory in which compiled filters are kept;
    /// without it they are compiled each time. `workers` share what a filter
    /// may have as a whole.
    pub fn new(
        tokens: Arc<dyn Tokens>,
        state: Option<&Path>,
        workers: usize,
    ) -> Result<Self, BuilderError> {
        Ok(Self {
            filters: Filters::new(tokens, state, workers)?,
        })
    }

    /// The plan of a configuration.
    pub fn build(&mut self, loaded: &Loaded, generation: u64) -> Result<Plan, PlanError> {
        let config = &loaded.config;
        let mut files = Files::new(loaded);
        let mut faults = Faults::new(loaded);
        let (reading, wrong) = (&mut files, &mut faults);
        let plan = Plan {
            generation,
            listeners: listeners::listeners(config, reading, wrong),
            admin: listeners::admin(config, reading, wrong),
            targets: targets::targets(config, reading, wrong),
            issuers: issuers::issuers(config, reading, wrong),
            chains: chains::chains(config, &mut self.filters, reading, wrong),
            webhooks: storage::webhooks(config, reading, wrong),
            recordings: storage::recordings(config, reading, wrong),
            approvals: storage::approvals(config, reading),
            bounds: bounds(config),
            drain: config.shutdown.drain.get(),
            log: config.log,
            state_directory: reading.path(&config.state_directory),
            files: Vec::new(),
        };
        let files = files.into_seen();
        match faults.finish() {
            Ok(()) => {
                self.filters.settle();
                Ok(Plan { files, ..plan })
            }
            Err(errors) => Err(PlanError { errors, files }),
        }
    }
}

/// Bounds that hold for the whole gateway.
fn bounds(config: &Config) -> Bounds {
    let limits = &config.limits;
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Bounds {
        connections: count(limits.connections),
        connections_per_identity: count(limits.connections_per_identity),
        handshake: limits.handshake.get(),
        idle: limits.idle.get(),
        message_length: limits.message_length.len(),
        statement_length: limits.statement_length.len(),
        session_memory: limits.session_memory.len(),
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.errors.fmt(f)
    }
}

impl std::error::Error for PlanError {}

impl From<Errors> for PlanError {
    fn from(errors: Errors) -> Self {
        Self {
            errors,
            files: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
