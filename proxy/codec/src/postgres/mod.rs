//! PostgreSQL's frontend/backend protocol, versions 3.0 and 3.2, both sides.
//!
//! The data path is `BytesMut` → [`Frame`] (or [`Scan`] over many frames, or
//! [`Passing`] for one too large to hold) → [`frontend::Message`] or
//! [`backend::Message`]. The first packet of a connection has another layout:
//! [`startup`]. Messages own slices of the frame they came from, so decoding
//! copies nothing.
//!
//! The crate `postgres-protocol` decodes what a client receives and encodes
//! what it sends; a gateway needs both directions of both, hence this codec.

pub mod analysis;
pub mod backend;
pub mod copy_rows;
pub mod frontend;
pub mod startup;

mod copy_data;
mod empty;
mod error;
mod format;
mod frame;
mod limits;
mod pass;
mod read;
mod scan;
mod secret_key;
mod text;
mod version;
mod write;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use copy_data::{CopyData, CopyDone};
pub use error::Error;
pub use format::{Format, Formats};
pub use frame::{Frame, Header};
pub use limits::Limits;
pub use pass::Passing;
pub use scan::{Found, Run, Scan};
pub use secret_key::SecretKey;
pub use text::Text;
pub use version::ProtocolVersion;
