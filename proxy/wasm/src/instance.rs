//! One instance of a filter, and the bounds of a call.

use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{ResourceLimiter, Store};

use crate::Limits;
use crate::engine::EPOCH;
use crate::v0_1::{Data, Guests};

/// Elements of a table; guests made by ordinary compilers need a few thousand.
const TABLE: usize = 100_000;

/// An instance.
pub(crate) struct Instance {
    pub(crate) store: Store<Data>,
    pub(crate) guests: Guests,
    /// It is one of ours: it does not give way in the middle of a call.
    pub(crate) trusted: bool,
    /// The place of one that is not ours.
    pub(crate) _place: Option<OwnedSemaphorePermit>,
}

impl Instance {
    /// Gives the next call its time and the size of its answers, in bytes.
    pub(crate) fn arm(&mut self, limits: &Limits, now: Instant, answer: usize) {
        self.store.set_hostcall_fuel(answer);
        let data = self.store.data_mut();
        data.memory.exceeded = false;
        if self.trusted {
            self.store.set_epoch_deadline(epochs(limits.timeout));
        } else {
            // It gives way at every epoch, and is then asked whether its time
            // is over.
            data.until = now + limits.timeout;
            data.yields = 0;
            self.store.set_epoch_deadline(1);
        }
    }
}

/// The epochs within which a guest that does not give way has to answer.
pub(crate) fn epochs(time: std::time::Duration) -> u64 {
    let epochs = time.as_nanos().div_ceil(EPOCH.as_nanos());
    u64::try_from(epochs).unwrap_or(u64::MAX).saturating_add(1)
}

/// Bounds the memory of an instance, and remembers that it wanted more.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Most bytes.
    pub(crate) most: usize,
    /// It wanted more during this call.
    pub(crate) exceeded: bool,
}

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
