//! The log of heads, read and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::lines::{Line, Lines};
use super::verify::Problem;
use crate::recordings::chain::Hash;
use crate::recordings::error::Error;
use crate::recordings::heads::{Entry, FILE, Head, Kind, MAX_ENTRY, Tombstone};
use crate::recordings::key::PublicKey;
use crate::recordings::name::Name;

/// What the log says, as far as its signatures hold.
#[derive(Default)]
pub(super) struct Log {
    /// Entries whose signature holds.
    pub(super) entries: u64,
    /// Heads of each segment, in the order of the log.
    pub(super) heads: BTreeMap<Name, Vec<Head>>,
    /// Segments that are gone on purpose.
    pub(super) tombstones: BTreeMap<Name, Tombstone>,
    /// Bytes of a last line that was not completed.
    pub(super) incomplete: u64,
    /// Position and time of the last entry.
    pub(super) last: Option<(u64, u64)>,
    /// The line at the position that was asked for.
    pub(super) wanted: Option<String>,
}

/// Reads the log; `wanted` is a position whose line is to be kept.
pub(super) fn read(
    directory: &Path,
    keys: &[PublicKey],
    wanted: Option<u64>,
    problems: &mut Vec<Problem>,
) -> io::Result<Log> {
    let mut log = Log::default();
    let mut lines = match Lines::open(&directory.join(FILE), MAX_ENTRY) {
        Ok(lines) => lines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            problems.push(Problem::new(FILE, None, "the log of heads is missing"));
            return Ok(log);
        }
        Err(error) => return Err(error),
    };
    let (mut number, mut seq, mut prev) = (0_u64, 0_u64, Hash::ZERO);
    while let Some(line) = lines.next()? {
        number += 1;
        let bytes = match line {
            Line::Complete(bytes) => bytes,
            Line::TooLong => {
                problems.push(Problem::new(FILE, Some(number), "the line is too long"));
                continue;
            }
            Line::Incomplete(bytes) => {
                log.incomplete = bytes;
                continue;
            }
        };
        let parsed = std::str::from_utf8(bytes)
            .map_err(|_| Error::NotAHead("not text"))
            .and_then(|line| Entry::parse(line, keys));
        let entry = match parsed {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(Problem::new(FILE, Some(number), &error.to_string()));
                continue;
            }
        };
        if entry.seq != seq || entry.prev != prev {
            let what =
                "the entry does not follow the one before: entries are missing, moved or repeated";
            problems.push(Problem::new(FILE, Some(number), what));
        }
        seq = entry.seq.saturating_add(1);
        prev = entry.hash();
        log.take(entry, wanted);
    }
    Ok(log)
}

impl Log {
    fn take(&mut self, entry: Entry, wanted: Option<u64>) {
        self.entries += 1;
        self.last = Some((entry.seq, entry.time));
        if wanted == Some(entry.seq) {
            self.wanted = Some(entry.line().to_owned());
        }
        match entry.kind {
            Kind::Head(head) => {
                if let Some(name) = Name::parse(&head.segment) {
                    self.heads.entry(name).or_default().push(head);
                }
            }
            Kind::Tombstone(tombstone) => {
                if let Some(name) = Name::parse(&tombstone.segment) {
                    self.tombstones.insert(name, tombstone);
                }
            }
        }
    }
}

/// Segments that our own log says are gone; signatures are not looked at.
pub(in crate::recordings) fn tombstones(directory: &Path) -> io::Result<BTreeSet<Name>> {
    let mut found = BTreeSet::new();
    let mut lines = Lines::open(&directory.join(FILE), MAX_ENTRY)?;
    while let Some(line) = lines.next()? {
        if let Line::Complete(bytes) = line
            && let Ok(Kind::Tombstone(tombstone)) = serde_json::from_slice(bytes)
        {
            found.extend(Name::parse(&tombstone.segment));
        }
    }
    Ok(found)
}
