//! `narrowgate recordings`: looking at what was recorded, and whether it is
//! still what was recorded. Works on the directory, with or without a gateway
//! that records into it.

mod heads;
mod list;
mod place;
mod replay;
mod verify;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use narrowgate_store::recordings::{Format, Reader};

use super::{Answer, print};
use place::Place;

/// Look at recordings and verify them.
#[derive(Debug, Subcommand)]
pub(super) enum Recordings {
    List(list::List),
    Show(Show),
    Replay(replay::Replay),
    Verify(verify::Verify),
    Export(Export),
    Heads(heads::Heads),
}

/// Print what happened in a session.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The session.
    session: String,
    /// Print the events as JSON, one a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Write a session for other programs.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The session.
    session: String,
    /// As what.
    #[arg(long, value_enum, default_value_t = As::Jsonl)]
    format: As,
    /// Into this file, which must not exist; to standard output if left out.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// What to export as.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum As {
    /// The recorded lines, byte for byte.
    Jsonl,
    /// asciicast v2, for asciinema and its players.
    Asciicast,
}

impl Recordings {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        match self {
            Self::List(list) => list.run()?,
            Self::Show(show) => show.run()?,
            Self::Replay(replay) => replay.run()?,
            Self::Verify(verify) => return verify.run(),
            Self::Export(export) => export.run()?,
            Self::Heads(heads) => heads.run()?,
        }
        Ok(Answer::Yes)
    }
}

impl Show {
    fn run(self) -> anyhow::Result<()> {
        let reader = Reader::new(&self.place.directory()?);
        if self.json {
            for record in reader.show(&self.session)? {
                print(&serde_json::to_string(&record?)?)?;
            }
        } else {
            for frame in reader.replay(&self.session)? {
                print(&frame?.line())?;
            }
        }
        Ok(())
    }
}

impl Export {
    fn run(self) -> anyhow::Result<()> {
        let reader = Reader::new(&self.place.directory()?);
        let format = match self.format {
            As::Jsonl => Format::JsonLines,
            As::Asciicast => Format::Asciicast,
        };
        match &self.output {
            None => reader.export(&self.session, format, &mut io::stdout().lock())?,
            Some(path) => {
                let file = File::create_new(path).with_context(|| path.display().to_string())?;
                let mut out = BufWriter::new(file);
                reader.export(&self.session, format, &mut out)?;
                out.flush()?;
            }
        }
        Ok(())
    }
}
