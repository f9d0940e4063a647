//! Bringing a changed configuration into force, whole or not at all.
//!
//! A changed file is read, checked and compiled aside, on a thread of its own;
//! then the plan is swapped in one step and sessions are told. One that is bad
//! changes nothing: it is logged with its errors and counted.

mod watch;

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::signal::unix::Signal;

use crate::listeners::{Bound, Listeners};
use crate::plan::{Builder, Plan, PlanError};
use crate::services::Services;
use watch::Watch;

/// Brings changes of the configuration into force.
pub struct Reloader {
    /// The configuration's file.
    path: PathBuf,
    /// Makes plans; `None` while it is at it.
    builder: Option<Builder>,
    /// The plan that the gateway was started with.
    started: Arc<Plan>,
    /// What all workers share.
    services: Arc<Services>,
    /// Where clients connect.
    listeners: Listeners,
}

impl Reloader {
    /// For the configuration in `path`, which `started` was made from.
    pub fn new(
        path: PathBuf,
        builder: Builder,
        started: Arc<Plan>,
        services: Arc<Services>,
        listeners: Listeners,
    ) -> Self {
        Self {
            path,
            builder: Some(builder),
            started,
            services,
            listeners,
        }
    }

    /// Reloads whenever a file changes or the gateway is told to, for ever.
    pub async fn run(mut self, mut hangups: Signal) {
        let mut watch = Watch::new(&self.started.files);
        loop {
            tokio::select! {
                () = watch.changed() => {}
                hangup = hangups.recv() => match hangup {
                    Some(()) => tracing::info!("SIGHUP: reading the configuration again"),
                    None => std::future::pending().await,
                }
            }
            let Some(files) = self.reload().await else {
                tracing::error!("the configuration can no longer be reloaded");
                return;
            };
            watch.follow(&files);
        }
    }

    /// Reads the configuration again. Returns the files that it refers to;
    /// `None` if that broke for good.
    async fn reload(&mut self) -> Option<Vec<PathBuf>> {
        let mut builder = self.builder.take()?;
        let path = self.path.clone();
        let running = self.services.plan.load_full();
        let generation = running.generation.wrapping_add(1);
        let built = tokio::task::spawn_blocking(move || {
            let plan = build(&mut builder, &path, generation);
            (builder, plan)
        });
        let (builder, plan) = built.await.ok()?;
        self.builder = Some(builder);
        match plan {
            Ok(plan) => {
                let files = plan.files.clone();
                match self.listeners.bind(&plan) {
                    Ok(bound) => {
                        self.apply(plan, bound);
                        Some(files)
                    }
                    Err(error) => Some(self.refused(&running, &error, files)),
                }
            }
            Err(error) => Some(self.refused(&running, &error.errors, error.files.clone())),
        }
    }

    /// Tells that nothing has changed. Returns the files to watch: what was good
    /// stays watched, and what was missing is now.
    fn refused(&self, running: &Plan, error: &dyn Display, new: Vec<PathBuf>) -> Vec<PathBuf> {
        self.services.metrics.reloaded(None);
        for line in error.to_string().lines() {
            tracing::error!(error = line, "the configuration was not reloaded");
        }
        [running.files.clone(), new].concat()
    }

    /// Swaps the plan and tells everybody.
    fn apply(&mut self, plan: Plan, bound: Bound) {
        let services = &self.services;
        let waiting = self.started.needs_restart(&plan);
        services.metrics.restart_needed(waiting.len());
        for what in waiting {
            tracing::warn!(
                what,
                "a change that takes effect when the gateway is started anew"
            );
        }
        let generation = plan.generation;
        // Keys first: a chain must not meet an issuer that nobody knows yet.
        services.keys.configure(&plan.issuers);
        let plan = Arc::new(plan);
        services.plan.store(plan.clone());
        self.listeners.open(bound, &plan);
        services.generation.send_replace(generation);
        services.metrics.reloaded(Some(generation));
        tracing::info!(generation, "the configuration is in force");
    }
}

/// Reads, checks and compiles.
fn build(
    builder: &mut Builder,
    path: &std::path::Path,
    generation: u64,
) -> Result<Plan, PlanError> {
    let loaded = narrowgate_config::load(path)?;
    builder.build(&loaded, generation)
}
