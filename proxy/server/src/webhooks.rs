//! Telling others by HTTP POST: of requests for consent, and of signed heads.

mod client;
mod heads;
mod outbox;

pub use client::{Client, DeliveryError};
pub use heads::publish;
pub use outbox::deliver;
