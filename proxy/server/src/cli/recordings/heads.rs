//! `narrowgate recordings heads`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use narrowgate_store::recordings::{Entry, Kind, PublicKey};

use super::super::table::Table;
use super::super::{print, time};
use super::place::{KeyFiles, Place};

/// The log of heads, in its directory.
const FILE: &str = "heads.jsonl";
/// Longest line, in bytes.
const LINE: u64 = 8192;

/// Print signed heads: what to keep elsewhere, so that nobody can put older
/// recordings back unseen (`recordings verify --head`).
#[derive(Debug, Args)]
pub(in crate::cli) struct Heads {
    /// Print the newest head alone, as it stands in the log.
    #[arg(long)]
    last: bool,
    /// Print the lines as they stand in the log.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: KeyFiles,
    #[command(flatten)]
    place: Place,
}

impl Heads {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let directory = self.place.directory()?;
        let entries = read(&directory, &self.place.keys(&self.keys)?)?;
        if self.last {
            match entries.last() {
                Some(entry) => print(entry.line())?,
                None => bail!("nothing has been signed here yet"),
            }
        } else if self.json {
            for entry in &entries {
                print(entry.line())?;
            }
        } else {
            print(&table(&entries))?;
        }
        Ok(())
    }
}

/// The entries of the log whose signatures hold.
fn read(directory: &Path, keys: &[PublicKey]) -> anyhow::Result<Vec<Entry>> {
    let path = directory.join(FILE);
    let file = File::open(&path).with_context(|| path.display().to_string())?;
    let mut lines = BufReader::new(file);
    let mut entries = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        lines.by_ref().take(LINE).read_line(&mut line)?;
        // The last line of a log that is being written may be incomplete.
        let Some(complete) = line.strip_suffix('\n') else {
            return Ok(entries);
        };
        let number = entries.len() + 1;
        let entry = Entry::parse(complete, keys)
            .with_context(|| format!("{FILE}, line {number}; see `recordings verify`"))?;
        entries.push(entry);
    }
}

/// Entries, one a line.
fn table(entries: &[Entry]) -> String {
    let mut table = Table::new(&["HEAD", "SIGNED", "KEY", "SEGMENT", "LINE", "HASH"]);
    for entry in entries {
        let (segment, line, hash) = match &entry.kind {
            Kind::Head(head) => (&head.segment, head.n.to_string(), head.hash.to_string()),
            Kind::Tombstone(gone) => (&gone.segment, "removed".to_owned(), gone.last.to_string()),
        };
        table.row(vec![
            entry.seq.to_string(),
            time::stamp(entry.time),
            entry.key.clone(),
            segment.clone(),
            line,
            hash,
        ]);
    }
    table.text()
}
