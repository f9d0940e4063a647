//! Tokens: fetching issuers' keys and checking signatures.
//!
//! The rules that a session's token has to meet are the auth filter's; what is
//! here needs the network and key material, which guests do not get. Only for
//! the administrative API, which has no chain, the rules stand here as well.

mod claims;
mod discovery;
mod keys;
mod keyset;
mod verify;

pub use claims::{Person, TokenError};
pub(crate) use discovery::trustworthy;
pub use keys::Keys;
pub(crate) use keyset::KeySet;
