//! The engine: how guests are compiled and bounded, once for the process.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How long an epoch lasts. Deadlines are counted in epochs.
pub(crate) const EPOCH: Duration = Duration::from_millis(5);

/// Instances that may live at once, over all filters and workers. Each takes
/// about seven memory mappings, so that `vm.max_map_count` (65,530 by default)
/// is reached before memory is.
const INSTANCES: u32 = 4_000;
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
            .total_core_instances(INSTANCES)
            .total_memories(INSTANCES)
            .total_tables(INSTANCES)
            .total_stacks(INSTANCES)
            .max_memory_size(MAX_MEMORY)
            .max_component_instance_size(1 << 20)
            .max_core_instance_size(1 << 20)
            .linear_memory_keep_resident(KEEP_RESIDENT)
            .max_unused_warm_slots(64);
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .epoch_interruption(true)
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
            _ticker: Arc::new(Ticker(stop)),
        })
    }

    /// Wasmtime's own.
    pub(crate) fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // The thread may have ended with the engine.
        let _ended = self.0.send(());
    }
}
