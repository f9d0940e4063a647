//! Counters and timings for Prometheus, in OpenTelemetry's spirit: few labels,
//! none of them taken from what a client sends.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Names of guest counters that are kept; more are dropped with a warning.
const GUEST_COUNTERS: usize = 256;

/// An operation's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    target: String,
    verdict: &'static str,
}

/// A session's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListenerLabels {
    listener: String,
}

/// A refused session's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    listener: String,
    reason: &'static str,
}

/// A filter's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FilterLabels {
    filter: String,
    kind: String,
}

/// A reload's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    outcome: &'static str,
}

/// Everything that is counted, process-wide.
pub struct Metrics {
    /// What `/metrics` prints.
    registry: Registry,
    operations: Family<OperationLabels, Counter>,
    decisions: Histogram,
    sessions: Family<ListenerLabels, Gauge>,
    accepted: Family<ListenerLabels, Counter>,
    refused: Family<RefusalLabels, Counter>,
    faults: Family<FilterLabels, Counter>,
    guests: Family<FilterLabels, Counter>,
    /// Bounds `guests`, whose names come from filters.
    guest_names: Mutex<HashSet<FilterLabels>>,
    reloads: Family<ReloadLabels, Counter>,
    generation: Gauge,
    restart: Gauge,
    recording_errors: Counter,
    webhook_failures: Counter,
    catalog_loads: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("narrowgate");
        let metrics = Self {
            operations: Family::default(),
            decisions: Histogram::new(exponential_buckets(0.000_002, 4.0, 12)),
            sessions: Family::default(),
            accepted: Family::default(),
            refused: Family::default(),
            faults: Family::default(),
            guests: Family::default(),
            guest_names: Mutex::default(),
            reloads: Family::default(),
            generation: Gauge::default(),
            restart: Gauge::default(),
            recording_errors: Counter::default(),
            webhook_failures: Counter::default(),
            catalog_loads: Counter::default(),
            registry: Registry::default(),
        };
        registry.register(
            "operations",
            "Operations decided",
            metrics.operations.clone(),
        );
        registry.register_with_unit(
            "decision",
            "Time from an operation to its verdict, waiting for people included",
            Unit::Seconds,
            metrics.decisions.clone(),
        );
        registry.register(
            "sessions",
            "Sessions that are open",
            metrics.sessions.clone(),
        );
        registry.register(
            "sessions_accepted",
            "Sessions accepted",
            metrics.accepted.clone(),
        );
        registry.register(
            "sessions_refused",
            "Sessions refused",
            metrics.refused.clone(),
        );
        registry.register(
            "filter_faults",
            "Filters that could not answer",
            metrics.faults.clone(),
        );
        registry.register(
            "filter_counter",
            "Counters that filters keep",
            metrics.guests.clone(),
        );
        registry.register("reloads", "Configuration reloads", metrics.reloads.clone());
        registry.register(
            "configuration_generation",
            "Generation of the configuration in force",
            metrics.generation.clone(),
        );
        registry.register(
            "restart_needed",
            "Changes of the configuration that wait for a restart",
            metrics.restart.clone(),
        );
        registry.register(
            "recording_errors",
            "Events that could not be recorded",
            metrics.recording_errors.clone(),
        );
        registry.register(
            "webhook_failures",
            "Webhook deliveries that failed",
            metrics.webhook_failures.clone(),
        );
        registry.register(
            "catalog_loads",
            "Catalogs read from targets",
            metrics.catalog_loads.clone(),
        );
        Self {
            registry,
            ..metrics
        }
    }
}

impl Metrics {
    /// The counter of operations to a target that came to a verdict.
    pub fn operations(&self, target: &str, verdict: &'static str) -> Counter {
        let labels = OperationLabels {
            target: target.to_owned(),
            verdict,
        };
        self.operations.get_or_create(&labels).clone()
    }

    /// How long a verdict has taken.
    pub fn decided(&self, took: Duration) {
        self.decisions.observe(took.as_secs_f64());
    }

    /// A session has begun.
    pub fn session_opened(&self, listener: &str) {
        let labels = ListenerLabels {
            listener: listener.to_owned(),
        };
        self.accepted.get_or_create(&labels).inc();
        self.sessions.get_or_create(&labels).inc();
    }

    /// A session has ended.
    pub fn session_closed(&self, listener: &str) {
        self.sessions
            .get_or_create(&ListenerLabels {
                listener: listener.to_owned(),
            })
            .dec();
    }

    /// A session was refused; `reason` is a word of the gateway's own.
    pub fn session_refused(&self, listener: &str, reason: &'static str) {
        let labels = RefusalLabels {
            listener: listener.to_owned(),
            reason,
        };
        self.refused.get_or_create(&labels).inc();
    }

    /// A filter could not answer. Returns how often that was so before.
    pub fn filter_fault(&self, filter: &str, kind: &str) -> u64 {
        let labels = FilterLabels {
            filter: filter.to_owned(),
            kind: kind.to_owned(),
        };
        self.faults.get_or_create(&labels).inc()
    }

    /// A filter counts something under a name of its own.
    pub fn guest_counter(&self, filter: &str, name: &str, amount: u64) {
        let labels = FilterLabels {
            filter: filter.to_owned(),
            kind: name.chars().take(64).collect(),
        };
        let mut names = self
            .guest_names
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if names.contains(&labels) || names.len() < GUEST_COUNTERS {
            self.guests.get_or_create(&labels).inc_by(amount);
            names.insert(labels);
        } else {
            tracing::warn!(filter, "a filter keeps too many counters");
        }
    }

    /// A configuration has come into force, or has been refused.
    pub fn reloaded(&self, generation: Option<u64>) {
        let outcome = if generation.is_some() {
            "applied"
        } else {
            "refused"
        };
        self.reloads.get_or_create(&ReloadLabels { outcome }).inc();
        if let Some(generation) = generation {
            self.started(generation);
        }
    }

    /// So many changes of the configuration wait for a restart.
    pub fn restart_needed(&self, changes: usize) {
        self.restart.set(i64::try_from(changes).unwrap_or(i64::MAX));
    }

    /// A configuration is in force.
    pub fn started(&self, generation: u64) {
        self.generation
            .set(i64::try_from(generation).unwrap_or(i64::MAX));
    }

    /// An event could not be recorded.
    pub fn recording_error(&self) {
        self.recording_errors.inc();
    }

    /// A webhook could not be delivered.
    pub fn webhook_failure(&self) {
        self.webhook_failures.inc();
    }

    /// A target's catalog has been read.
    pub fn catalog_load(&self) {
        self.catalog_loads.inc();
    }

    /// Everything in the OpenMetrics text format.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_printed() {
        let metrics = Metrics::default();
        metrics.operations("billing", "allowed").inc();
        metrics.decided(Duration::from_micros(5));
        metrics.filter_fault("policy", "trap");
        let text = metrics.render().unwrap();
        let line = r#"narrowgate_operations_total{target="billing",verdict="allowed"} 1"#;
        assert!(text.contains(line), "{text}");
        assert!(text.contains(r#"filter="policy",kind="trap""#), "{text}");
    }

    #[test]
    fn a_filter_cannot_make_endless_counters() {
        let metrics = Metrics::default();
        for n in 0..2 * GUEST_COUNTERS {
            metrics.guest_counter("f", &n.to_string(), 1);
        }
        let text = metrics.render().unwrap();
        let counters = text
            .lines()
            .filter(|l| l.starts_with("narrowgate_filter_counter_total"));
        assert_eq!(counters.count(), GUEST_COUNTERS);
    }
}
