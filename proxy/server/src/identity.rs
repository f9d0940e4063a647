//! Tokens: fetching issuers' keys and checking signatures.
//!
//! The rules that a token has to meet are the auth filter's; what is here needs
//! the network and key material, which guests do not get.

mod discovery;
mod keys;
mod keyset;
mod verify;

pub use keys::Keys;
