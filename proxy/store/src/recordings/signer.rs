//! The thread that syncs, signs and removes, so that no worker waits for it.
//!
//! A head must never be on the disk before the lines it speaks of, or a power
//! cut would look like tampering; syncing some hundred megabytes can take a
//! second; so both happen here. If it fails, writers refuse events until it
//! succeeds again.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use tokio::sync::broadcast;

use super::chain::Hash;
use super::disk::{Disk, Medium};
use super::error::Error;
use super::heads::{self, Entry, Head, Kind, Tombstone};
use super::key::SigningKey;
use super::tail;

/// Pause after a failure.
const RETRY: Duration = Duration::from_millis(100);

/// Something to do, in order.
pub(super) enum Job {
    /// Sync the segment, then sign its head.
    Head {
        /// When, in microseconds since the Unix epoch.
        time: u64,
        /// The statement.
        head: Head,
        /// The segment.
        medium: Box<dyn Medium>,
    },
    /// Sign that a segment is to be removed, durably.
    Tombstone {
        /// When, in microseconds since the Unix epoch.
        time: u64,
        /// The statement.
        tombstone: Tombstone,
        /// Told the outcome; tried once.
        reply: Sender<Result<(), Error>>,
    },
    /// Say that everything before has been done.
    Barrier(Sender<()>),
}

/// The log, as the thread holds it.
pub(super) struct Signer {
    directory: PathBuf,
    disk: Arc<dyn Disk>,
    key: Arc<SigningKey>,
    /// The open log; `None` after a failure.
    log: Option<Box<dyn Medium>>,
    /// Length of its complete lines.
    length: u64,
    /// Position of the next entry.
    seq: u64,
    /// Hash of the last one.
    last: Hash,
    /// Set while heads cannot be signed.
    pub(super) trouble: Arc<AtomicBool>,
    /// Hears of every entry.
    pub(super) listeners: broadcast::Sender<Entry>,
}

impl Signer {
    /// Opens the log of `directory` and goes on from its last entry.
    pub(super) fn open(
        directory: PathBuf,
        disk: Arc<dyn Disk>,
        key: Arc<SigningKey>,
        listeners: broadcast::Sender<Entry>,
    ) -> Result<Self, Error> {
        let mut signer = Self {
            directory,
            disk,
            key,
            log: None,
            length: 0,
            seq: 0,
            last: Hash::ZERO,
            trouble: Arc::new(AtomicBool::new(false)),
            listeners,
        };
        signer.reopen()?;
        let last = tail::last_line(&signer.directory.join(heads::FILE))
            .map_err(|_| Error::Heads("its last line is too long"))?;
        if let Some(line) = last.line {
            let (seq, hash) =
                heads::position(&line).ok_or(Error::Heads("its last line is not an entry"))?;
            signer.seq = seq + 1;
            signer.last = hash;
        }
        Ok(signer)
    }

    /// Works until every sender is gone and everything is done, or, when the
    /// disk refuses, has been tried once more.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        let mut waiting: VecDeque<Job> = VecDeque::new();
        let mut open = true;
        loop {
            let failing = self.trouble.load(Ordering::Relaxed);
            if open && (failing || waiting.is_empty()) {
                let pause = if failing { RETRY } else { Duration::MAX };
                match jobs.recv_timeout(pause) {
                    Ok(job) => waiting.push_back(job),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => open = false,
                }
            }
            waiting.extend(jobs.try_iter());
            while let Some(job) = waiting.pop_front() {
                if let Err(refused) = self.handle(job) {
                    let (job, error) = *refused;
                    if !self.trouble.swap(true, Ordering::Relaxed) {
                        tracing::error!(%error, "recordings cannot be signed; operations are refused");
                    }
                    waiting.push_front(job);
                    break;
                }
                if self.trouble.swap(false, Ordering::Relaxed) {
                    tracing::info!("recordings are signed again");
                }
            }
            if !open {
                return;
            }
        }
    }

    /// Does one job; gives it back when it is to be tried again.
    fn handle(&mut self, job: Job) -> Result<(), Box<(Job, Error)>> {
        match job {
            Job::Head {
                time,
                head,
                mut medium,
            } => {
                let result = medium
                    .sync()
                    .and_then(|()| self.disk.sync_directory(&self.directory))
                    .map_err(Error::from)
                    .and_then(|()| self.append(time, Kind::Head(head.clone())));
                match result {
                    Ok(()) => Ok(()),
                    Err(error) => Err(Box::new((Job::Head { time, head, medium }, error))),
                }
            }
            Job::Tombstone {
                time,
                tombstone,
                reply,
            } => {
                let result =
                    self.append(time, Kind::Tombstone(tombstone))
                        .and_then(|()| match self.log.as_mut() {
                            Some(log) => Ok(log.sync()?),
                            None => Err(Error::Removed),
                        });
                // Whoever asked may have stopped waiting.
                let _ = reply.send(result);
                Ok(())
            }
            Job::Barrier(reply) => {
                let _ = reply.send(());
                Ok(())
            }
        }
    }

    /// Signs and writes one entry.
    fn append(&mut self, time: u64, kind: Kind) -> Result<(), Error> {
        let entry = Entry::sign(&self.key, self.seq, self.last, time, kind)?;
        if self.log.is_none() {
            self.reopen()?;
        }
        let Some(log) = self.log.as_mut() else {
            return Err(Error::Removed);
        };
        if !log.status()?.linked {
            self.log = None;
            return Err(Error::Removed);
        }
        let mut line = entry.line().as_bytes().to_vec();
        line.push(b'\n');
        if let Err(error) = log.write(&line) {
            // Half an entry must not stand before the next one.
            if log.truncate(self.length).is_err() {
                self.log = None;
            }
            return Err(error.into());
        }
        self.length += line.len() as u64;
        self.seq += 1;
        self.last = entry.hash();
        // Nobody listening is fine.
        let _ = self.listeners.send(entry);
        Ok(())
    }

    /// Opens the log and cuts half a line that a crash has left.
    fn reopen(&mut self) -> Result<(), Error> {
        let path = self.directory.join(heads::FILE);
        let mut log = self.disk.append(&path)?;
        self.length = tail::last_line(&path)?.end;
        if log.status()?.length > self.length {
            log.truncate(self.length)?;
        }
        self.log = Some(log);
        Ok(())
    }
}
