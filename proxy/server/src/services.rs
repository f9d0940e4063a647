//! What all workers share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use narrowgate_store::approvals::Approvals;
use tokio::sync::watch;

use crate::connections::Connections;
use crate::gate::Limits;
use crate::identity::Keys;
use crate::metrics::Metrics;
use crate::plan::Plan;
use crate::postgres::{Cancels, Catalogs};

/// Where the gateway is between its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Sessions come and go.
    Running,
    /// No new session; those that are there may go on for a while.
    Draining,
    /// All sessions end.
    Ending,
}

/// What all workers share. Every part of it is safe to use from any of them.
pub struct Services {
    /// The configuration in force.
    pub plan: ArcSwap<Plan>,
    /// Its generation, told to every session when it changes.
    pub generation: watch::Sender<u64>,
    /// Where the gateway is between its start and its end.
    pub stage: watch::Sender<Stage>,
    /// Requests for consent.
    pub approvals: Approvals,
    /// Keys of issuers.
    pub keys: Arc<Keys>,
    /// Rates that span sessions.
    pub limits: Limits,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Open connections, bounded.
    pub connections: Connections,
    /// Who may cancel what.
    pub cancels: Cancels,
    /// Catalogs of PostgreSQL targets.
    pub catalogs: Catalogs,
    /// Keys the digests that stand for secrets in recordings.
    pub digest_key: Vec<u8>,
}

impl Services {
    /// Resolves when all sessions have to end.
    pub async fn ending(&self) {
        let mut stage = self.stage.subscribe();
        // The sender lives as long as what it is asked through.
        let _ = stage.wait_for(|stage| *stage == Stage::Ending).await;
    }
}
