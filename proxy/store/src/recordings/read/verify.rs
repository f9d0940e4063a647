//! Is everything that was recorded still there, and as it was?

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;

use super::check;
use super::log::{self, Log};
use crate::recordings::error::Error;
use crate::recordings::header::Link;
use crate::recordings::heads::{Entry, FILE, Kind};
use crate::recordings::key::PublicKey;
use crate::recordings::name::{self, Name};

/// Attempts to read a directory that changes while it is read.
const ATTEMPTS: usize = 3;

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Segments that were read.
    pub segments: u64,
    /// Events in them.
    pub events: u64,
    /// Signed entries in the log.
    pub entries: u64,
    /// Segments that are gone on purpose, by signed tombstones.
    pub removed: u64,
    /// When the last entry was signed, in microseconds since the Unix epoch.
    pub signed_until: Option<u64>,
    /// Ends of segments that no head covers: a gateway that runs or was killed
    /// leaves them; they prove nothing either way.
    pub tails: Vec<Tail>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The end of a segment that no head covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tail {
    /// The segment, or `heads.jsonl`.
    pub file: String,
    /// Complete lines after the last signed one.
    pub lines: u64,
    /// Bytes of a line that was not completed.
    pub incomplete: u64,
    /// Whether the next segment of the writer is chained to it.
    pub linked: bool,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The segment, or `heads.jsonl`.
    pub file: String,
    /// The line: counted from 0 in segments, as their events are numbered, and
    /// from 1 in the log.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub what: String,
}

/// Reads everything in `directory` and checks it against the heads signed
/// with one of `keys`. May be used while a gateway records into it.
///
/// # Errors
/// Those of the disk. What is wrong with the recordings is in the report.
pub fn verify(directory: &Path, keys: &[PublicKey]) -> Result<Report, Error> {
    patiently(directory, || attempt(directory, keys, None))
}

