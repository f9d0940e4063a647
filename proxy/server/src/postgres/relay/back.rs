//! The target's answers, on their way down.

use bytes::BytesMut;
use narrowgate_codec::postgres::backend::{DataRow, Message};
use narrowgate_codec::postgres::{CopyData, Error as CodecError, Frame, Header, Limits, Run};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;

use super::large::Large;
use super::supervise::FAREWELL;
use super::{Ended, Relay, empty, make_room};
use crate::net::Stream;
use crate::postgres::error::Report;

/// Bytes to make room for before a read.
const READ: usize = 64 * 1024;
/// Bytes after which what is to go down is written before more is looked at.
const WRITE: usize = 64 * 1024;
/// Bytes of rows that filters see at once.
const BATCH: usize = 128 * 1024;

/// Sends the target's answers down until the session ends.
pub(super) async fn run(
    relay: &Relay,
    mut target: ReadHalf<Stream>,
    client: &mut WriteHalf<Stream>,
) -> Ended {
    let limits = Limits::backend(u32::MAX);
    let mut input = BytesMut::new();
    let mut out = BytesMut::new();
    let mut large: Option<Large> = None;
    loop {
        loop {
            if let Some(begun) = &mut large {
                match relay.more(begun, &mut input, &mut out).await {
                    Ok(true) => large = None,
                    Ok(false) => {}
                    Err(ended) => return ended,
                }
            }
            if large.is_none() {
                relay.interject(&mut out);
                let ending = relay.ending.borrow_mut().take();
                if let Some(report) = ending {
                    relay.send_last(client, &mut out).await;
                    return Ended::Gateway(report);
                }
            }
            if out.len() >= WRITE
                && let Err(ended) = relay.send(client, &mut out, is_whole(&large)).await
            {
                return ended;
            }
            if large.is_some() {
                break;
            }
            relay.in_place().await;
            match relay.step(&mut input, &mut out, &limits).await {
                Ok(Step::Done) => {}
                Ok(Step::Incomplete) => break,
                Ok(Step::Large(begun)) => large = Some(begun),
                Err(ended) => {
                    relay.send_last(client, &mut out).await;
                    return ended;
                }
            }
        }
        if let Err(ended) = relay.send(client, &mut out, is_whole(&large)).await {
            return ended;
        }
        make_room(&mut input, READ);
        tokio::select! {
            biased;
            read = target.read_buf(&mut input) => if matches!(read, Ok(0) | Err(_)) {
                return Ended::TargetGone;
            },
            () = relay.wake.notified() => {}
        }
    }
}

/// True when what has gone down ends with the end of a message.
fn is_whole(large: &Option<Large>) -> bool {
    !large.as_ref().is_some_and(Large::is_midway)
}

/// What became of the front of the buffer.
enum Step {
    /// Something was handled.
    Done,
    /// More has to be read.
    Incomplete,
    /// A message too large to be held goes on in pieces.
    Large(Large),
}

impl Relay {
    /// Handles what is at the front of the buffer.
    async fn step(
        &self,
        input: &mut BytesMut,
        out: &mut BytesMut,
        limits: &Limits,
    ) -> Result<Step, Ended> {
        let broken = |error: CodecError| Ended::Target(error.to_string());
        let Some(header) = Header::peek(input).map_err(broken)? else {
            return Ok(Step::Incomplete);
        };
        let whole = input.len() >= header.total();
        // What fits into a batch is held whatever the bound is.
        if !whole && header.total() > self.bounds.message_length.max(BATCH) {
            return Ok(Step::Large(self.large(header, input, out).await?));
        }
        if !whole {
            input.reserve(header.total().saturating_sub(input.len()));
            return Ok(Step::Incomplete);
        }
        if self.is_reading() {
            let Some(frame) = Frame::split(input, limits).map_err(broken)? else {
                return Ok(Step::Incomplete);
            };
            if let Some(message) = self.takes(&frame)? {
                self.answer(message, &frame, out).await?;
            }
            return Ok(Step::Done);
        }
        if header.tag == DataRow::TAG {
            let mut run = Run::leading(input, DataRow::TAG, limits);
            if run.bytes > BATCH {
                run = within(input, limits);
            }
            let rows = input.split_to(run.bytes).freeze();
            self.rows(rows, run.messages, limits, out).await?;
            return Ok(Step::Done);
        }
        if header.tag == CopyData::TAG {
            let run = Run::leading(input, CopyData::TAG, limits);
            let pieces = input.split_to(run.bytes).freeze();
            self.copy_out(pieces, run.messages, limits, out).await?;
            return Ok(Step::Done);
        }
        let Some(frame) = Frame::split(input, limits).map_err(broken)? else {
            return Ok(Step::Incomplete);
        };
        let message = Message::decode(&frame).map_err(broken)?;
        self.answer(message, &frame, out).await?;
        Ok(Step::Done)
    }

    /// Writes what is to go down, once what was recorded of it is stored. `whole`
    /// says that it ends with the end of a message.
    async fn send(
        &self,
        client: &mut (impl AsyncWrite + Unpin),
        out: &mut BytesMut,
        whole: bool,
    ) -> Result<(), Ended> {
        if out.is_empty() {
            return Ok(());
        }
        self.gate
            .settle()
            .map_err(|denial| Ended::Gateway(Report::denial(&denial)))?;
        self.midway.set(true);
        let written = client.write_all(out).await;
        let flushed = client.flush().await;
        empty(out);
        self.midway.set(!whole);
        written.and(flushed).map_err(|_| Ended::ClientGone)
    }

    /// Writes what came before the end, for as long as a farewell may take.
    async fn send_last(&self, client: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) {
        let _best_effort = timeout(FAREWELL, self.send(client, out, true)).await;
    }

    /// Messages that do not wait for their turn.
    fn interject(&self, out: &mut BytesMut) {
        let mut urgent = self.urgent.borrow_mut();
        if !urgent.is_empty() {
            out.extend_from_slice(&urgent);
            urgent.clear();
        }
    }
}

/// Rows at the front of the buffer, up to the size of a batch, at least one.
fn within(input: &[u8], limits: &Limits) -> Run {
    let mut run = Run::default();
    for found in narrowgate_codec::postgres::Scan::new(input, limits).map_while(Result::ok) {
        if found.tag != DataRow::TAG || (run.messages > 0 && found.range.end > BATCH) {
            break;
        }
        run = Run {
            messages: run.messages + 1,
            bytes: found.range.end,
        };
    }
    run
}
