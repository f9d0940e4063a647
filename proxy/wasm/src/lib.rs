//! The Wasm host of the filter contract.
//!
//! [`Engine`] compiles, [`Loader`] turns a component into a [`Module`] by way of
//! a sealed cache, [`Configured`] is a module with its configuration and grants,
//! and [`WasmFilter`] is that on one worker: instances, pooled, behind the
//! chain's own traits. Contract 0.1.0 lives in `v0_1`; a later one will stand
//! beside it.

mod cache;
mod configured;
mod contract;
mod engine;
mod exchange;
mod fault;
mod filter;
mod grants;
mod instance;
mod lines;
mod load;
mod pool;
mod powers;
mod rights;
mod services;
mod slot;
mod stats;
mod turn;
mod v0_1;

pub use cache::{Cache, CacheError};
pub use configured::{Configured, Limits, Setup};
pub use contract::ContractError;
pub use engine::{Engine, EngineError};
pub use exchange::WasmExchange;
pub use filter::WasmFilter;
pub use grants::{Grant, Grants, UnknownGrant};
pub use load::{Description, LoadError, Loader, Module};
pub use services::{HostServices, IssuerRules, TokenFault, Tokens, Verified};
pub use stats::FilterStats;
