//! Finding secrets by what they look like, wherever they stand.
//!
//! One pass over the text looks for anchors: bytes without which nothing of a
//! kind can be there (`@` for an email address, the `J` of `eyJ` for a token).
//! Only at an anchor is a detector asked, so clean text costs one table look-up
//! a byte.

mod api_key;
mod assignment;
mod aws_key;
mod bytes;
mod card;
mod email;
mod iban;
mod iban_lengths;
mod ipv4;
mod jwt;
mod kind;
mod phone;
mod private_key;
mod replace;
mod scan;
mod ssn;
mod url_password;

pub(crate) use assignment::names_a_secret;
pub use kind::Kind;
pub(crate) use replace::Replaced;
pub(crate) use scan::{Detectors, Hit};
