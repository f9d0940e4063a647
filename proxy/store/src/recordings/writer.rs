//! One thread's chain: events into a buffer, the buffer into a segment.

use std::io::ErrorKind;
use std::sync::Arc;

use super::MAX_LINE;
use super::chain::{Hash, SEAL, seal};
use super::encode;
use super::error::Error;
use super::event::Event;
use super::header::Link;
use super::name::Name;
use super::options::Sync;
use super::recorder::Shared;
use super::segment::Segment;
use super::tail;

/// Bytes after which [`Writer::append`] flushes by itself.
const MAX_BUFFER: usize = 1 << 20;

/// Writes the events of one thread.
///
/// An error means that every event since the last successful flush is lost and
/// that their operations must not go on. The next event tries again, in a new
/// segment, so recording recovers as soon as the disk does.
pub struct Writer {
    shared: Arc<Shared>,
    /// Its name; also that of its segments.
    id: String,
    /// Number of its last segment; `None` until the directory was read.
    number: Option<u64>,
    /// Where its chain ended, while no segment is open.
    last: Option<Link>,
    /// The segment that is written to.
    current: Option<Segment>,
    /// A segment that an error has left, to be repaired first.
    broken: Option<Segment>,
    /// Lines that are not written yet.
    buffer: Vec<u8>,
    /// Number of the last line, buffered ones included.
    n: u64,
    /// Hash of the last line, buffered ones included.
    hash: Hash,
    /// Latest time seen.
    now: u64,
}

