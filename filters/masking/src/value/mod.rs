//! Values of PostgreSQL's types: what a masked one looks like, so that a client
//! that knows the type can still read it.

mod kind;
mod mask;
mod time;
mod uuid;

pub(crate) use kind::Class;
pub(crate) use mask::{Format, JSONB_VERSION, mask};
