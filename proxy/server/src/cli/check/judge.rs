//! Which of the things that a database holds undermine which rules.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Certainty, Finding};
use super::masks::Masks;
use crate::postgres::{Survey, Suspect, SuspectKind};

/// A masked column of a relation, and the rules that mask it.
type Masked = Vec<(String, Vec<String>)>;

/// Judges what one login has found in one database.
pub(super) struct Judge<'a> {
    masks: &'a Masks,
    database: &'a str,
    /// The login's user name.
    role: &'a str,
    /// Masked columns by `schema.relation`, whether by their own names or by what
    /// they show.
    masked: BTreeMap<&'a str, Masked>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        masks: &'a Masks,
        database: &'a str,
        role: &'a str,
        survey: &'a Survey,
    ) -> Self {
        let mut masked: BTreeMap<&str, Masked> = BTreeMap::new();
        for cell in &survey.cells {
            let own = format!("{}.{}", cell.relation, cell.name);
            let names = cell.origin.iter().flatten().chain([&own]);
            let rules: BTreeSet<String> = names.flat_map(|name| masks.on(name)).collect();
            if !rules.is_empty() {
                let column = (cell.name.clone(), rules.into_iter().collect());
                masked.entry(&cell.relation).or_default().push(column);
            }
        }
        Self {
            masks,
            database,
            role,
            masked,
        }
    }

    /// What undermines a rule.
    pub(super) fn findings(&self, survey: &Survey) -> Vec<Finding> {
        let copies = survey.cells.iter().filter(|cell| cell.stored);
        let copies = copies.filter_map(|cell| self.copy(&cell.relation, &cell.name));
        let suspects = survey.suspects.iter();
        copies
            .chain(suspects.filter_map(|suspect| self.suspect(suspect)))
            .collect()
    }

    /// A column of a materialised view that no rule names.
    fn copy(&self, relation: &str, column: &str) -> Option<Finding> {
        let name = format!("{relation}.{column}");
        let rules = self.rules(relation, |masked| masked == column);
        (!rules.is_empty() && self.masks.on(&name).is_empty()).then(|| {
            self.finding(
                Certainty::Possible,
                format!("column {name} of a materialised view"),
                "it keeps a copy, which is masked only as long as the views that it is made of \
                 say where it comes from"
                    .to_owned(),
                rules,
                "mask this column by its own name as well",
            )
        })
    }

    fn suspect(&self, suspect: &Suspect) -> Option<Finding> {
        if suspect.kind == SuspectKind::Power {
            return Some(self.finding(
                Certainty::Certain,
                format!("role {}", self.role),
                format!("it {}, which no rule of the database limits", suspect.name),
                Vec::new(),
                "give the target a role without this power",
            ));
        }
        if self.masks.columns.is_empty() {
            return None;
        }
        match suspect.kind {
            SuspectKind::Trigger => self.code(
                suspect,
                format!("trigger {} calling {}", self.on(suspect), suspect.detail),
                "mask what it writes to as well, or drop the trigger",
            ),
            SuspectKind::Rule => self.code(
                suspect,
                format!("rule {}", self.on(suspect)),
                "mask what it writes to as well, or drop the rule",
            ),
            SuspectKind::Generated => self.generated(suspect),
            SuspectKind::Foreign => self.foreign(suspect),
            SuspectKind::Function => self.function(suspect),
            SuspectKind::Publication => self.publication(suspect),
            SuspectKind::Slot => Some(self.finding(
                Certainty::Possible,
                format!(
                    "logical replication slot {} ({})",
                    suspect.name, suspect.detail
                ),
                "whoever reads it sees every change as it is".to_owned(),
                Vec::new(),
                "drop it if nobody needs it; let no rule allow the functions that read it",
            )),
            SuspectKind::Extension => Some(self.finding(
                Certainty::Possible,
                format!("extension {}", suspect.name),
                "what its functions or tables show comes past the rules for tables".to_owned(),
                Vec::new(),
                "drop it if nobody needs it; let no rule allow its functions, or defining with it",
            )),
            SuspectKind::EventTrigger => Some(self.finding(
                Certainty::Note,
                format!("event trigger {} calling {}", suspect.name, suspect.detail),
                "its code runs at every definition, whoever may define".to_owned(),
                Vec::new(),
                "see that it defines nothing that shows masked columns",
            )),
            SuspectKind::Power => None,
        }
    }

    /// Code that runs when rows of a table with masked columns are written.
    fn code(&self, suspect: &Suspect, what: String, remedy: &'static str) -> Option<Finding> {
        let relation = suspect.relation.as_deref()?;
        let named = |column: &str| mentions(&suspect.definition, column);
        let rules = self.rules(relation, named);
        if !rules.is_empty() {
            let why = "its code names a masked column".to_owned();
            return Some(self.finding(Certainty::Certain, what, why, rules, remedy));
        }
        let rules = self.rules(relation, |_| true);
        let why = "its code names no masked column, and may take whole rows".to_owned();
        (!rules.is_empty()).then(|| self.finding(Certainty::Possible, what, why, rules, remedy))
    }

    fn generated(&self, suspect: &Suspect) -> Option<Finding> {
        let relation = suspect.relation.as_deref()?;
        let name = format!("{relation}.{}", suspect.name);
        let used = suspect.columns.as_deref().unwrap_or_default();
        let rules = self.rules(relation, |masked| {
            used.iter().any(|column| column == masked)
        });
        (!rules.is_empty() && self.masks.on(&name).is_empty()).then(|| {
            self.finding(
                Certainty::Certain,
                format!("generated column {name}"),
                format!(
                    "it is computed from a masked column: {}",
                    suspect.definition
                ),
                rules,
                "mask this column as well",
            )
        })
    }

    fn foreign(&self, suspect: &Suspect) -> Option<Finding> {
        let relation = suspect.relation.as_deref()?;
        if !self
            .masks
            .on(&format!("{relation}.{}", suspect.name))
            .is_empty()
        {
            return None;
        }
        let remote = suspect.columns.iter().flatten().next()?;
        let rules = self.masks.on(remote);
        let remedy = "mask its columns by their names here as well";
        Some(match rules.is_empty() {
            true => self.finding(
                Certainty::Possible,
                format!("foreign table {relation}"),
                format!("its rows come from server {}", suspect.detail),
                Vec::new(),
                remedy,
            ),
            false => self.finding(
                Certainty::Certain,
                format!("column {relation}.{} of a foreign table", suspect.name),
                format!("it shows {remote} of server {}", suspect.detail),
                rules,
                remedy,
            ),
        })
    }

    /// A function that a rule trusts, or that runs with its owner's rights.
    fn function(&self, suspect: &Suspect) -> Option<Finding> {
        let trusting = self.masks.trusting(&suspect.name);
        let definer = suspect.detail == "definer";
        if trusting.is_none() && !definer {
            return None;
        }
        let named = |relation: &str| {
            let name = relation.rsplit('.').next().unwrap_or(relation);
            mentions(&suspect.definition, name)
        };
        let tables = self.masked.iter().filter(|(relation, _)| named(relation));
        let tables: Vec<&str> = tables.map(|(relation, _)| *relation).collect();
        let rules = tables.iter().flat_map(|table| self.rules(table, |_| true));
        let mut rules: Vec<String> = rules.collect::<BTreeSet<_>>().into_iter().collect();
        if tables.is_empty() {
            return None;
        }
        let tables = tables.join(", ");
        let what = format!("function {}", suspect.name);
        Some(match trusting {
            Some(label) => {
                rules.push(label.to_owned());
                let why = format!("its result is shown as it is, and its code names {tables}");
                let remedy = "take it off the trusted functions, or have it read no such table";
                self.finding(Certainty::Certain, what, why, rules, remedy)
            }
            None => self.finding(
                Certainty::Possible,
                what,
                format!(
                    "it runs with its owner's rights and names {tables}; what it returns is \
                     masked, what it stores or sends is not"
                ),
                rules,
                "let no rule allow it, unless it stores and sends no masked column",
            ),
        })
    }

    fn publication(&self, suspect: &Suspect) -> Option<Finding> {
        let relation = suspect.relation.as_deref()?;
        let sent = |column: &str| match &suspect.columns {
            Some(columns) => columns.iter().any(|sent| sent == column),
            None => true,
        };
        let rules = self.rules(relation, sent);
        (!rules.is_empty()).then(|| {
            self.finding(
                Certainty::Certain,
                format!("publication {} of {relation}", suspect.name),
                "it sends masked columns to its subscribers as they are".to_owned(),
                rules,
                "publish the table without these columns, or not at all",
            )
        })
    }

    /// Name and relation of something that belongs to one.
    fn on(&self, suspect: &Suspect) -> String {
        let relation = suspect.relation.as_deref().unwrap_or_default();
        format!("{} on {relation}", suspect.name)
    }

    /// The rules for those masked columns of a relation that are meant.
    fn rules(&self, relation: &str, meant: impl Fn(&str) -> bool) -> Vec<String> {
        let columns = self.masked.get(relation).into_iter().flatten();
        let meant = columns.filter(|(column, _)| meant(column));
        let rules = meant.flat_map(|(_, rules)| rules.iter().cloned());
        rules.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn finding(
        &self,
        certainty: Certainty,
        what: String,
        why: String,
        rules: Vec<String>,
        remedy: &'static str,
    ) -> Finding {
        Finding {
            certainty,
            database: self.database.to_owned(),
            what,
            why,
            rules,
            remedy,
        }
    }
}

/// True when a name stands in code as a word, in whatever case.
fn mentions(code: &str, name: &str) -> bool {
    let (code, name) = (code.to_lowercase(), name.to_lowercase());
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(&name).any(|(at, found)| {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        let after = code
            .get(at + found.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_name_is_mentioned_as_a_word() {
        for (code, named) in [
            ("INSERT INTO log VALUES (NEW.email)", true),
            ("new.\"Email\" || 'x'", true),
            ("SELECT email_count FROM t", false),
            ("SELECT bulkemail", false),
            ("SELECT émail", false),
            ("email", true),
            ("", false),
        ] {
            assert_eq!(mentions(code, "email"), named, "{code}");
        }
    }
}
