//! The client's messages, on their way up.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use bytes::BytesMut;
use narrowgate_codec::postgres::frontend::{Bind, Flush, Message, Parse, Query};
use narrowgate_codec::postgres::{
    CopyData, Error as CodecError, Frame, Header, Limits, Passing, Text,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

use super::copy::during_copy;
use super::expect::Expect;
use super::{Ended, PIPELINE, Relay, empty, make_room};
use crate::net::Stream;
use crate::postgres::error::{PROTOCOL_VIOLATION, Report};

/// Bytes to make room for before a read.
pub(super) const READ: usize = 16 * 1024;
/// Bytes after which what is to go up is written before more is looked at.
const WRITE: usize = 64 * 1024;
/// Bytes of further messages that are read while one is being decided.
const AHEAD: usize = 256 * 1024;

/// What PostgreSQL calls PQ_LARGE_MESSAGE_LIMIT: the longest body, with its length,
/// that it takes itself.
const LARGEST: u32 = 0x3fff_fffe;

/// A statement that no grammar accepts. It goes up in place of a denied one, so
/// that transaction and pipeline fail there as the client is told they did. Its
/// text is what the server's log shows.
const FAILING: &str = "narrowgate denied this statement";
/// Name of the failing statement: a failing Parse of the unnamed statement would
/// take away the client's own.
const FAILING_NAME: &str = "narrowgate_denied";

/// What the client sends next.
enum Next {
    /// A message.
    Whole(Frame),
    /// The beginning of one that is too large to be held.
    Large(Header),
}

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
    // What is still to come of a message that is too large to be held, whether it
    // goes up, and how much of that is its header.
    let mut large: Option<(Passing, bool, usize)> = None;
    loop {
        loop {
            if let Some((rest, goes_up, head)) = &mut large {
                let bytes = rest.take(&mut input);
                if *goes_up {
                    let data = bytes.slice((*head).min(bytes.len())..);
                    *head = head.saturating_sub(bytes.len());
                    if let Err(ended) = relay.copy_in(data, None, &mut out).await {
                        return ended;
                    }
                }
                if !rest.is_done() {
                    break;
                }
                large = None;
            }
            let next = match Frame::split(&mut input, &limits) {
                Ok(Some(frame)) => Next::Whole(frame),
                Ok(None) => break,
                Err(CodecError::TooLong { tag, length, .. })
                    if b"BFPQd".contains(&tag) && length <= LARGEST - 4 =>
                {
                    Next::Large(Header { tag, length })
                }
                Err(error) => return Ended::Client(error),
            };
            let begun = match &next {
                Next::Whole(frame) if frame.as_bytes().len() > WRITE => {
                    // What comes behind it is not to keep its memory.
                    input = BytesMut::from(input.as_ref());
                    None
                }
                Next::Whole(_) => None,
                Next::Large(header) => Some(Passing::begin(*header)),
            };
            empty(&mut made);
            let handled = {
                let mut handled = std::pin::pin!(relay.next(next, &mut made));
                match at_once(handled.as_mut()).await {
                    Some(handled) => handled,
                    None => {
                        // What it waits for may be people, or the answer to an
                        // earlier message: those do not wait with it.
                        relay.ask_for_answers(&mut out);
                        match write(target, &mut out).await {
                            Ok(()) => beside(relay, handled, &mut client, &mut input, target).await,
                            Err(_) => Err(Ended::TargetGone),
                        }
                    }
                }
            };
            match handled {
                Ok(goes_up) => {
                    match out.is_empty() {
                        true => std::mem::swap(&mut out, &mut made),
                        false => out.extend_from_slice(&made),
                    }
                    large = begun.map(|rest| (rest, goes_up, Header::SIZE));
                }
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
        make_room(&mut input, READ);
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

/// Handles a message; while that takes time, the gateway's own questions go up, and
/// further messages are read, so that a client which goes away is noticed.
async fn beside<T>(
    relay: &Relay,
    mut handled: Pin<&mut impl Future<Output = Result<T, Ended>>>,
    client: &mut (impl AsyncRead + Unpin),
    input: &mut BytesMut,
    target: &mut (impl AsyncWrite + Unpin),
) -> Result<T, Ended> {
    loop {
        let ahead = input.len() < AHEAD;
        if ahead {
            input.reserve(READ);
        }
        tokio::select! {
            biased;
            handled = &mut handled => return handled,
            () = relay.own.wanted.notified() => {
                let mut question = relay.own.upward.take();
                if write(target, &mut question).await.is_err() {
                    return Err(Ended::TargetGone);
                }
            }
            read = client.read_buf(input), if ahead => if matches!(read, Ok(0) | Err(_)) {
                return Err(Ended::ClientGone);
            },
        }
    }
}

/// Writes what is to go up.
async fn write(target: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> std::io::Result<()> {
    if !out.is_empty() {
        target.write_all(out).await?;
        target.flush().await?;
        empty(out);
    }
    Ok(())
}

impl Relay {
    /// Handles what the client sends next; true when what is still to come of it
    /// goes up as it comes.
    async fn next(&self, next: Next, out: &mut BytesMut) -> Result<bool, Ended> {
        match next {
            Next::Whole(frame) => self.message(frame, out).await.map(|()| false),
            Next::Large(header) if header.tag == CopyData::TAG => Ok(self.is_copying().await),
            Next::Large(header) => {
                self.in_turn(None).await;
                if self.copying.get() {
                    return Err(during_copy());
                }
                if self.skipping.get() {
                    return Ok(false);
                }
                let what = format!("(a message of {} bytes)", header.total());
                let report = self.unreadable(&what, self.too_long(header));
                self.deny(report, !matches!(header.tag, Parse::TAG | Bind::TAG), out);
                Ok(false)
            }
        }
    }

    /// The report for a message that is too large to be held.
    fn too_long(&self, header: Header) -> Report {
        let most = self.bounds.message_length;
        Report {
            detail: Some(format!(
                "It has {} bytes; limits.message_length is {most}.",
                header.length
            )),
            hint: Some(
                "Send less at a time, or large data with COPY; or have the limit raised."
                    .to_owned(),
            ),
            ..Report::new("54000", "the message is too large to be held")
        }
    }

    /// Handles one message of the client.
    async fn message(&self, frame: Frame, out: &mut BytesMut) -> Result<(), Ended> {
        let message = Message::decode(&frame).map_err(Ended::Client)?;
        self.in_turn(Some(&message)).await;
        if self.copying.get() {
            return self.while_copying(message, &frame, out).await;
        }
        self.undo(&message, out);
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
                self.expect(Expect::Close(close.target.detached()));
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
        fail(simple, out);
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

/// Appends a statement that fails at the target.
pub(super) fn fail(simple: bool, out: &mut BytesMut) {
    let failing = match simple {
        true => Query {
            query: Text::from(FAILING),
        }
        .encode(out),
        false => Parse {
            statement: Text::from(FAILING_NAME),
            query: Text::from(FAILING),
            parameter_types: Vec::new(),
        }
        .encode(out),
    };
    debug_assert!(failing.is_ok(), "a constant message can be encoded");
}
