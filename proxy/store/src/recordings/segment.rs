//! One open segment.

use super::chain::Hash;
use super::disk::Medium;
use super::error::Error;
use super::header::{FORMAT, Header, Link};
use super::name::Name;
use super::options::Options;
use super::recorder::Shared;
use crate::clock::SECOND;

/// How often the file is looked at from outside.
const CHECK_INTERVAL: u64 = SECOND;

/// A segment that is being written.
pub(super) struct Segment {
    /// Its name.
    pub(super) name: Name,
    /// The file.
    pub(super) medium: Box<dyn Medium>,
    /// Bytes of complete, acknowledged lines.
    pub(super) length: u64,
    /// Number of the last of them.
    pub(super) n: u64,
    /// Hash of the last of them.
    pub(super) hash: Hash,
    /// When it was begun.
    start: u64,
    /// The line that the last head names, `None` before the first head.
    signed: Option<u64>,
    /// When that was.
    signed_at: u64,
    /// When the file was last looked at.
    checked_at: u64,
    /// Whether lines have been written since the last sync.
    pub(super) dirty: bool,
    /// Whether its name may not be durable yet.
    pub(super) fresh: bool,
}

impl Segment {
    /// Creates the file and its first line.
    pub(super) fn create(
        shared: &Shared,
        name: Name,
        previous: Option<Link>,
        time: u64,
    ) -> Result<Self, Error> {
        let header = Header {
            format: FORMAT,
            segment: name.stem(),
            writer: name.writer.clone(),
            key: shared.options.key.public().id(),
            previous,
        };
        let mut line = Vec::new();
        let hash = header.write(&mut line, time)?;
        let disk = &shared.options.disk;
        let path = name.path(&shared.directory);
        let mut medium = disk.create(&path)?;
        if let Err(error) = medium.write(&line) {
            // An empty name would only be in the way of the next try.
            if disk.remove(&path).is_err() {
                tracing::warn!(
                    segment = name.stem(),
                    "a recording without content is left behind"
                );
            }
            return Err(error.into());
        }
        Ok(Self {
            name,
            medium,
            length: line.len() as u64,
            n: 0,
            hash,
            start: time,
            signed: None,
            signed_at: time,
            checked_at: time,
            dirty: true,
            fresh: true,
        })
    }

    /// Whether a new one should be begun.
    pub(super) fn is_due(&self, options: &Options, now: u64) -> bool {
        self.n > 0
            && (self.length >= options.max_bytes
                || now >= self.start.saturating_add(options.max_age))
    }

    /// Whether it has lines that should be signed by now.
    pub(super) fn wants_head(&self, options: &Options, now: u64) -> bool {
        match self.signed {
            None => true,
            Some(signed) => {
                self.n > signed && now >= self.signed_at.saturating_add(options.head_interval)
            }
        }
    }

    /// Hands its head to the signer.
    pub(super) fn sign(&mut self, shared: &Shared, now: u64, closed: bool) -> Result<(), Error> {
        shared.sign(now, self.link(), closed, self.medium.duplicate()?)?;
        self.signed = Some(self.n);
        self.signed_at = now;
        Ok(())
    }

    /// Looks, once in a while, whether the file is still there and still ours
    /// alone: writing to a deleted file succeeds.
    pub(super) fn check(&mut self, now: u64) -> Result<(), Error> {
        if now < self.checked_at.saturating_add(CHECK_INTERVAL) {
            return Ok(());
        }
        self.checked_at = now;
        let status = self.medium.status()?;
        if !status.linked {
            return Err(Error::Removed);
        }
        if status.length != self.length {
            return Err(Error::Altered);
        }
        Ok(())
    }

    /// Its last acknowledged line.
    pub(super) fn link(&self) -> Link {
        Link {
            segment: self.name.stem(),
            n: self.n,
            hash: self.hash,
        }
    }
}
