//! Lines of bounded length from a file of any.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line, without its line feed.
    Complete(&'a [u8]),
    /// A line longer than the bound; its content was skipped.
    TooLong,
    /// Bytes at the end without line feed. Zeros behind them are room that the
    /// writer has taken, see [`mapped`](super::super::mapped).
    Incomplete(u64),
}

/// The lines of a reader.
pub(super) struct Lines<R> {
    reader: R,
    /// Longest line.
    bound: usize,
    buffer: Vec<u8>,
}

impl Lines<BufReader<File>> {
    /// Opens a regular file. Anything else by that name could block or never
    /// end, so it is an error.
    pub(super) fn open(path: &Path, bound: usize) -> io::Result<Self> {
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a regular file",
            ));
        }
        let file = File::open(path)?;
        Ok(Self::new(BufReader::with_capacity(128 << 10, file), bound))
    }
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R, bound: usize) -> Self {
        Self {
            reader,
            bound,
            buffer: Vec::new(),
        }
    }

    /// The next line, `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut length: u64 = 0;
        // Bytes up to the last that is not zero.
        let mut content: u64 = 0;
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok((content > 0).then_some(Line::Incomplete(content)));
            }
            let end = memchr::memchr(b'\n', available);
            let part = available
                .get(..end.unwrap_or(available.len()))
                .unwrap_or_default();
            let used = part.len() + usize::from(end.is_some());
            if end.is_none()
                && let Some(last) = part.iter().rposition(|byte| *byte != 0)
            {
                content = length + last as u64 + 1;
            }
            length += part.len() as u64;
            // A line that is too long is counted, not kept.
            if self.buffer.len() + part.len() <= self.bound {
                self.buffer.extend_from_slice(part);
            }
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some(if length > self.bound as u64 {
                    Line::TooLong
                } else {
                    Line::Complete(&self.buffer)
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::{Line, Lines};

    #[test]
    fn any_buffer_size_gives_the_same_lines() {
        let text = b"a\n\nlonger than ten\n0123456789\nend".to_vec();
        for size in 1..40 {
            let reader = BufReader::with_capacity(size, Cursor::new(text.clone()));
            let mut lines = Lines::new(reader, 10);
            assert_eq!(lines.next().unwrap(), Some(Line::Complete(b"a")));
            assert_eq!(lines.next().unwrap(), Some(Line::Complete(b"")));
            assert_eq!(lines.next().unwrap(), Some(Line::TooLong));
            assert_eq!(lines.next().unwrap(), Some(Line::Complete(b"0123456789")));
            assert_eq!(lines.next().unwrap(), Some(Line::Incomplete(3)));
            assert_eq!(lines.next().unwrap(), None);
        }
    }

    #[test]
    fn zeros_at_the_end_are_no_line() {
        for (text, last) in [
            (&b"a\n\0\0\0\0"[..], None),
            (b"a\nen\0\0", Some(Line::Incomplete(2))),
            (b"a\ne\0d\0", Some(Line::Incomplete(3))),
        ] {
            for size in 1..9 {
                let mut lines = Lines::new(BufReader::with_capacity(size, text), 10);
                assert_eq!(lines.next().unwrap(), Some(Line::Complete(b"a")));
                assert_eq!(lines.next().unwrap(), last);
            }
        }
    }
}