/// Where an event will stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Number of the writer's segment.
    pub segment: u64,
    /// Number of the line.
    pub n: u64,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, id: String) -> Self {
        Self {
            shared,
            id,
            number: None,
            last: None,
            current: None,
            broken: None,
            buffer: Vec::new(),
            n: 0,
            hash: Hash::ZERO,
            now: 0,
        }
    }

    /// Puts an event into the buffer. It is not recorded before
    /// [`flush`](Writer::flush) has returned `Ok`.
    ///
    /// # Errors
    /// [`Error::TooLong`] and [`Error::Encode`] leave the buffer as it was; any
    /// other loses it.
    pub fn append(&mut self, event: &Event<'_>) -> Result<Position, Error> {
        self.now = self.now.max(event.time);
        if self.buffer.len() >= MAX_BUFFER {
            self.flush(Sync::Os)?;
        }
        let segment = self.ready()?;
        let start = self.buffer.len();
        let n = self.n + 1;
        let encoded = encode::event(&mut self.buffer, n, event);
        let length = self.buffer.len() - start + SEAL;
        if encoded.is_err() || length > MAX_LINE {
            self.buffer.truncate(start);
            return Err(encoded.err().unwrap_or(Error::TooLong(length)));
        }
        self.hash = seal(&mut self.buffer, start, &self.hash);
        self.n = n;
        Ok(Position { segment, n })
    }

    /// Hands everything in the buffer to the operating system in one write,
    /// with [`Sync::Disk`] to the disk as well.
    ///
    /// # Errors
    /// Those of the disk; the buffer is lost then.
    pub fn flush(&mut self, sync: Sync) -> Result<(), Error> {
        let now = self.now;
        let Some(segment) = self.current.as_mut() else {
            // What an error has discarded was reported by that error.
            return Ok(());
        };
        if !self.buffer.is_empty() {
            let written = segment
                .check(now)
                .and_then(|()| Ok(segment.medium.write(&self.buffer)?));
            if let Err(error) = written {
                return Err(self.fail(error));
            }
            segment.length += self.buffer.len() as u64;
            segment.n = self.n;
            segment.hash = self.hash;
            segment.dirty = true;
            self.buffer.clear();
            self.buffer.shrink_to(MAX_BUFFER);
        }
        if sync == Sync::Disk && segment.dirty {
            let synced = segment.medium.sync().and_then(|()| {
                if segment.fresh {
                    let shared = &self.shared;
                    shared.options.disk.sync_directory(&shared.directory)?;
                }
                Ok(())
            });
            if let Err(error) = synced {
                return Err(self.fail(error.into()));
            }
            segment.dirty = false;
            segment.fresh = false;
        }
        if segment.wants_head(&self.shared.options, now) {
            segment.sign(&self.shared, now, false)?;
        }
        Ok(())
    }

    /// Appends and flushes one event.
    ///
    /// # Errors
    /// As [`append`](Writer::append) and [`flush`](Writer::flush).
    pub fn record(&mut self, event: &Event<'_>, sync: Sync) -> Result<Position, Error> {
        let position = self.append(event)?;
        self.flush(sync)?;
        Ok(position)
    }

    /// To be called every second or so, also while nothing happens: flushes,
    /// signs what has been unsigned for too long, and closes a segment that
    /// has become too old.
    ///
    /// # Errors
    /// As [`flush`](Writer::flush).
    pub fn tick(&mut self, now: u64) -> Result<(), Error> {
        self.now = self.now.max(now);
        self.flush(Sync::Os)?;
        let options = &self.shared.options;
        if self
            .current
            .as_ref()
            .is_some_and(|s| s.is_due(options, now))
        {
            // The next one is begun at once: its header anchors the chain when
            // retention removes this one.
            self.ready()?;
        }
        Ok(())
    }

    /// Closes the segment with a signed head.
    ///
    /// # Errors
    /// As [`flush`](Writer::flush).
    pub fn close(mut self) -> Result<(), Error> {
        self.finish()
    }

    /// Flushes and closes the segment that is open, if one is.
    fn finish(&mut self) -> Result<(), Error> {
        self.flush(Sync::Os)?;
        self.close_segment()
    }

    /// Begins a new segment now, even if nothing is to be written to it.
    pub(super) fn begin(&mut self, now: u64) -> Result<(), Error> {
        self.now = self.now.max(now);
        self.ready().map(|_| ())
    }

    /// Makes sure that a segment is open and may take a line; returns its
    /// number.
    fn ready(&mut self) -> Result<u64, Error> {
        if self.shared.in_trouble() {
            self.discard();
            return Err(Error::Heads("it cannot be written at the moment"));
        }
        let options = &self.shared.options;
        if self.buffer.is_empty()
            && self
                .current
                .as_ref()
                .is_some_and(|s| s.is_due(options, self.now))
        {
            self.close_segment()?;
        }
        match &self.current {
            Some(segment) => Ok(segment.name.number),
            None => self.open_segment(),
        }
    }

    /// Signs the end of the segment and lets it go.
    fn close_segment(&mut self) -> Result<(), Error> {
        let Some(segment) = self.current.as_mut() else {
            return Ok(());
        };
        segment.sign(&self.shared, self.now, true)?;
        self.last = Some(segment.link());
        self.current = None;
        Ok(())
    }

    fn open_segment(&mut self) -> Result<u64, Error> {
        self.repair()?;
        let shared = Arc::clone(&self.shared);
        let number = match self.number {
            Some(number) => number,
            None => self.find_number()?,
        } + 1;
        let name = Name {
            writer: self.id.clone(),
            number,
        };
        let segment = match Segment::create(&shared, name, self.last.clone(), self.now) {
            Ok(segment) => segment,
            Err(error) => {
                // The name is taken: look again the next time.
                if matches!(&error, Error::Io(io) if io.kind() == ErrorKind::AlreadyExists) {
                    self.number = None;
                }
                return Err(error);
            }
        };
        self.number = Some(number);
        self.n = 0;
        self.hash = segment.hash;
        let segment = self.current.insert(segment);
        segment.sign(&shared, self.now, false)?;
        Ok(number)
    }

    /// Reads from the directory where the chain stands, unless more is known
    /// already: a segment that has been deleted under us must be missed.
    fn find_number(&mut self) -> Result<u64, Error> {
        let standing = tail::standing(&self.shared.directory, &self.id)?;
        let known = self
            .last
            .as_ref()
            .and_then(|link| Name::parse(&link.segment))
            .map_or(0, |name| name.number);
        if known < standing.number || self.last.is_none() {
            self.last = standing.last;
        }
        Ok(standing.number.max(known))
    }

    /// Leaves the segment after an error. What was acknowledged stays.
    fn fail(&mut self, error: Error) -> Error {
        self.broken = self.current.take();
        if let Some(segment) = &self.broken {
            self.last = Some(segment.link());
        }
        self.discard();
        tracing::error!(writer = self.id, %error, "an event could not be recorded");
        error
    }

    /// Forgets what is not written.
    fn discard(&mut self) {
        self.buffer.clear();
        if let Some(segment) = &self.current {
            self.n = segment.n;
            self.hash = segment.hash;
        }
    }

    /// Cuts half a line off the segment that an error has left, and closes it.
    fn repair(&mut self) -> Result<(), Error> {
        let Some(mut segment) = self.broken.take() else {
            return Ok(());
        };
        let repaired = segment.medium.status().and_then(|status| {
            // Deleted, or shorter than what was acknowledged: there is nothing
            // of ours to cut, and the next header says what is missing.
            let whole = status.linked && status.length >= segment.length;
            if whole {
                segment.medium.truncate(segment.length)?;
            }
            Ok(whole)
        });
        match repaired {
            Ok(true) => segment.sign(&self.shared, self.now, true),
            Ok(false) => Ok(()),
            Err(_) => {
                // The file cannot be reached through this handle any more. Go
                // on from what its name leads to, if it leads anywhere.
                self.last = None;
                self.number = None;
                Ok(())
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            tracing::error!(writer = self.id, %error, "a recording was not closed");
        }
        self.shared.writers().remove(&self.id);
    }
}
