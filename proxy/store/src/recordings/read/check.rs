//! One segment, checked line by line.

use std::io;
use std::path::Path;

use serde::Deserialize;

use super::lines::{Line, Lines};
use super::verify::Problem;
use crate::recordings::MAX_LINE;
use crate::recordings::chain::{Hash, follow, split};
use crate::recordings::header::{FORMAT, Header, KIND};
use crate::recordings::heads::{Head, Tombstone};
use crate::recordings::name::Name;

/// Problems of one segment that are told; the rest follow from them.
const MAX_PROBLEMS: usize = 20;

/// What a segment holds.
#[derive(Default)]
pub(super) struct Checked {
    /// Its header, if it has one.
    pub(super) header: Option<Header>,
    /// Number of its last complete line.
    pub(super) last: Option<u64>,
    /// Hash that its last complete line ends with.
    pub(super) hash: Option<Hash>,
    /// Hash of its first line.
    first: Option<Hash>,
    /// Times of its first and last line.
    times: Option<(u64, u64)>,
    /// Bytes after the last line feed.
    pub(super) incomplete: u64,
    /// What is wrong with it.
    pub(super) problems: Vec<Problem>,
}

/// What every line has.
#[derive(Deserialize)]
struct Place {
    n: u64,
    t: u64,
}

/// What the first line has.
#[derive(Deserialize)]
struct First {
    kind: String,
    data: Header,
}

/// Checks the chain of `name` and that it contains all of `heads`.
pub(super) fn segment(directory: &Path, name: &Name, heads: &[Head]) -> io::Result<Checked> {
    let mut checked = Checked::default();
    let mut lines = Lines::open(&name.path(directory), MAX_LINE)?;
    let mut heads: Vec<&Head> = heads.iter().collect();
    heads.sort_by_key(|head| head.n);
    let mut heads = heads.into_iter().peekable();
    let mut previous = Hash::ZERO;
    let mut number = 0_u64;
    while let Some(line) = lines.next()? {
        let bytes = match line {
            Line::Complete(bytes) => bytes,
            Line::TooLong => {
                checked.report(name, number, "the line is too long");
                number += 1;
                continue;
            }
            Line::Incomplete(bytes) => {
                checked.incomplete = bytes;
                continue;
            }
        };
        if follow(bytes, &previous).is_none() {
            let what =
                "the line was changed, or the one before it was changed, added, moved or removed";
            checked.report(name, number, what);
        }
        // Go on from what the line claims, so that one change is told once.
        let claimed = split(bytes).map_or(Hash::ZERO, |(_, hash)| hash);
        checked.take(name, number, bytes, claimed);
        while let Some(head) = heads.next_if(|head| head.n <= number) {
            if head.n == number && head.hash != claimed {
                checked.report(name, number, "the line is not the one that was signed");
            }
        }
        previous = claimed;
        number += 1;
    }
    if let Some(head) = heads.last() {
        let what = format!(
            "lines are missing at the end: line {} was signed, {number} lines are there",
            head.n
        );
        checked.report(name, number, &what);
    }
    Ok(checked)
}

impl Checked {
    fn report(&mut self, name: &Name, line: u64, what: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems
                .push(Problem::new(&name.stem(), Some(line), what));
        }
    }

    /// Notes what a line says about itself.
    fn take(&mut self, name: &Name, number: u64, bytes: &[u8], claimed: Hash) {
        match serde_json::from_slice::<Place>(bytes) {
            Ok(place) => {
                if place.n != number {
                    self.report(name, number, "the line has another number");
                }
                let start = self.times.map_or(place.t, |(start, _)| start);
                self.times = Some((start, place.t));
            }
            Err(_) => self.report(name, number, "the line is not an event"),
        }
        if number == 0 {
            self.first = Some(claimed);
            match serde_json::from_slice::<First>(bytes) {
                Ok(First { kind, data }) if kind == KIND && data.format == FORMAT => {
                    if data.segment != name.stem() || data.writer != name.writer {
                        let what = format!("the file holds segment {}", data.segment);
                        self.report(name, number, &what);
                    }
                    self.header = Some(data);
                }
                _ => self.report(name, number, "the segment has no header"),
            }
        }
        self.last = Some(number);
        self.hash = Some(claimed);
    }
}

/// What a tombstone says about a segment; `None` when its chain is broken, so
/// that retention does not carry evidence away.
pub(in crate::recordings) fn summary(
    directory: &Path,
    name: &Name,
) -> io::Result<Option<Tombstone>> {
    let checked = segment(directory, name, &[])?;
    if !checked.problems.is_empty() {
        return Ok(None);
    }
    let (Some(first), Some(last), Some(n), Some((start, end))) =
        (checked.first, checked.hash, checked.last, checked.times)
    else {
        return Ok(None);
    };
    Ok(Some(Tombstone {
        segment: name.stem(),
        first,
        last,
        n,
        start,
        end,
        reason: String::new(),
    }))
}
