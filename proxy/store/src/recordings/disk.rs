//! What a recording needs of a disk, so that a full, read-only or vanished one
//! can be tried in tests.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::mapped::Mapped;
use crate::private;

/// A place for files.
pub trait Disk: Send + Sync {
    /// Creates a new file that only this account may read. One that exists is
    /// an error.
    ///
    /// # Errors
    /// Those of the disk.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Medium>>;

    /// Opens a file for appending, creating it when missing.
    ///
    /// # Errors
    /// Those of the disk.
    fn append(&self, path: &Path) -> io::Result<Box<dyn Medium>>;

    /// Removes a file.
    ///
    /// # Errors
    /// Those of the disk.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// Those of the disk.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;
}

/// A file that grows at its end.
pub trait Medium: Send {
    /// Appends all of `bytes`; on an error some of them may have been written.
    ///
    /// # Errors
    /// Those of the disk.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `length` bytes.
    ///
    /// # Errors
    /// Those of the disk.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// Those of the disk.
    fn sync(&mut self) -> io::Result<()>;

    /// Looks at the file.
    ///
    /// # Errors
    /// Those of the disk.
    fn status(&self) -> io::Result<Status>;

    /// A second handle of the same file, for another thread.
    ///
    /// # Errors
    /// Those of the system.
    fn duplicate(&self) -> io::Result<Box<dyn Medium>>;
}

/// What a file looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its length in bytes.
    pub length: u64,
    /// Whether it still has a name.
    pub linked: bool,
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileDisk;

impl Disk for FileDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Medium>> {
        Ok(match Mapped::new(private::create_new(path)?) {
            Ok(mapped) => Box::new(mapped),
            Err(file) => Box::new(file),
        })
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Medium>> {
        Ok(Box::new(private::append(path)?))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        private::sync_directory(directory)
    }
}

impl Medium for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn status(&self) -> io::Result<Status> {
        let metadata = self.metadata()?;
        Ok(Status {
            length: metadata.len(),
            linked: metadata.nlink() > 0,
        })
    }

    fn duplicate(&self) -> io::Result<Box<dyn Medium>> {
        Ok(Box::new(self.try_clone()?))
    }
}
