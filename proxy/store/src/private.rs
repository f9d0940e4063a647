//! Directories and files that belong to the gateway alone.
//!
//! Approvals and recordings hold statements and rows, so nobody but the
//! gateway's own account may read them; and two gateways that write to one
//! directory would break each other's promises, so a directory is locked.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Bits of a mode that let others write.
const OTHERS_WRITE: u32 = 0o022;
/// Bits of a mode that give others anything at all.
const OTHERS_ANY: u32 = 0o077;

/// Creates `path` with mode 0700, or closes an existing one to others.
///
/// # Errors
/// A directory that others can write to is refused instead of repaired: what
/// is in it may already have been planted.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "not a directory",
        )),
        Ok(found) if found.permissions().mode() & OTHERS_WRITE != 0 => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the directory can be written by other accounts; `chmod 700` it after checking its content",
        )),
        Ok(found) if found.permissions().mode() & OTHERS_ANY != 0 => {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(path)
        }
        Err(error) => Err(error),
    }
}

/// Creates a new file with mode 0600; one that exists is an error.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .read(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file for appending, creating it with mode 0600 when missing.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .read(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

/// Makes the names in `directory` durable: a file that was created or removed
/// is only so after its directory has been synced.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Takes the one lock of `directory`; it is released with the returned file,
/// also when the process is killed.
///
/// # Errors
/// `WouldBlock` when another gateway holds it.
pub(crate) fn lock(directory: &Path) -> io::Result<File> {
    let file = append(&directory.join("lock"))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt;

    use super::{create_new, directory, lock};

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn creates_and_closes_directories() {
        let root = tempfile::tempdir().unwrap();
        let fresh = root.path().join("a/b");
        directory(&fresh).unwrap();
        assert_eq!(mode(&fresh), 0o700);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        directory(&fresh).unwrap();
        assert_eq!(mode(&fresh), 0o700);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(
            directory(&fresh).unwrap_err().kind(),
            ErrorKind::PermissionDenied
        );
    }

    #[test]
    fn files_are_private_and_never_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("f");
        create_new(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(
            create_new(&path).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
    }

    #[test]
    fn one_holder_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let held = lock(root.path()).unwrap();
        assert_eq!(lock(root.path()).unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(held);
        lock(root.path()).unwrap();
    }
}
