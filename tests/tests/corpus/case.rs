//! Cases as they are written: a file for each door, a case for each header.
//!
//! ```text
//! -- reveals: a whole row as text
//! -- as: wide
//! SELECT c::text FROM customers c
//! ```
//!
//! The header's word says what the attack does past the gateway (`reveals`, `changes`,
//! `reaches`), or that it is none (`benign`). Below it may stand `-- as:` (whose rules hold;
//! `agent` if nothing is said), `-- code:` (the refusal, if it is not 42501), `-- cleans:` (SQL
//! that undoes what outlives the database) and `-- shows:` (a row as it is masked, for each row
//! of a benign case). An empty line ends a step; see [`crate::step`].

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use narrowgate_tests::workspace;

use crate::step::Step;

/// What a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Past the gateway, the client sees something of a secret.
    Reveals,
    /// Past the gateway, something changes that must not.
    Changes,
    /// Past the gateway, it succeeds.
    Reaches,
    /// It has to work, with the very answers of the database.
    Benign,
}

/// An attack, or a statement that has to work.
#[derive(Debug)]
pub(crate) struct Case {
    /// The name of its file.
    pub(crate) door: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The group of whoever tries.
    pub(crate) group: String,
    /// SQLSTATE of the refusal.
    pub(crate) code: String,
    /// SQL past the gateway, after each run.
    pub(crate) cleans: Vec<String>,
    /// Rows as they are masked, cells joined by `|`.
    pub(crate) shows: Vec<String>,
    pub(crate) steps: Vec<Step>,
}

impl Case {
    pub(crate) fn is_about(&self, word: &str) -> bool {
        self.door.contains(word) || self.name.contains(word)
    }

    fn begin(door: &str, kind: Kind, name: &str) -> Self {
        Self {
            door: door.to_owned(),
            name: name.to_owned(),
            kind,
            group: "agent".to_owned(),
            code: "42501".to_owned(),
            cleans: Vec::new(),
            shows: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn directive(&mut self, key: &str, value: &str) -> Result<()> {
        match key {
            "as" => self.group = value.to_owned(),
            "code" => self.code = value.to_owned(),
            "cleans" => self.cleans.push(value.to_owned()),
            "shows" => self.shows.push(value.to_owned()),
            _ => bail!("{key} is nothing that a case can say"),
        }
        Ok(())
    }
}

/// Every case of every door.
///
/// # Errors
/// When a file cannot be read or understood, or two cases have one name.
pub(crate) fn all() -> Result<Vec<Case>> {
    let mut files: Vec<_> = fs::read_dir(workspace::root().join("tests/corpus/cases"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let door = file.file_stem().and_then(|stem| stem.to_str());
        let door = door.context("a file without a name")?.to_owned();
        read(&file, &door, &mut cases).with_context(|| file.display().to_string())?;
    }
    let mut names: Vec<_> = cases.iter().map(|case| (&case.door, &case.name)).collect();
    names.sort();
    if let Some(pair) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        bail!("two cases are called {pair:?}");
    }
    Ok(cases)
}

fn read(file: &Path, door: &str, cases: &mut Vec<Case>) -> Result<()> {
    let before = cases.len();
    let mut paragraph: Vec<String> = Vec::new();
    let text = fs::read_to_string(file)?;
    for line in text.lines().chain([""]) {
        if let Some((kind, name)) = header(line) {
            cases.push(Case::begin(door, kind, name));
            continue;
        }
        // What stands above the first case tells of the file.
        let Some(case) = cases.get_mut(before..).and_then(|cases| cases.last_mut()) else {
            continue;
        };
        if line.trim().is_empty() {
            if !paragraph.is_empty() {
                case.steps
                    .push(Step::parse(&paragraph).with_context(|| case.name.clone())?);
                paragraph.clear();
            }
        } else if case.steps.is_empty()
            && paragraph.is_empty()
            && let Some((key, value)) = line
                .strip_prefix("-- ")
                .and_then(|rest| rest.split_once(": "))
        {
            case.directive(key, value)
                .with_context(|| case.name.clone())?;
        } else {
            paragraph.push(line.to_owned());
        }
    }
    for case in cases.iter().skip(before) {
        ensure!(!case.steps.is_empty(), "{} does nothing", case.name);
    }
    Ok(())
}

fn header(line: &str) -> Option<(Kind, &str)> {
    let (word, name) = line.strip_prefix("-- ")?.split_once(": ")?;
    let kind = match word {
        "reveals" => Kind::Reveals,
        "changes" => Kind::Changes,
        "reaches" => Kind::Reaches,
        "benign" => Kind::Benign,
        _ => return None,
    };
    Some((kind, name))
}
