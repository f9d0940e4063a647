//! Old segments go, and leave a signed word that they went on purpose.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use super::error::Error;
use super::heads::Tombstone;
use super::name::{self, Name};
use super::read;
use super::recorder::Recorder;
use super::signer::Job;
use super::tail;
use super::writer::Writer;

/// How long to wait for a tombstone to be signed.
const PATIENCE: Duration = Duration::from_secs(30);
/// What tombstones say.
const REASON: &str = "retention";

/// What retention did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Segments removed.
    pub removed: Vec<String>,
    /// Segments that are due but damaged: kept as evidence.
    pub damaged: Vec<String>,
}

impl Recorder {
    /// Removes segments whose last event is more than `age` microseconds
    /// before `now`. The newest segment of each writer stays as the anchor of
    /// its chain; if it is due itself, an empty one takes its place. Blocks on
    /// the disk: not for a worker thread.
    ///
    /// # Errors
    /// Those of the disk; what was removed until then stays removed, each
    /// with its tombstone.
    pub fn retain(&self, age: u64, now: u64) -> Result<Retained, Error> {
        let before = now.saturating_sub(age);
        self.replace_idle(before, now)?;
        let directory = self.directory();
        let names = name::list(directory)?;
        let known = read::tombstones(directory)?;
        let mut done = Retained::default();
        for (index, name) in names.iter().enumerate() {
            let newest = names
                .get(index + 1)
                .is_none_or(|next| next.writer != name.writer);
            if newest || !self.is_due(name, before)? {
                continue;
            }
            if !known.contains(name) {
                match read::summary(directory, name)? {
                    Some(tombstone) => self.bury(tombstone, now)?,
                    None => {
                        done.damaged.push(name.stem());
                        continue;
                    }
                }
            }
            self.shared().options.disk.remove(&name.path(directory))?;
            done.removed.push(name.stem());
        }
        Ok(done)
    }

    /// Begins an empty segment for every writer that exists no longer and
    /// whose newest segment is due.
    fn replace_idle(&self, before: u64, now: u64) -> Result<(), Error> {
        let directory = self.directory();
        let names = name::list(directory)?;
        let writers: BTreeSet<&str> = names.iter().map(|name| name.writer.as_str()).collect();
        for id in writers {
            let newest = names.iter().rfind(|name| name.writer == id);
            let Some(newest) = newest else { continue };
            if !self.has_events(newest)? || !self.is_due(newest, before)? {
                continue;
            }
            // A writer that exists sees to itself when it is told the time.
            let Ok(mut writer): Result<Writer, _> = self.writer(id) else {
                continue;
            };
            writer.begin(now)?;
        }
        Ok(())
    }

    /// Whether the last event of the segment is older than `before`.
    fn is_due(&self, name: &Name, before: u64) -> Result<bool, Error> {
        let last = tail::last_line(&name.path(self.directory()))?.line;
        Ok(last
            .and_then(|line| tail::place(&line))
            .is_some_and(|place| place.t < before))
    }

    /// Whether the segment has more than a header.
    fn has_events(&self, name: &Name) -> Result<bool, Error> {
        let last = tail::last_line(&name.path(self.directory()))?.line;
        Ok(last
            .and_then(|line| tail::place(&line))
            .is_some_and(|place| place.n > 0))
    }

    /// Signs a tombstone and waits until it is on the disk.
    fn bury(&self, mut tombstone: Tombstone, now: u64) -> Result<(), Error> {
        REASON.clone_into(&mut tombstone.reason);
        let (reply, answer) = mpsc::channel();
        self.shared().send(Job::Tombstone {
            time: now,
            tombstone,
            reply,
        })?;
        answer
            .recv_timeout(PATIENCE)
            .map_err(|_| Error::Heads("it cannot be written at the moment"))?
    }
}
