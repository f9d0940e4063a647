//! Where a file ends: what a writer goes on from after a restart.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde::Deserialize;

use super::MAX_LINE;
use super::chain::{Hash, split};
use super::header::Link;
use super::name;

/// First look at the end of a file.
const WINDOW: u64 = 64 << 10;

/// The last complete line of a file.
pub(super) struct LastLine {
    /// The line without its line feed; `None` when there is no complete line.
    pub(super) line: Option<Vec<u8>>,
    /// Where the complete lines end.
    pub(super) end: u64,
}

/// Where a writer's chain stands on disk.
pub(super) struct Standing {
    /// Highest number in use, 0 for none.
    pub(super) number: u64,
    /// The last line of the last segment that has one.
    pub(super) last: Option<Link>,
}

/// What is needed of a line to go on from it.
#[derive(Deserialize)]
pub(super) struct Place {
    /// Number of the line.
    pub(super) n: u64,
    /// Its time.
    pub(super) t: u64,
}

/// Finds the last complete line without reading the whole file.
///
/// # Errors
/// Those of the disk, and `InvalidData` when there is no line feed where
/// [`MAX_LINE`] demands one.
pub(super) fn last_line(path: &Path) -> io::Result<LastLine> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let most = 2 * MAX_LINE as u64;
    let mut window = WINDOW;
    loop {
        let from = length.saturating_sub(window);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        (&mut file).take(length - from).read_to_end(&mut bytes)?;
        let end = memchr::memrchr(b'\n', &bytes);
        let start = end.and_then(|end| {
            let before = bytes.get(..end).unwrap_or_default();
            match memchr::memrchr(b'\n', before) {
                Some(start) => Some(start + 1),
                None if from == 0 => Some(0),
                None => None,
            }
        });
        match (start, end) {
            (Some(start), Some(end)) => {
                return Ok(LastLine {
                    line: bytes.get(start..end).map(<[u8]>::to_vec),
                    end: from + end as u64 + 1,
                });
            }
            _ if from == 0 => return Ok(LastLine { line: None, end: 0 }),
            _ if window >= most => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a line is longer than lines may be",
                ));
            }
            _ => window *= 8,
        }
    }
}

/// Number and time of a line.
pub(super) fn place(line: &[u8]) -> Option<Place> {
    serde_json::from_slice(line).ok()
}

/// Where `writer` stands in `directory`.
///
/// A last line that cannot be read is damage, not a reason to stop recording:
/// the chain goes on from a link to nothing, which verification reports.
///
/// # Errors
/// Those of the disk.
pub(super) fn standing(directory: &Path, writer: &str) -> io::Result<Standing> {
    let mut names = name::list(directory)?;
    names.retain(|name| name.writer == writer);
    let number = names.last().map_or(0, |name| name.number);
    for name in names.iter().rev() {
        let path = name.path(directory);
        let line = match last_line(&path) {
            // Not even a header was completed: as if it had never been begun.
            Ok(LastLine { line: None, .. }) => continue,
            Ok(LastLine {
                line: Some(line), ..
            }) => Some(line),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
            Err(error) => return Err(error),
        };
        let found = line.and_then(|line| Some((place(&line)?.n, split(&line)?.1)));
        if found.is_none() {
            tracing::error!(
                segment = name.stem(),
                "the last line of a recording is damaged"
            );
        }
        let (n, hash) = found.unwrap_or((0, Hash::ZERO));
        return Ok(Standing {
            number,
            last: Some(Link {
                segment: name.stem(),
                n,
                hash,
            }),
        });
    }
    Ok(Standing { number, last: None })
}

#[cfg(test)]
mod tests {
    use super::last_line;

    #[test]
    fn finds_the_last_complete_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        let long = "y".repeat(200_000);
        for (content, line, end) in [
            ("", None, 0),
            ("half", None, 0),
            ("a\n", Some("a"), 2),
            ("a\nbb\nhalf", Some("bb"), 5),
            (&format!("a\n{long}\nhalf"), Some(long.as_str()), 200_003),
        ] {
            std::fs::write(&path, content).unwrap();
            let found = last_line(&path).unwrap();
            assert_eq!(found.line.as_deref(), line.map(str::as_bytes));
            assert_eq!(found.end, end);
        }
    }
}
