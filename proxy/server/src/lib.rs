//! The gateway: listeners, TLS, protocol drivers, wiring and command line.
//!
//! ```text
//! server → accept → postgres (driver) → gate → chains of filters (Wasm)
//!                        │                 └─► approvals, recording
//!                        └─► the target
//! ```

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

pub mod admin;
pub mod chains;
pub mod cli;
pub mod connections;
pub mod gate;
pub mod identity;
pub mod listeners;
pub mod metrics;
pub mod net;
pub mod plan;
pub mod postgres;
pub mod reload;
pub mod server;
pub mod services;
pub mod tls;
pub mod webhooks;
pub mod worker;

/// Settles which implementations of cryptography the process uses. Harmless
/// when it is called again.
fn install_crypto() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let _installed_before = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
}
