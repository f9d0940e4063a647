//! `narrowgate recordings list`.

use clap::Args;
use narrowgate_store::recordings::{Reader, Session, SessionFilter};
use serde_json::json;

use super::super::table::Table;
use super::super::{print, print_json, time};
use super::Place;

/// List recorded sessions, the newest first.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only sessions with something at or after this time: RFC 3339, or a
    /// duration before now such as 2h.
    #[arg(long, value_parser = time::parse)]
    since: Option<u64>,
    /// Only sessions begun before this time.
    #[arg(long, value_parser = time::parse)]
    until: Option<u64>,
    /// Only sessions of this subject.
    #[arg(long)]
    subject: Option<String>,
    /// Only sessions on this target.
    #[arg(long)]
    target: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let filter = SessionFilter {
            since: self.since,
            until: self.until,
            subject: self.subject,
            target: self.target,
            limit: Some(self.limit),
        };
        let sessions = Reader::new(&self.place.directory()?).list(&filter)?;
        if self.json {
            return print_json(&json!({ "sessions": sessions }));
        }
        match sessions.is_empty() {
            true => print("No such session is recorded here.")?,
            false => print(&table(&sessions))?,
        }
        Ok(())
    }
}

/// Sessions, one a line.
fn table(sessions: &[Session]) -> String {
    let headings = [
        "SESSION",
        "START",
        "LENGTH",
        "IDENTITY",
        "TARGET",
        "OPERATIONS",
        "DENIED",
    ];
    let mut table = Table::new(&headings);
    for session in sessions {
        let length = time::span(session.last.saturating_sub(session.start));
        table.row(vec![
            session.id.clone(),
            time::stamp(session.start),
            match session.end {
                Some(_) => length,
                None => format!("{length}, open"),
            },
            match session.subject.is_empty() {
                true => "-".to_owned(),
                false => format!("{}/{}", session.issuer, session.subject),
            },
            session.target.clone(),
            session.operations.to_string(),
            session.denied.to_string(),
        ]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_a_line() {
        let session = Session {
            id: "ses-1".into(),
            issuer: "agents".into(),
            subject: "a7".into(),
            start: 1_700_000_000_000_000,
            last: 1_700_000_005_000_000,
            operations: 3,
            denied: 1,
            ..Session::default()
        };
        let shown = table(&[session]);
        let line = shown.lines().nth(1).unwrap();
        assert!(
            line.starts_with("ses-1    2023-11-14T22:13:20Z  5s, open  agents/a7"),
            "{shown}"
        );
        assert!(line.ends_with("3           1"), "{shown}");
    }
}
