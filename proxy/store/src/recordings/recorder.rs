//! A directory that is recorded into: its lock, its signer, its writers.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::broadcast;

use super::disk::Medium;
use super::error::Error;
use super::header::Link;
use super::heads::{Entry, Head};
use super::name;
use super::options::Options;
use super::signer::{Job, Signer};
use super::writer::Writer;
use crate::private;

/// Heads that a slow listener may be behind; older ones are contained in newer
/// ones.
const LISTENER_QUEUE: usize = 256;

/// A directory that is recorded into. Clones refer to the same one.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// What writers and retention have in common.
pub(super) struct Shared {
    /// The directory.
    pub(super) directory: PathBuf,
    /// How it is recorded into.
    pub(super) options: Options,
    /// Ids of the writers that exist.
    writers: Mutex<HashSet<String>>,
    /// To the signer; `None` only while closing.
    jobs: Option<Sender<Job>>,
    /// The signer; `None` only while closing.
    signer: Option<JoinHandle<()>>,
    /// Set by the signer while it cannot sign.
    trouble: Arc<AtomicBool>,
    /// Hears of every entry.
    listeners: broadcast::Sender<Entry>,
    /// Keeps a second gateway out.
    _lock: File,
}

impl Recorder {
    /// Opens `directory` (mode 0700), creating it when missing.
    ///
    /// # Errors
    /// [`Error::Locked`] when another gateway records into it,
    /// [`Error::Heads`] when its log cannot be continued, and those of the disk.
    pub fn open(directory: &Path, options: Options) -> Result<Self, Error> {
        private::directory(directory)?;
        let lock = private::lock(directory).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => Error::Locked,
            _ => Error::Io(error),
        })?;
        let (listeners, _) = broadcast::channel(LISTENER_QUEUE);
        let signer = Signer::open(
            directory.to_owned(),
            Arc::clone(&options.disk),
            Arc::clone(&options.key),
            listeners.clone(),
        )?;
        let trouble = Arc::clone(&signer.trouble);
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("recordings".to_owned())
            .spawn(move || signer.run(&queue))?;
        Ok(Self {
            shared: Arc::new(Shared {
                directory: directory.to_owned(),
                options,
                writers: Mutex::default(),
                jobs: Some(jobs),
                signer: Some(thread),
                trouble,
                listeners,
                _lock: lock,
            }),
        })
    }

    /// A writer with a chain of its own, for one thread. `id` is made of
    /// lower-case letters and digits and should be the same after a restart
    /// (`w0`, `w1`, …), so that its chain goes on.
    ///
    /// # Errors
    /// [`Error::Writer`].
    pub fn writer(&self, id: &str) -> Result<Writer, Error> {
        let mut writers = self.shared.writers();
        if !name::is_writer(id) || !writers.insert(id.to_owned()) {
            return Err(Error::Writer(id.to_owned()));
        }
        Ok(Writer::new(Arc::clone(&self.shared), id.to_owned()))
    }

    /// Every entry of the log from now on, to be sent off the machine. Who
    /// lags behind misses some and loses nothing: each contains those before.
    pub fn subscribe(&self) -> broadcast::Receiver<Entry> {
        self.shared.listeners.subscribe()
    }

    /// Waits until everything handed over has been signed; `false` when that
    /// takes longer than `timeout`.
    pub fn settle(&self, timeout: Duration) -> bool {
        let (reply, done) = mpsc::channel();
        self.shared.send(Job::Barrier(reply)).is_ok() && done.recv_timeout(timeout).is_ok()
    }

    /// Whether heads are being signed; while not, events are refused.
    pub fn is_healthy(&self) -> bool {
        !self.shared.in_trouble()
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.shared.directory
    }

    /// What writers and retention have in common.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Shared {
    /// Ids of the writers that exist.
    pub(super) fn writers(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the signer is failing.
    pub(super) fn in_trouble(&self) -> bool {
        self.trouble.load(Ordering::Relaxed)
    }

    /// Hands a head to the signer.
    pub(super) fn sign(
        &self,
        time: u64,
        link: Link,
        closed: bool,
        medium: Box<dyn Medium>,
    ) -> Result<(), Error> {
        self.send(Job::Head {
            time,
            head: Head {
                segment: link.segment,
                n: link.n,
                hash: link.hash,
                closed,
            },
            medium,
        })
    }

    /// Hands something to the signer.
    pub(super) fn send(&self, job: Job) -> Result<(), Error> {
        self.jobs
            .as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or(Error::Heads("its thread has ended"))
    }
}

impl Drop for Shared {
    /// Lets the signer finish, so that a clean stop leaves no unsigned tail.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(signer) = self.signer.take()
            && signer.join().is_err()
        {
            tracing::error!("the thread that signs recordings has failed");
        }
    }
}
