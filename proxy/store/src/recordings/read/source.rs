//! The lines of one session, or of all, across segments.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use memchr::memmem::Finder;

use super::lines::{Line, Lines};
use super::record::{Raw, Record};
use crate::recordings::MAX_LINE;
use crate::recordings::error::Error;
use crate::recordings::name::{self, Name};

/// Reads a directory of recordings, also while it is recorded into.
#[derive(Clone, Debug)]
pub struct Reader {
    directory: PathBuf,
}

/// Lines of segments, one after another.
pub(super) struct Source {
    directory: PathBuf,
    waiting: VecDeque<Name>,
    open: Option<(String, Lines<BufReader<File>>)>,
    /// What a line must contain to be looked at.
    finder: Option<Finder<'static>>,
}

impl Reader {
    /// For `directory`; nothing is read yet.
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// The events of a session, in order. Lines that are not events are left
    /// out; [`verify`](super::verify()) reports them.
    ///
    /// # Errors
    /// [`Error::NotFound`] and those of the disk.
    pub fn show(
        &self,
        session: &str,
    ) -> Result<impl Iterator<Item = Result<Record, Error>> + use<>, Error> {
        let mut source = self.source(Some(session))?;
        let wanted = session.to_owned();
        let mut next = move || source.next_of(&wanted, |segment, raw, _| raw.record(segment));
        let first = next()?.ok_or_else(|| Error::NotFound(session.to_owned()))?;
        Ok(std::iter::once(Ok(first)).chain(std::iter::from_fn(move || next().transpose())))
    }

    /// The lines of `session`, or of all sessions.
    pub(super) fn source(&self, session: Option<&str>) -> Result<Source, Error> {
        let mut segments = Vec::new();
        for name in name::list(&self.directory)? {
            segments.push((self.start(&name), name));
        }
        segments.sort();
        let finder = session.map(|session| {
            let mut text = b"\"session\":".to_vec();
            crate::value::write_text(&mut text, session);
            Finder::new(&text).into_owned()
        });
        Ok(Source {
            directory: self.directory.clone(),
            waiting: segments.into_iter().map(|(_, name)| name).collect(),
            open: None,
            finder,
        })
    }

    /// When a segment was begun, as its header says.
    fn start(&self, name: &Name) -> u64 {
        let Ok(mut lines) = Lines::open(&name.path(&self.directory), MAX_LINE) else {
            return u64::MAX;
        };
        match lines.next() {
            Ok(Some(Line::Complete(line))) => Raw::parse(line).map_or(u64::MAX, |raw| raw.t),
            _ => u64::MAX,
        }
    }
}

impl Source {
    /// The next line that `read` makes something of.
    pub(super) fn next<T>(
        &mut self,
        mut read: impl FnMut(&str, &Raw<'_>, &[u8]) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        loop {
            let Some((segment, lines)) = self.open.as_mut() else {
                let Some(name) = self.waiting.pop_front() else {
                    return Ok(None);
                };
                match Lines::open(&name.path(&self.directory), MAX_LINE) {
                    Ok(lines) => self.open = Some((name.stem(), lines)),
                    // Retention may have come in between.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => {
                        tracing::warn!(segment = name.stem(), %error, "a recording cannot be read");
                    }
                }
                continue;
            };
            let line = match lines.next()? {
                Some(Line::Complete(line)) => line,
                Some(Line::TooLong | Line::Incomplete(_)) => continue,
                None => {
                    self.open = None;
                    continue;
                }
            };
            if self
                .finder
                .as_ref()
                .is_some_and(|finder| finder.find(line).is_none())
            {
                continue;
            }
            if let Some(raw) = Raw::parse(line)
                && let Some(found) = read(segment, &raw, line)
            {
                return Ok(Some(found));
            }
        }
    }

    /// The next line of `session` that `read` makes something of.
    pub(super) fn next_of<T>(
        &mut self,
        session: &str,
        mut read: impl FnMut(&str, &Raw<'_>, &[u8]) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        self.next(|segment, raw, line| {
            (raw.session == session)
                .then(|| read(segment, raw, line))
                .flatten()
        })
    }
}
