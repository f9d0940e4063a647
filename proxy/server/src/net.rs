//! Sockets: listening on every core, and streams that are TLS or not.

mod listen;
mod prefixed;
mod stream;

pub use listen::listen;
pub use prefixed::Prefixed;
pub use stream::Stream;
