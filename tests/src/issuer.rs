//! Who gives tokens: two issuers for two kinds of test.
//!
//! [`Provider`] is a real OpenID Connect issuer in a process of its own, whose tokens
//! come from its token endpoint. [`Local`] lives in the test itself; it signs whatever a
//! test wants signed, good or bad, and can be made to fail.

mod key;
mod local;
mod provider;
mod token;

pub use jsonwebtoken::Algorithm;
pub use key::Key;
pub use local::{Local, Trouble};
pub use provider::{Client, Provider};
pub use token::Token;
