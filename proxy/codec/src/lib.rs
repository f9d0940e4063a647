//! Protocol codecs: bytes to messages to operations and back; no sockets.

pub mod postgres;
