//! Masking inside JSON: the value is read as a stream, what is masked is
//! replaced, and everything else stays byte for byte as it was.

mod literal;
mod path;
mod paths;
mod rewrite;
mod string;

#[cfg(test)]
mod tests;

pub(crate) use path::Path;
pub(crate) use paths::Paths;
pub(crate) use rewrite::{Found, Rewriter};
pub(crate) use string::{decode, encode};
