//! The Rust SDK for Narrowgate filters.
//!
//! A filter is a plain struct with a typed configuration and the events it
//! wants. It is compiled to a Wasm component and can be tested natively: see
//! [`testing`]. The contract it is built against is in `wit/`.
//!
//! ```
//! use narrowgate_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct NoDrops {
//!     /// What the client is told.
//!     message: String,
//! }
//!
//! impl Filter for NoDrops {
//!     type Config = Self;
//!     const DESCRIPTION: Description =
//!         Description::new("no-drops").events(&[Event::Operation]).powers(&[Power::Deny]);
//!
//!     fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
//!         Ok(config)
//!     }
//!
//!     fn operation(&self, _: &Session, operation: &Operation) -> Decision {
//!         match operation.actions.iter().any(|action| action == "drop") {
//!             true => Denial::forbidden(&self.message).into(),
//!             false => Decision::proceed(),
//!         }
//!     }
//! }
//!
//! narrowgate_sdk::export!(NoDrops);
//! ```

#[allow(
    missing_docs,
    clippy::all,
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "generated, by a generator whose versions differ in what they need"
)]
pub mod bindings;

mod answer;
mod batch;
mod config;
mod credential;
mod describe;
mod effect;
mod filter;
mod glob;
#[doc(hidden)]
pub mod glue;
mod host;
mod known;
pub mod matcher;
mod operation;
pub mod postgres;
mod session;
pub mod testing;
mod time;
mod value;

pub use answer::{Connection, Decision, Denial, Hold, Verdict};
pub use batch::{Batch, BatchOutcome, Column, Direction, Edits, Interest, Shape};
pub use config::ConfigError;
pub use credential::{Credential, IssuerRules, TokenFault, Verified};
pub use describe::{Description, Event, Power};
pub use effect::Effect;
pub use filter::{Exchange, Filter, Message, MessageOutcome};
pub use glob::Glob;
pub use host::{Level, log, now, utc_offset_minutes};
pub use operation::{Access, Flow, Object, Operation, Origin, Phase, Predicate};
pub use session::{Identity, Session};
pub use time::seconds;
pub use value::{Attributes, Value, attribute};

/// What a filter usually needs.
pub mod prelude {
    pub use schemars::JsonSchema;
    pub use serde::Deserialize;

    pub use crate::{
        Batch, BatchOutcome, ConfigError, Connection, Decision, Denial, Description, Effect, Event,
        Exchange, Filter, Interest, Operation, Power, Session, Shape, Verdict,
    };
}

#[doc(hidden)]
pub use {schemars, serde, serde_json};
