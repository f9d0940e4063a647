//! The first packet of a connection, which has no type byte.
//!
//! A client opens with SSLRequest, GSSENCRequest, a TLS handshake, CancelRequest
//! or StartupMessage; after a refused or completed encryption request it sends
//! another first packet.

mod cancel_request;
mod decode;
mod encryption;
mod startup_message;

pub use cancel_request::CancelRequest;
pub use decode::{MAX_LENGTH, Startup, decode};
pub use encryption::{EncryptionAnswer, GssEncRequest, SslRequest};
pub use startup_message::StartupMessage;
