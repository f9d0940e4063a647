//! A stream that first gives back bytes which were read to find out what it is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Reads `prefix` first, then from the stream itself.
#[derive(Debug)]
pub struct Prefixed<S> {
    /// Bytes that have been read and not been used.
    prefix: BytesMut,
    /// The stream.
    stream: S,
}

impl<S> Prefixed<S> {
    /// Gives `prefix` back in front of the stream.
    pub fn new(prefix: BytesMut, stream: S) -> Self {
        Self { prefix, stream }
    }

    /// The stream beneath, when nothing is left to give back; what is left is
    /// dropped.
    pub fn into_inner(self) -> S {
        self.stream
    }

    /// The stream beneath.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefixed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.prefix.is_empty() {
            let count = self.prefix.len().min(buf.remaining());
            buf.put_slice(self.prefix.get(..count).unwrap_or_default());
            self.prefix.advance(count);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefixed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn peeked_bytes_come_first_and_none_is_lost() {
        let mut stream = Prefixed::new(BytesMut::from(&b"peek"[..]), &b"ed rest"[..]);
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"peeked rest");
    }
}
