//! A file whose end is mapped into memory: what is put there is the operating
//! system's at once, as what is written is, and costs no system call. A gateway
//! that is killed loses none of it. Only what is large is written: a fault for each
//! page would cost more than the call.
//!
//! Room is taken on the disk before it is mapped, so that a full one is an error
//! and not a signal. Until the file is let go, or for good after a crash, zeros
//! follow its last line; whoever reads takes them for its end. Only file systems
//! that keep what they have promised are used this way. Whoever cuts the file
//! while it is mapped ends the gateway: it is in a directory that is the gateway's
//! alone, and what is recorded there would be lost.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use memmap2::{MmapMut, MmapOptions};
use rustix::fs::{FallocateFlags, OFlags, fallocate, fcntl_setfl, fstatfs};

use super::disk::{Medium, Status};

/// Bytes that are taken and mapped at once.
const WINDOW: u64 = 256 << 10;
/// Fewest bytes that are taken where a window is too much for the disk.
const LEAST: u64 = 16 << 10;
/// Fewest bytes that are written and not put into the mapping.
const BULK: usize = 8 << 10;
/// A mapping begins at a multiple of this, whatever a page is.
const ALIGNMENT: u64 = 64 << 10;

/// `f_type` of file systems on which room that has been taken is there: ext4, xfs,
/// tmpfs.
const KEEP_PROMISES: [u64; 3] = [0xef53, 0x5846_5342, 0x0102_1994];

/// A file that grows in its mapping.
pub(super) struct Mapped {
    file: File,
    /// Bytes that belong to it.
    length: u64,
    /// Bytes that it has on the disk.
    taken: u64,
    /// Its end.
    window: Option<Window>,
}

/// A part of a file, mapped.
struct Window {
    /// Where it begins.
    start: u64,
    map: MmapMut,
}

impl Mapped {
    /// Takes an empty file, or gives it back when its file system is not one that
    /// can be used.
    pub(super) fn new(file: File) -> Result<Self, File> {
        let usable = fstatfs(&file)
            .ok()
            .and_then(|status| u64::try_from(status.f_type).ok())
            .is_some_and(|kind| KEEP_PROMISES.contains(&kind))
            // What is written goes where it belongs, in front of what was taken.
            && fcntl_setfl(&file, OFlags::empty()).is_ok();
        match usable {
            true => Ok(Self {
                file,
                length: 0,
                taken: 0,
                window: None,
            }),
            false => Err(file),
        }
    }

    /// Maps what comes next, and takes room for it.
    fn advance(&mut self) -> io::Result<()> {
        self.window = None;
        if self.length == self.taken {
            self.take()?;
        }
        let start = self.length - self.length % ALIGNMENT;
        let length = usize::try_from(self.taken - start).map_err(io::Error::other)?;
        let map = map(&self.file, start, length)?;
        self.window = Some(Window { start, map });
        Ok(())
    }

    /// Takes room, less where there is little.
    fn take(&mut self) -> io::Result<()> {
        let mut bytes = WINDOW;
        loop {
            match fallocate(&self.file, FallocateFlags::empty(), self.taken, bytes) {
                Ok(()) => break,
                Err(_) if bytes > LEAST => bytes /= 2,
                Err(error) => {
                    // Part of it may have been taken.
                    self.file.set_len(self.taken)?;
                    return Err(error.into());
                }
            }
        }
        self.taken += bytes;
        Ok(())
    }

    /// Lets go of what is mapped and of what follows `length`.
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.window = None;
        self.file.set_len(length)?;
        self.length = length;
        self.taken = length;
        Ok(())
    }
}

impl Window {
    /// The part from `at` on.
    fn from(&mut self, at: u64) -> &mut [u8] {
        let at = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        self.map.get_mut(at..).unwrap_or_default()
    }
}

impl Medium for Mapped {
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if bytes.len() >= BULK {
            self.file.write_all_at(bytes, self.length)?;
            self.length += bytes.len() as u64;
            self.taken = self.taken.max(self.length);
            return Ok(());
        }
        while !bytes.is_empty() {
            let room = match &mut self.window {
                Some(window) => window.from(self.length),
                None => &mut [],
            };
            if room.is_empty() {
                self.advance()?;
                continue;
            }
            let (now, later) = bytes.split_at(room.len().min(bytes.len()));
            if let Some(room) = room.get_mut(..now.len()) {
                room.copy_from_slice(now);
            }
            self.length += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.cut(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn status(&self) -> io::Result<Status> {
        let found = self.file.status()?;
        Ok(Status {
            length: match found.length == self.taken {
                true => self.length,
                false => found.length,
            },
            ..found
        })
    }

    fn duplicate(&self) -> io::Result<Box<dyn Medium>> {
        self.file.duplicate()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        self.window = None;
        // What somebody else has cut or added to is left as it is.
        let ours = self.file.status().is_ok_and(|now| now.length == self.taken);
        if ours && self.length < self.taken && self.file.set_len(self.length).is_err() {
            tracing::warn!("zeros are left at the end of a recording");
        }
    }
}

/// Maps a part of a file.
#[expect(
    unsafe_code,
    reason = "a mapping is shared with whoever else may write the file"
)]
fn map(file: &File, start: u64, length: usize) -> io::Result<MmapMut> {
    // SAFETY: the file was created by this process, in a directory and with a mode
    // that keep every other account out, and nothing of this program reads the
    // mapping: it is only written to, by its one owner. Blocks for all of it have
    // been taken, so that no access can fail while the file keeps its length.
    unsafe { MmapOptions::new().offset(start).len(length).map_mut(file) }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, OpenOptions};

    use super::{Mapped, Medium, WINDOW};

    fn file(path: &std::path::Path) -> File {
        OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(path)
            .unwrap()
    }

    #[test]
    fn what_is_put_there_is_there_at_once_and_zeros_go_with_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        let Ok(mut mapped) = Mapped::new(file(&path)) else {
            // Not a file system that is used this way.
            return;
        };
        let line = b"0123456789abcdef0123456789abcd\n";
        let mut expected = Vec::new();
        while (expected.len() as u64) < 2 * WINDOW + 100 {
            mapped.write(line).unwrap();
            expected.extend_from_slice(line);
        }
        for length in [super::BULK, WINDOW as usize] {
            let bulk = vec![b'b'; length];
            for bytes in [&bulk[..], line] {
                mapped.write(bytes).unwrap();
                expected.extend_from_slice(bytes);
            }
        }
        let read = fs::read(&path).unwrap();
        let (lines, zeros) = read.split_at(expected.len());
        assert!(lines == expected && !zeros.is_empty() && zeros.iter().all(|byte| *byte == 0));
        let status = mapped.status().unwrap();
        assert_eq!(
            (status.length, status.linked),
            (expected.len() as u64, true)
        );

        mapped.truncate(31).unwrap();
        mapped.write(b"more\n").unwrap();
        assert_eq!(mapped.status().unwrap().length, 36);
        drop(mapped);
        assert_eq!(fs::read(&path).unwrap(), [line, &b"more\n"[..]].concat());
    }

    #[test]
    fn a_changed_length_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        let Ok(mut mapped) = Mapped::new(file(&path)) else {
            return;
        };
        mapped.write(b"x\n").unwrap();
        let other = OpenOptions::new().write(true).open(&path).unwrap();
        other.set_len(3 * WINDOW).unwrap();
        assert_eq!(mapped.status().unwrap().length, 3 * WINDOW);
    }
}
