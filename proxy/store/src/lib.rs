//! Approvals and recordings on disk: what a person consented to, and what was
//! done with it.
//!
//! Both survive a `kill -9` of the gateway and both refuse rather than guess:
//! a grant is consumed durably before it is used, and a recording that cannot
//! be written is an error the caller turns into a denial.
//!
//! Every time in this crate is a count of microseconds since the Unix epoch.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "a test that fails should fail loudly"
    )
)]

pub mod approvals;
pub mod clock;
pub mod display;
pub mod recordings;
pub mod value;

mod private;
