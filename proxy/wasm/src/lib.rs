//! The Wasm host of the filter contract.
