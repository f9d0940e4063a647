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

/// What all workers share. Every part of it is safe to use from any of them.
pub struct Services {
    /// The configuration in force.
    pub plan: ArcSwap<Plan>,
    /// Its generation, told to every session when it changes.
    pub generation: watch::Sender<u64>,
    /// True once the gateway is shutting down.
    pub draining: watch::Sender<bool>,
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
