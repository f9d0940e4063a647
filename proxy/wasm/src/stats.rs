//! What is counted of a filter.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use narrowgate_chain::FaultKind;

/// Counts of one filter, over all workers.
#[derive(Debug, Default)]
pub struct FilterStats {
    calls: AtomicU64,
    nanoseconds: AtomicU64,
    faults: [AtomicU64; 6],
}

/// Kinds of faults, in the order in which they are counted.
const KINDS: [FaultKind; 6] = [
    FaultKind::Trap,
    FaultKind::Timeout,
    FaultKind::Memory,
    FaultKind::Answer,
    FaultKind::Grant,
    FaultKind::Instances,
];

impl FilterStats {
    pub(crate) fn called(&self, took: Duration) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(took, Ordering::Relaxed);
    }

    pub(crate) fn faulted(&self, kind: FaultKind) {
        if let Some(at) = KINDS.iter().position(|known| *known == kind)
            && let Some(count) = self.faults.get(at)
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Time spent in calls.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    /// Faults so far, by kind.
    pub fn faults(&self) -> impl Iterator<Item = (FaultKind, u64)> {
        KINDS.into_iter().zip(
            self.faults
                .iter()
                .map(|count| count.load(Ordering::Relaxed)),
        )
    }
}
