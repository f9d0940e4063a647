//! Noticing that a file has changed.
//!
//! Editors and deployment tools replace files instead of writing into them, so
//! what is watched is directories. What counts is not the notification but the
//! file's state: it is also looked at every two seconds, for file systems that
//! do not notify.

use std::collections::{HashMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Quiet time after a change, in which a writer finishes.
const QUIET: Duration = Duration::from_millis(15);
/// Longest wait for quiet.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between two looks without a notification.
const POLL: Duration = Duration::from_secs(2);

/// What tells one state of a file from another: device, inode, length and the
/// times of the last change of content and of the inode.
type Stamp = Option<(u64, u64, u64, (i64, i64), (i64, i64))>;

/// Watches files.
pub(super) struct Watch {
    /// Notifies; `None` where the system cannot.
    watcher: Option<RecommendedWatcher>,
    /// One message for any number of notifications.
    notified: mpsc::Receiver<()>,
    /// Keeps the channel open where there is no watcher.
    _notify: mpsc::Sender<()>,
    /// The files as they were last seen.
    stamps: HashMap<PathBuf, Stamp>,
    /// Directories that are being watched.
    directories: HashSet<PathBuf>,
}

impl Watch {
    /// Watches these files.
    pub(super) fn new(files: &[PathBuf]) -> Self {
        let (notify, notified) = mpsc::channel(1);
        let sender = notify.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| matters(event.kind)) {
                // One that waits already says it all.
                let _full = sender.try_send(());
            }
        });
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, "files are only looked at every two seconds");
        });
        let mut watch = Self {
            watcher: watcher.ok(),
            notified,
            _notify: notify,
            stamps: HashMap::new(),
            directories: HashSet::new(),
        };
        watch.follow(files);
        watch
    }

    /// Watches these files from now on. Of those that it knows already, it goes
    /// on from what it has seen, so that no change in between is lost.
    pub(super) fn follow(&mut self, files: &[PathBuf]) {
        let mut old = std::mem::take(&mut self.stamps);
        let mut directories = HashSet::new();
        for file in files {
            directories.extend(file.parent().map(Path::to_owned));
            let seen = old.remove(file).unwrap_or_else(|| stamp(file));
            self.stamps.insert(file.clone(), seen);
        }
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        for gone in self.directories.difference(&directories) {
            let _gone_already = watcher.unwatch(gone);
        }
        self.directories.retain(|known| directories.contains(known));
        for new in directories {
            // One that does not exist yet is left to the polling.
            if !self.directories.contains(&new)
                && watcher.watch(&new, RecursiveMode::NonRecursive).is_ok()
            {
                self.directories.insert(new);
            }
        }
    }

    /// Resolves when a file is no longer what it was.
    pub(super) async fn changed(&mut self) {
        loop {
            // Other files of the directory notify too: what counts is `look`.
            let _notified_or_not = tokio::time::timeout(POLL, self.notified.recv()).await;
            if self.look() {
                return self.quiet().await;
            }
        }
    }

    /// Waits until the files stay as they are: a writer may be in the middle.
    async fn quiet(&mut self) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            tokio::time::sleep(QUIET).await;
            if !self.look() {
                return;
            }
        }
    }

    /// Looks at all files; true if one has changed.
    fn look(&mut self) -> bool {
        let mut changed = false;
        for (file, seen) in &mut self.stamps {
            let now = stamp(file);
            changed |= now != *seen;
            *seen = now;
        }
        changed
    }
}

/// Reading a file is no change of it.
fn matters(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// The state of a file; `None` if there is none.
fn stamp(file: &Path) -> Stamp {
    let metadata = file.metadata().ok()?;
    Some((
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        (metadata.mtime(), metadata.mtime_nsec()),
        (metadata.ctime(), metadata.ctime_nsec()),
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Well below the polling, so that it shows that notification works.
    const SOON: Duration = Duration::from_millis(1500);

    #[tokio::test]
    async fn a_file_that_is_written_replaced_or_comes_late_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let (file, late) = (
            directory.path().join("a.yaml"),
            directory.path().join("b.wasm"),
        );
        fs::write(&file, "1").unwrap();
        let mut watch = Watch::new(&[file.clone(), late.clone()]);

        fs::write(&file, "2").unwrap();
        tokio::time::timeout(SOON, watch.changed()).await.unwrap();

        let new = directory.path().join("a.yaml.new");
        fs::write(&new, "3").unwrap();
        fs::rename(&new, &file).unwrap();
        tokio::time::timeout(SOON, watch.changed()).await.unwrap();

        fs::write(&late, "4").unwrap();
        tokio::time::timeout(SOON, watch.changed()).await.unwrap();

        fs::write(directory.path().join("other"), "5").unwrap();
        fs::read(&file).unwrap();
        let nothing = tokio::time::timeout(Duration::from_millis(300), watch.changed()).await;
        assert!(nothing.is_err(), "other files and reading do not count");
    }
}
