//! What the tests of this module share: a key, events, and a disk that fails.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::{
    Data, Disk, Event, FileDisk, Medium, Operation, Options, PublicKey, Recorder, Report,
    SigningKey, Status, Writer, verify,
};
use crate::clock::SECOND;

pub(super) const START: u64 = 1_700_000_000 * SECOND;

/// The key of RFC 8410, section 10.3.
pub(super) fn key() -> Arc<SigningKey> {
    Arc::new(
        SigningKey::from_pem(
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n",
        )
        .unwrap(),
    )
}

pub(super) fn options() -> Options {
    Options::new(key())
}

pub(super) fn public() -> [PublicKey; 1] {
    [key().public()]
}

/// A directory with one writer.
pub(super) struct World {
    pub(super) directory: TempDir,
    pub(super) recorder: Recorder,
    pub(super) writer: Writer,
    seq: u64,
}

impl World {
    pub(super) fn new(options: Options) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let recorder = Recorder::open(directory.path(), options).unwrap();
        let writer = recorder.writer("w0").unwrap();
        Self {
            directory,
            recorder,
            writer,
            seq: 0,
        }
    }

    /// Records one operation and makes sure it is out.
    pub(super) fn operation(&mut self, text: &str) -> Result<(), super::Error> {
        let operation = Operation {
            operation: "1",
            action: "select",
            text,
            ..Operation::default()
        };
        self.seq += 1;
        let event = Event {
            time: START + self.seq * SECOND,
            session: "s1",
            seq: self.seq,
            data: Data::Operation(&operation),
        };
        self.writer.record(&event, super::Sync::Os).map(|_| ())
    }

    pub(super) fn settle(&self) {
        assert!(self.recorder.settle(Duration::from_secs(10)));
    }

    /// Ends the process, as far as files can tell: nothing is closed.
    pub(super) fn kill(self) -> TempDir {
        self.settle();
        // The signer's copy of what a killed process would leave.
        let copy = copy(self.directory.path());
        drop(self.writer);
        drop(self.recorder);
        copy
    }

    /// Ends the process properly.
    pub(super) fn stop(self) -> TempDir {
        self.writer.close().unwrap();
        drop(self.recorder);
        self.directory
    }
}

/// A copy of a directory, so that a test can spoil it.
pub(super) fn copy(directory: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

pub(super) fn report(directory: &Path) -> Report {
    verify(directory, &public()).unwrap()
}

/// A disk with a switch and a number of bytes left.
#[derive(Clone, Default)]
pub(super) struct FailingDisk(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Whether there is a bound.
    full: AtomicBool,
    /// Bytes left when there is.
    left: AtomicU64,
    /// Whether cutting a file fails as well.
    stuck: AtomicBool,
    /// Writes by file name, for counting system calls.
    writes: Mutex<BTreeMap<PathBuf, u64>>,
}

impl FailingDisk {
    pub(super) fn fill_after(&self, bytes: u64) {
        self.0.left.store(bytes, Ordering::SeqCst);
        self.0.full.store(true, Ordering::SeqCst);
    }

    pub(super) fn stick(&self, stuck: bool) {
        self.0.stuck.store(stuck, Ordering::SeqCst);
    }

    pub(super) fn free(&self) {
        self.0.full.store(false, Ordering::SeqCst);
    }

    pub(super) fn writes(&self, file: &Path) -> u64 {
        self.0
            .writes
            .lock()
            .unwrap()
            .get(file)
            .copied()
            .unwrap_or(0)
    }

    fn wrap(&self, path: &Path, medium: Box<dyn Medium>) -> Box<dyn Medium> {
        Box::new(FailingMedium {
            disk: self.clone(),
            path: path.to_owned(),
            medium,
        })
    }
}

impl Disk for FailingDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Medium>> {
        Ok(self.wrap(path, FileDisk.create(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Medium>> {
        Ok(self.wrap(path, FileDisk.append(path)?))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        FileDisk.remove(path)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        FileDisk.sync_directory(directory)
    }
}

struct FailingMedium {
    disk: FailingDisk,
    path: PathBuf,
    medium: Box<dyn Medium>,
}

impl Medium for FailingMedium {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let inner = &self.disk.0;
        *inner
            .writes
            .lock()
            .unwrap()
            .entry(self.path.clone())
            .or_default() += 1;
        if inner.full.load(Ordering::SeqCst) {
            let left = usize::try_from(inner.left.load(Ordering::SeqCst)).unwrap();
            if left < bytes.len() {
                inner.left.store(0, Ordering::SeqCst);
                self.medium.write(&bytes[..left])?;
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            inner.left.fetch_sub(bytes.len() as u64, Ordering::SeqCst);
        }
        self.medium.write(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        if self.disk.0.stuck.load(Ordering::SeqCst) {
            return Err(io::Error::other("stuck"));
        }
        self.medium.truncate(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.medium.sync()
    }

    fn status(&self) -> io::Result<Status> {
        self.medium.status()
    }

    fn duplicate(&self) -> io::Result<Box<dyn Medium>> {
        Ok(self.disk.wrap(&self.path, self.medium.duplicate()?))
    }
}
