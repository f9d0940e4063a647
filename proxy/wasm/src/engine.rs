//! The engine: how guests are compiled and bounded, once for the process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How long an epoch lasts. Deadlines are counted in epochs, and a guest that
/// gives way does so once in each: what others wait for it.
pub(crate) const EPOCH: Duration = Duration::from_millis(1);

/// Instances that may live at once, over all filters and workers. Each takes
/// about seven memory mappings, so that `vm.max_map_count` (65,530 by default)
/// is reached before memory is.
const INSTANCES: u32 = 4_000;
/// Of these, for filters that are not ours: however many sessions their
/// instances serve, ours find a place.
const FOREIGN: usize = 3_500;
/// Core modules of a component: the guest's, and two with which component
/// tooling ties its imports to it; one more to spare.
const MODULES: u32 = 4;
/// Tables of a component: the guest's, that of the tie, one to spare.
const TABLES: u32 = 3;
/// Largest memory that any filter may be given.
pub(crate) const MAX_MEMORY: usize = 256 << 20;
/// Bytes of a memory that are kept and zeroed rather than unmapped.
const KEEP_RESIDENT: usize = 256 << 10;

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
#[error("the Wasm engine cannot be set up: {0}")]
pub struct EngineError(String);

/// The engine. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    /// Places for instances of filters that are not ours.
    foreign: Arc<Semaphore>,
    /// Ends the ticker with the last clone.
    _ticker: Arc<Ticker>,
}

/// Counts the epochs.
struct Ticker(std::sync::mpsc::Sender<()>);

impl Engine {
    /// An engine, with a thread that counts its epochs.
    pub fn new() -> Result<Self, EngineError> {
        let failed = |error: &dyn std::fmt::Display| EngineError(error.to_string());
        let mut pooling = PoolingAllocationConfig::new();
        pooling
            .total_component_instances(INSTANCES)
            .total_core_instances(INSTANCES * MODULES)
            .total_memories(INSTANCES)
            .total_tables(INSTANCES * TABLES)
            .total_stacks(INSTANCES)
            .max_core_instances_per_component(MODULES)
            .max_memories_per_component(1)
            .max_tables_per_component(TABLES)
            .max_memory_size(MAX_MEMORY)
            .max_component_instance_size(1 << 20)
            .max_core_instance_size(1 << 20)
            .linear_memory_keep_resident(KEEP_RESIDENT)
            .pagemap_scan(Enabled::Auto)
            .max_unused_warm_slots(64);
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .epoch_interruption(true)
            .wasm_backtrace_max_frames(None)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pooling));
        let inner = wasmtime::Engine::new(&config).map_err(|error| failed(&error))?;
        let (stop, stopped) = std::sync::mpsc::channel();
        let weak = inner.weak();
        std::thread::Builder::new()
            .name("epochs".to_owned())
            .spawn(move || {
                use std::sync::mpsc::RecvTimeoutError::Timeout;
                while stopped.recv_timeout(EPOCH) == Err(Timeout) {
                    match weak.upgrade() {
                        Some(engine) => engine.increment_epoch(),
                        None => break,
                    }
                }
            })
            .map_err(|error| failed(&error))?;
        Ok(Self {
            inner,
            foreign: Arc::new(Semaphore::new(FOREIGN)),
            _ticker: Arc::new(Ticker(stop)),
        })
    }

    /// Wasmtime's own.
    pub(crate) fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }

    /// A place for an instance of a filter that is not ours, while there is one.
    pub(crate) fn foreign(&self) -> Option<OwnedSemaphorePermit> {
        self.foreign.clone().try_acquire_owned().ok()
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // The thread may have ended with the engine.
        let _ended = self.0.send(());
    }
}
