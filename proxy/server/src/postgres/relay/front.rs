//! The client's messages, on their way up.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use bytes::BytesMut;
use narrowgate_codec::postgres::frontend::{Flush, Message, Parse, Query};
use narrowgate_codec::postgres::{Frame, Limits, Text};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

use super::expect::Expect;
use super::{Ended, PIPELINE, Relay};
use crate::net::Stream;
use crate::postgres::error::{PROTOCOL_VIOLATION, Report};

/// Bytes to make room for before a read.
const READ: usize = 16 * 1024;
/// Bytes after which what is to go up is written before more is looked at.
const WRITE: usize = 64 * 1024;
/// Bytes of further messages that are read while one is being decided.
const AHEAD: usize = 256 * 1024;

/// A statement that no grammar accepts. It goes up in place of a denied one, so
/// that transaction and pipeline fail there as the client is told they did. Its
/// text is what the server's log shows.
const FAILING: &str = "narrowgate denied this statement";
/// Name of the failing statement: a failing Parse of the unnamed statement would
/// take away the client's own.
const FAILING_NAME: &str = "narrowgate_denied";

/// Takes the client's messages until the session ends.
pub(super) async fn run(
    relay: &Relay,
    mut client: ReadHalf<Stream>,
    mut input: BytesMut,
    target: &mut WriteHalf<Stream>,
) -> Ended {
    let limits = Limits::frontend(u32::try_from(relay.bounds.message_length).unwrap_or(u32::MAX));
    let mut out = BytesMut::new();
    let mut made = BytesMut::new();
    loop {
        loop {
            let frame = match Frame::split(&mut input, &limits) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => return Ended::Client(error),
            };
            made.clear();
            let handled = {
                let mut handled = std::pin::pin!(relay.message(frame, &mut made));
                match at_once(handled.as_mut()).await {
                    Some(handled) => handled,
                    None => {
                        // What it waits for may be people, or the answer to an
                        // earlier message: those do not wait with it.
                        relay.ask_for_answers(&mut out);
                        match write(target, &mut out).await {
                            Ok(()) => beside(handled, &mut client, &mut input).await,
                            Err(_) => Err(Ended::TargetGone),
                        }
                    }
                }
            };
            match handled {
                Ok(()) if out.is_empty() => std::mem::swap(&mut out, &mut made),
                Ok(()) => out.extend_from_slice(&made),
                Err(ended) => {
                    // What was permitted before it goes up: a client that says
                    // goodbye behind a statement means the statement.
                    let _best_effort = write(target, &mut out).await;
                    return ended;
                }
            }
            if out.len() >= WRITE && write(target, &mut out).await.is_err() {
                return Ended::TargetGone;
            }
            if relay.queue.borrow().len() >= PIPELINE {
                if write(target, &mut out).await.is_err() {
                    return Ended::TargetGone;
                }
                relay.room().await;
            }
        }
        if write(target, &mut out).await.is_err() {
            return Ended::TargetGone;
        }
        input.reserve(READ);
        match client.read_buf(&mut input).await {
            Ok(0) | Err(_) => return Ended::ClientGone,
            Ok(_) => relay.heard.set(Instant::now()),
        }
    }
}

/// The outcome of what does not have to wait.
async fn at_once<T>(mut handled: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    poll_fn(|context| match handled.as_mut().poll(context) {
        Poll::Ready(handled) => Poll::Ready(Some(handled)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Handles a message; while that takes time, further ones are read, so that a
/// client which goes away is noticed.
async fn beside(
    mut handled: Pin<&mut impl Future<Output = Result<(), Ended>>>,
    client: &mut (impl AsyncRead + Unpin),
    input: &mut BytesMut,
) -> Result<(), Ended> {
    loop {
        if input.len() >= AHEAD {
            return handled.await;
        }
        input.reserve(READ);
        tokio::select! {
            biased;
            handled = &mut handled => return handled,
            read = client.read_buf(input) => if matches!(read, Ok(0) | Err(_)) {
                return Err(Ended::ClientGone);
            },
        }
    }
}

/// Writes what is to go up.
async fn write(
    target: &mut (impl AsyncWrite + Unpin),
    out: &mut BytesMut,
) -> std::io::Result<()> {
    if !out.is_empty() {
        target.write_all(out).await?;
        target.flush().await?;
        out.clear();
    }
    Ok(())
}

impl Relay {
    /// Handles one message of the client.
    async fn message(&self, frame: Frame, out: &mut BytesMut) -> Result<(), Ended> {
        let message = Message::decode(&frame).map_err(Ended::Client)?;
        if self.copying.get() {
            return self.while_copying(&message, &frame, out);
        }
        match message {
            Message::Sync => {
                self.skipping.set(false);
                self.expect(Expect::Sync);
                out.extend_from_slice(frame.as_bytes());
                Ok(())
            }
            Message::Terminate => Err(Ended::Terminated),
            // After an error the server would ignore it as well.
            _ if self.skipping.get() => Ok(()),
            Message::Query(Query { query }) => self.query(query, &frame, out).await,
            Message::Parse(parse) => self.parse(parse, &frame, out).await,
            Message::Bind(bind) => self.bind(bind, &frame, out).await,
            Message::Describe(describe) => self.describe(describe.target, &frame, out).await,
            Message::Execute(execute) => self.execute(execute, &frame, out).await,
            Message::Close(close) => {
                self.expect(Expect::Close(close.target));
                out.extend_from_slice(frame.as_bytes());
                Ok(())
            }
            Message::Flush => {
                out.extend_from_slice(frame.as_bytes());
                Ok(())
            }
            Message::FunctionCall(call) => self.function_call(call, &frame, out).await,
            Message::CopyData(_) | Message::CopyDone | Message::CopyFail(_) => {
                self.copy_message(&frame, out).await
            }
            Message::AuthenticationResponse(_) => Err(Ended::Gateway(Report::new(
                PROTOCOL_VIOLATION,
                "a password message after the login",
            ))),
        }
    }

    /// Denies a message: a failing one goes up in its place.
    pub(super) fn deny(&self, report: Report, simple: bool, out: &mut BytesMut) {
        // What was sent before has failed while this was being decided: the
        // server ignores whatever comes up to the next Sync.
        if self.skipping.get() {
            return;
        }
        self.expect(Expect::Denied { report, simple });
        let failing = match simple {
            true => Query { query: Text::from(FAILING) }.encode(out),
            false => Parse {
                statement: Text::from(FAILING_NAME),
                query: Text::from(FAILING),
                parameter_types: Vec::new(),
            }
            .encode(out),
        };
        debug_assert!(failing.is_ok(), "a constant message can be encoded");
        // Nothing of this pipeline is decided any more; the server skips it too.
        self.skipping.set(!simple);
    }

    /// Has the server send what it has to say so far: it would keep answers back
    /// until Sync, which the client may send only behind what waits for them.
    fn ask_for_answers(&self, out: &mut BytesMut) {
        if !self.copying.get() && !self.queue.borrow().is_empty() {
            Flush.encode(out);
        }
    }

    /// Waits until the client is owed less.
    async fn room(&self) {
        while self.queue.borrow().len() >= PIPELINE / 2 {
            self.progress.notified().await;
        }
    }
}

/// Bytes of a message's text.
pub(super) fn text(text: &Text) -> Result<&str, Report> {
    text.as_str().map_err(|_| Report {
        hint: Some("Statements have to be UTF-8.".to_owned()),
        ..Report::new("22021", "the statement is not valid UTF-8")
    })
}
