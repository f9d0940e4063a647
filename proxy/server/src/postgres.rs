//! The PostgreSQL driver: wire protocol on both sides, operations in between.
//!
//! A connection is accepted ([`accept`]), logged in ([`session`]) and relayed
//! ([`relay`]) until it ends. The codec knows what bytes and statements mean;
//! the gate decides; this module joins them.

mod accept;
mod authentication;
mod cancel;
mod catalog;
mod dry;
mod error;
pub(crate) mod operation;
mod parameters;
mod place;
mod query;
mod refuse;
mod relay;
mod reported;
mod session;
mod statements;
mod survey;
mod types;
mod upstream;
mod values;
mod wanted;
mod wire;

pub use accept::ALPN;
pub use cancel::Cancels;
pub use catalog::Catalogs;
pub(crate) use dry::{DryError, dry};
pub use refuse::refuse;
pub use session::serve;
pub use statements::StatementCache;
pub(crate) use survey::{Survey, Suspect, SuspectKind, survey};
