//! One instance of a filter, and calling it within its bounds.

use std::time::{Duration, Instant};

use narrowgate_chain::{Fault, FaultKind};
use wasmtime::component::ResourceAny;
use wasmtime::{ResourceLimiter, Store, Trap};

use crate::configured::Configured;
use crate::engine::EPOCH;
use crate::v0_1::{Data, Guests};

/// Exchanges that may wait to be dropped before an instance is thrown away.
const GARBAGE: usize = 4096;

/// An instance.
pub(crate) struct Instance {
    pub(crate) store: Store<Data>,
    pub(crate) guests: Guests,
    /// It is one of ours: it does not give way in the middle of a call.
    pub(crate) trusted: bool,
    /// Exchanges that nobody needs any more, to be dropped at the next call.
    pub(crate) garbage: Vec<ResourceAny>,
}

/// Bounds the memory of an instance, and remembers that it wanted more.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Most bytes.
    pub(crate) most: usize,
    /// It wanted more.
    pub(crate) exceeded: bool,
}

/// Elements of a table; guests made by ordinary compilers need a few thousand.
const TABLE: usize = 100_000;

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= self.most;
        self.exceeded |= !fits;
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE)
    }
}

impl Instance {
    /// True when so much is waiting to be dropped that a new one is cheaper.
    pub(crate) fn is_spent(&self) -> bool {
        self.garbage.len() > GARBAGE
    }

    /// Gives the next call its time.
    pub(crate) fn arm(&mut self, configured: &Configured) {
        let epochs = configured
            .setup
            .limits
            .timeout
            .as_nanos()
            .div_ceil(EPOCH.as_nanos());
        let epochs = u64::try_from(epochs).unwrap_or(u64::MAX).saturating_add(1);
        if configured.setup.trusted {
            self.store.set_epoch_deadline(epochs);
        } else {
            // It gives way at every tick; the whole is bounded by a timer.
            self.store.set_epoch_deadline(1);
        }
    }
}

/// Waits for a call of a filter that gives way, for as long as it may take.
pub(crate) async fn bounded<T>(
    configured: &Configured,
    call: impl Future<Output = wasmtime::Result<T>>,
) -> Result<T, Failed> {
    if configured.setup.trusted {
        return call.await.map_err(Failed::Error);
    }
    match tokio::time::timeout(configured.setup.limits.timeout, call).await {
        Ok(result) => result.map_err(Failed::Error),
        Err(_) => Err(Failed::Timeout),
    }
}

/// Why a call failed.
pub(crate) enum Failed {
    /// It took too long.
    Timeout,
    /// It ended with an error.
    Error(wasmtime::Error),
}

impl Failed {
    /// The fault, and its kind.
    pub(crate) fn fault(self, configured: &Configured, exceeded: bool) -> Fault {
        let timeout = || {
            let bound = configured.setup.limits.timeout;
            (FaultKind::Timeout, format!("no answer within {bound:?}"))
        };
        let (kind, message) = match self {
            Self::Timeout => timeout(),
            Self::Error(error) => match error.downcast_ref::<Trap>() {
                Some(Trap::Interrupt) => timeout(),
                _ if exceeded => {
                    let bound = configured.setup.limits.memory;
                    (
                        FaultKind::Memory,
                        format!("it wanted more than {bound} bytes of memory"),
                    )
                }
                Some(trap) => (FaultKind::Trap, trap.to_string()),
                None => (FaultKind::Answer, format!("{error:#}")),
            },
        };
        fault(configured, kind, message)
    }
}

/// A fault of a filter, counted.
pub(crate) fn fault(configured: &Configured, kind: FaultKind, message: impl Into<String>) -> Fault {
    configured.stats.faulted(kind);
    Fault {
        filter: configured.setup.name.clone(),
        kind,
        message: message.into(),
    }
}

/// Measures a call.
pub(crate) struct Clocked<'a>(&'a Configured, Instant);

impl<'a> Clocked<'a> {
    pub(crate) fn start(configured: &'a Configured) -> Self {
        Self(configured, Instant::now())
    }
}

impl Drop for Clocked<'_> {
    fn drop(&mut self) {
        self.0.stats.called(self.1.elapsed());
    }
}

/// How long making an instance may take.
pub(crate) const INSTANTIATE: Duration = Duration::from_secs(2);