/// As [`verify`], and that an entry kept elsewhere is part of the log and that
/// what it says still holds: nothing older has been put in its place.
///
/// # Errors
/// [`Error::NotAHead`] and those of the disk.
pub fn verify_head(directory: &Path, entry: &str, keys: &[PublicKey]) -> Result<Report, Error> {
    let entry = Entry::parse(entry.trim(), keys)?;
    patiently(directory, || attempt(directory, keys, Some(&entry)))
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Problem {
    pub(super) fn new(file: &str, line: Option<u64>, what: &str) -> Self {
        Self {
            file: file.to_owned(),
            line,
            what: what.to_owned(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} line {line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// Tries again when the log has grown while segments were read: retention may
/// have removed one in between.
fn patiently(
    directory: &Path,
    mut attempt: impl FnMut() -> Result<Report, Error>,
) -> Result<Report, Error> {
    let length = || {
        fs::metadata(directory.join(FILE))
            .map(|found| found.len())
            .ok()
    };
    let mut before = length();
    let mut report = attempt()?;
    for _ in 1..ATTEMPTS {
        let after = length();
        if report.is_ok() || after == before {
            break;
        }
        before = after;
        report = attempt()?;
    }
    Ok(report)
}

fn attempt(directory: &Path, keys: &[PublicKey], kept: Option<&Entry>) -> Result<Report, Error> {
    let mut report = Report::default();
    let log = log::read(
        directory,
        keys,
        kept.map(|entry| entry.seq),
        &mut report.problems,
    )?;
    report.entries = log.entries;
    report.signed_until = log.last.map(|(_, time)| time);
    if log.incomplete > 0 {
        report.tails.push(Tail {
            file: FILE.to_owned(),
            lines: 0,
            incomplete: log.incomplete,
            linked: false,
        });
    }
    if let Some(entry) = kept {
        contains(&log, entry, &mut report.problems);
    }
    let present: BTreeSet<Name> = name::list(directory)?.into_iter().collect();
    let all: BTreeSet<&Name> = present
        .iter()
        .chain(log.heads.keys())
        .chain(log.tombstones.keys())
        .collect();
    let mut chain = Chain::default();
    for name in all {
        chain.expect(name, &mut report);
        if present.contains(name) {
            chain.present(directory, name, &log, &mut report)?;
        } else {
            chain.absent(name, &log, &mut report);
        }
    }
    Ok(report)
}

/// Whether the log still has the entry that was kept elsewhere. That what it
/// says holds is checked with all other entries.
fn contains(log: &Log, entry: &Entry, problems: &mut Vec<Problem>) {
    if log.wanted.as_deref() == Some(entry.line()) {
        return;
    }
    let newest = log
        .last
        .map_or("no entry".to_owned(), |(seq, _)| format!("entry {seq}"));
    let what = format!(
        "entry {} that was kept elsewhere is not in the log, which ends with {newest}: \
         the recordings were put back to an older state, or replaced",
        entry.seq
    );
    problems.push(Problem::new(FILE, None, &what));
    let Kind::Head(head) = &entry.kind else {
        return;
    };
    let what = format!("line {} with hash {} was signed", head.n, head.hash);
    problems.push(Problem::new(&head.segment, Some(head.n), &what));
}

/// The segments of one writer, in order.
#[derive(Default)]
struct Chain {
    /// The segment looked at last.
    name: Option<Name>,
    /// What the next header must be chained to; `None` when that is unknown.
    end: Option<Option<Link>>,
}

impl Chain {
    /// Moves to `name`; reports the numbers that are left out.
    fn expect(&mut self, name: &Name, report: &mut Report) {
        let before = self.name.replace(name.clone());
        let last = match before {
            Some(before) if before.writer == name.writer => before.number,
            _ => {
                self.end = Some(None);
                0
            }
        };
        if name.number > last + 1 {
            let what = format!(
                "{} segments before this one are missing and nothing says that they were removed on purpose",
                name.number - last - 1
            );
            report
                .problems
                .push(Problem::new(&name.stem(), None, &what));
            self.end = None;
        }
    }

    /// A segment that is not there.
    fn absent(&mut self, name: &Name, log: &Log, report: &mut Report) {
        match log.tombstones.get(name) {
            Some(tombstone) => {
                report.removed += 1;
                self.end = Some(Some(Link {
                    segment: name.stem(),
                    n: tombstone.n,
                    hash: tombstone.last,
                }));
            }
            None => {
                let what = "the segment is missing and nothing says that it was removed on purpose";
                report.problems.push(Problem::new(&name.stem(), None, what));
                self.end = None;
            }
        }
    }

    /// A segment that is there.
    fn present(
        &mut self,
        directory: &Path,
        name: &Name,
        log: &Log,
        report: &mut Report,
    ) -> Result<(), Error> {
        let heads = log.heads.get(name).map_or(&[][..], Vec::as_slice);
        let checked = match check::segment(directory, name, heads) {
            Ok(checked) => checked,
            Err(error) => {
                report
                    .problems
                    .push(Problem::new(&name.stem(), None, &error.to_string()));
                self.end = None;
                return Ok(());
            }
        };
        report.segments += 1;
        report.events += checked.last.unwrap_or(0);
        report.problems.extend(checked.problems);
        if let Some(header) = &checked.header {
            self.link(name, header.previous.as_ref(), report);
        }
        let signed = heads.iter().map(|head| head.n).max();
        let closed = heads
            .iter()
            .filter(|head| head.closed)
            .map(|head| head.n)
            .max();
        let lines = checked.last.map_or(0, |last| last + 1);
        let unsigned = lines.saturating_sub(signed.map_or(0, |n| n + 1));
        if let Some(closed) = closed
            && (lines > closed + 1 || checked.incomplete > 0)
        {
            let what = "something was added after the segment had been closed";
            report
                .problems
                .push(Problem::new(&name.stem(), Some(closed + 1), what));
        } else if unsigned > 0 || checked.incomplete > 0 {
            report.tails.push(Tail {
                file: name.stem(),
                lines: unsigned,
                incomplete: checked.incomplete,
                linked: false,
            });
        }
        // A segment without a complete line was never begun for its writer.
        if let (Some(n), Some(hash)) = (checked.last, checked.hash) {
            self.end = Some(Some(Link {
                segment: name.stem(),
                n,
                hash,
            }));
        }
        Ok(())
    }

    /// Compares what a header is chained to with what is there.
    fn link(&mut self, name: &Name, previous: Option<&Link>, report: &mut Report) {
        let Some(end) = &self.end else { return };
        if previous != end.as_ref() {
            let what = match (previous, end) {
                (Some(link), Some(end)) if link.segment == end.segment && link.n > end.n => {
                    format!(
                        "it follows line {} of {}, which now ends with line {}",
                        link.n, link.segment, end.n
                    )
                }
                (Some(link), _) => format!(
                    "it follows line {} of {} with another hash or another end",
                    link.n, link.segment
                ),
                (None, _) => "it claims to be the first of its writer".to_owned(),
            };
            report
                .problems
                .push(Problem::new(&name.stem(), Some(0), &what));
        } else if let Some(link) = previous
            && let Some(tail) = report
                .tails
                .iter_mut()
                .find(|tail| tail.file == link.segment)
        {
            tail.linked = true;
        }
    }
}
