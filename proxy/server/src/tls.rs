//! TLS on both sides, by rustls: certificates and keys from PEM.

mod client;
mod pem;
mod server;

pub use client::{Verification, client};
pub use pem::TlsError;
pub use server::server;
