//! The host, driven through its public face with the guests in `fixtures`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test does not expect is to fail it"
)]

mod fairness;
mod frozen;
mod grants;
mod hostile;
mod instances;
mod load;
mod minimal;
mod standing;
mod support;
