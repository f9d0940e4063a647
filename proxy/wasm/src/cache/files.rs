//! Files that nobody but us can have written.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Largest file that is looked at, in bytes.
const LARGEST: u64 = 512 << 20;

/// True when it is ours and nobody else may write to it.
pub(super) fn ours(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// The whole of a regular file of ours.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let file = open(path).ok()?;
    // Of what has been opened, not of what may be at its place by now.
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || !ours(&metadata) || metadata.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Opens a file, not what a link at its place leads to, and does not wait for
/// a pipe's other end.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}
