//! Chains as a worker runs them.

use narrowgate_chain::{Chain, Filter};
use narrowgate_wasm::WasmFilter;

/// A chain of Wasm filters, on one worker.
pub type FilterChain = Chain<WasmFilter>;

/// The exchange of a Wasm filter.
pub type FilterExchange = <WasmFilter as Filter>::Exchange;
