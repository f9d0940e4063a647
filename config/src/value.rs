//! Values that are written as one word and mean more than a string.
//!
//! Each parses from its text, tells the schema its `format`, and is checked by
//! that format before it is read, so that every bad value is reported at once.

mod address;
mod digest;
mod duration;
mod endpoint;
mod file_ref;
mod filter_ref;
mod issuer_url;
mod key_set;
mod loopback;
mod secret;
mod secret_ref;
mod size;
mod text;
mod word;

pub use address::{Bind, HostPort};
pub use digest::Digest;
pub use duration::HumanDuration;
pub use endpoint::{Endpoint, EndpointError};
pub use file_ref::{FileError, FileRef};
pub use filter_ref::FilterRef;
pub use issuer_url::IssuerUrl;
pub use key_set::KeySet;
pub use secret::{Secret, SecretError};
pub use secret_ref::SecretRef;
pub use size::ByteSize;
pub use text::Refused;
pub use word::{Database, Label, Name};

pub(crate) use text::{Text, check, describe};
