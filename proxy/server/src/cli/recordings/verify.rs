//! `narrowgate recordings verify`.

use std::path::Path;

use anyhow::Context;
use clap::Args;
use narrowgate_store::recordings::{Report, verify, verify_head};
use serde_json::json;

use super::super::{Answer, print, print_json, time};
use super::place::{KeyFiles, Place};

/// Verify that recordings are whole and as they were recorded.
///
/// Ends with 0 if they are and with 1 if they are not.
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// A head that was kept elsewhere (see `recordings heads --last`), or a file
    /// with one: shows also that nothing older has been put in the place of
    /// what was recorded.
    #[arg(long, value_name = "LINE|FILE")]
    head: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: KeyFiles,
    #[command(flatten)]
    place: Place,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let directory = self.place.directory()?;
        let keys = self.place.keys(&self.keys)?;
        let report = match &self.head {
            None => verify(&directory, &keys)?,
            Some(head) => verify_head(&directory, &line(head)?, &keys)?,
        };
        if self.json {
            print_json(&json!({ "whole": report.is_ok(), "report": report }))?;
        } else {
            print(&tell(&directory, &report))?;
        }
        Ok(if report.is_ok() {
            Answer::Yes
        } else {
            Answer::No
        })
    }
}

/// The head itself, or that in the file of this name: its last line.
fn line(head: &str) -> anyhow::Result<String> {
    if head.trim_start().starts_with('{') {
        return Ok(head.to_owned());
    }
    let text = std::fs::read_to_string(head).with_context(|| format!("--head {head}"))?;
    Ok(text.trim().lines().last().unwrap_or_default().to_owned())
}

/// A report in words.
fn tell(directory: &Path, report: &Report) -> String {
    let mut out = Vec::new();
    for problem in &report.problems {
        out.push(format!("ALTERED  {problem}"));
    }
    for tail in &report.tails {
        let then = match tail.linked {
            true => ", but the next segment is chained to them",
            false => "; they prove nothing either way",
        };
        let unsigned = format!("{} lines are not signed yet{then}", tail.lines);
        let cut = match tail.incomplete {
            0 => String::new(),
            bytes => format!("; {bytes} bytes of an incomplete line"),
        };
        out.push(format!("unsigned {}: {unsigned}{cut}", tail.file));
    }
    let verdict = match report.problems.len() {
        0 => "whole".to_owned(),
        1 => "NOT AS RECORDED, 1 problem".to_owned(),
        count => format!("NOT AS RECORDED, {count} problems"),
    };
    let signed = match report.signed_until {
        Some(at) => format!("signed until {}", time::stamp(at)),
        None => "never signed".to_owned(),
    };
    out.push(format!(
        "{}: {verdict} ({} events in {} segments, {} removed by retention, {} heads, {signed})",
        directory.display(),
        report.events,
        report.segments,
        report.removed,
        report.entries,
    ));
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use narrowgate_store::recordings::{Problem, Tail};

    use super::*;

    #[test]
    fn a_report_says_first_what_is_wrong() {
        let mut report = Report {
            segments: 1,
            events: 7,
            ..Report::default()
        };
        let whole = tell(Path::new("r"), &report);
        assert!(
            whole.starts_with("r: whole (7 events in 1 segments"),
            "{whole}"
        );
        report.tails.push(Tail {
            file: "w0-00000001".into(),
            lines: 2,
            incomplete: 5,
            linked: false,
        });
        report.problems.push(Problem {
            file: "w0-00000001".into(),
            line: Some(3),
            what: "the hash is wrong".into(),
        });
        let told = tell(Path::new("r"), &report);
        assert!(told.starts_with("ALTERED  w0-00000001"), "{told}");
        assert!(told.contains("unsigned w0-00000001: 2 lines"), "{told}");
        assert!(told.contains("NOT AS RECORDED, 1 problem ("), "{told}");
    }
}
