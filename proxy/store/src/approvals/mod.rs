//! Requests for a person's consent, from the hold to the grant.
//!
//! ```text
//! pending ──approve × quorum──► approved ──consume──► used
//!    │                             │                    │
//!    ├─ denied, expired, cancelled ├─ expired, cancelled└─ revoked (while it runs)
//!                                  └─ revoked
//! ```
//!
//! [`Store`] is the blocking core over SQLite, [`Approvals`] the handle that
//! many runtimes share.

mod consume;
mod decide;
mod digest;
mod disconnect;
mod error;
mod handle;
mod list;
mod outbox;
mod request;
mod rows;
mod schema;
mod signature;
mod store;
mod submit;
mod subscribers;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;

pub use consume::Grant;
pub use digest::{Parameter, Subject, digest};
pub use error::{Error, Limit};
pub use handle::Approvals;
pub use list::Filter;
pub use outbox::Outgoing;
pub use request::{
    Approver, Decision, Identity, NewRequest, OnDisconnect, Request, State, Validity, Verdict,
};
pub use signature::{sign_webhook, verify_webhook};
pub use store::{Options, Store};
