//! The recording of one worker: events into a buffer, the buffer to the store.

use std::cell::{Cell, RefCell};
use std::time::{SystemTime, UNIX_EPOCH};

use narrowgate_store::recordings::{self, Data, Event, Sync, Writer};
use serde_json::value::to_raw_value;

/// An event could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum RecordingFault {
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] recordings::Error),
    /// Another session's write failed, and took this event with it.
    #[error("the event was lost with the failure of an earlier write")]
    Lost,
}

/// The recording of one worker.
pub struct Recorder {
    /// Writes the segments; `None` when nothing is to be recorded.
    writer: RefCell<Option<Writer>>,
    /// How far an event must have come before the operation goes on.
    sync: Sync,
    /// Counts the writes that have failed: each took with it what was waiting.
    pub(super) failures: Cell<u64>,
}

impl Recorder {
    /// A recorder that writes with `writer`, if there is one.
    pub fn new(writer: Option<Writer>, sync: Sync) -> Self {
        Self {
            writer: RefCell::new(writer),
            sync,
            failures: Cell::new(0),
        }
    }

    /// Appends an event; it is stored by the next [`flush`](Self::flush).
    pub fn append(&self, event: &Event<'_>) -> Result<(), RecordingFault> {
        if let Some(writer) = self.writer.borrow_mut().as_mut() {
            let appended = writer.append(event);
            appended.inspect_err(|_| self.failures.set(self.failures.get() + 1))?;
        }
        Ok(())
    }

    /// Stores what has been appended, in one write.
    pub fn flush(&self) -> Result<(), RecordingFault> {
        if let Some(writer) = self.writer.borrow_mut().as_mut() {
            let stored = writer.flush(self.sync);
            stored.inspect_err(|_| self.failures.set(self.failures.get() + 1))?;
        }
        Ok(())
    }

    /// To be called every second: signs what has been standing unsigned.
    pub fn tick(&self) -> Result<(), RecordingFault> {
        if let Some(writer) = self.writer.borrow_mut().as_mut() {
            let signed = writer.tick(now());
            signed.inspect_err(|_| self.failures.set(self.failures.get() + 1))?;
        }
        Ok(())
    }

    /// Signs and closes the segment. Nothing can be recorded afterwards.
    pub fn close(&self) -> Result<(), RecordingFault> {
        if let Some(writer) = self.writer.borrow_mut().take() {
            writer.close()?;
        }
        Ok(())
    }
}

/// Something that happened before there was a session: a failed handshake, a
/// message that no protocol knows.
pub fn record_host(
    recorder: &Recorder,
    kind: &str,
    fields: &serde_json::Value,
) -> Result<(), RecordingFault> {
    let raw = to_raw_value(fields).map_err(recordings::Error::from)?;
    recorder.append(&Event {
        time: now(),
        session: "",
        seq: 0,
        data: Data::Host(kind, &raw),
    })?;
    recorder.flush()
}

/// Microseconds since 1970-01-01 UTC.
pub(super) fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
