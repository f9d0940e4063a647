//! A stream with its read buffer, for the parts of a session where messages
//! come one at a time: start-up, login, the gateway's own queries.

use std::io;

use bytes::BytesMut;
use narrowgate_codec::postgres::backend::Fields;
use narrowgate_codec::postgres::{Error as CodecError, Frame, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::net::Stream;

/// Bytes to make room for before a read.
const READ: usize = 8 * 1024;

/// Why a peer cannot be talked to.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// The connection broke.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The peer closed the connection.
    #[error("the connection was closed")]
    Closed,
    /// The peer does not keep to the protocol.
    #[error("{0}")]
    Codec(#[from] CodecError),
}

/// A stream and what has been read from it.
pub(super) struct Wire {
    /// The stream.
    pub(super) stream: Stream,
    /// Bytes read and not decoded yet.
    pub(super) buffer: BytesMut,
    /// Bytes to be written.
    pub(super) out: BytesMut,
}

impl Wire {
    /// A stream from which nothing has been read.
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            out: BytesMut::new(),
        }
    }

    /// Gives back the room of what has been read and written.
    pub(super) fn release(&mut self) {
        self.buffer = BytesMut::from(self.buffer.as_ref());
        self.out = BytesMut::from(self.out.as_ref());
    }

    /// Reads more.
    pub(super) async fn fill(&mut self) -> Result<(), WireError> {
        self.buffer.reserve(READ);
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(WireError::Closed),
            _ => Ok(()),
        }
    }

    /// The next message.
    pub(super) async fn frame(&mut self, limits: &Limits) -> Result<Frame, WireError> {
        loop {
            if let Some(frame) = Frame::split(&mut self.buffer, limits)? {
                return Ok(frame);
            }
            self.fill().await?;
        }
    }

    /// Writes what is in `out`.
    pub(super) async fn send(&mut self) -> Result<(), WireError> {
        if !self.out.is_empty() {
            self.stream.write_all(&self.out).await?;
            self.stream.flush().await?;
            self.out.clear();
        }
        Ok(())
    }
}

/// A field of an error that a target reports, for the log.
pub(super) fn said(fields: &Fields, letter: u8) -> String {
    fields
        .get(letter)
        .map(|text| text.to_string_lossy().into_owned())
        .unwrap_or_default()
}
