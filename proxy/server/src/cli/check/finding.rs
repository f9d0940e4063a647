//! What undermines a rule, for people and for programs.

use narrowgate_store::display::escape;
use serde::Serialize;

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Certainty {
    /// It does undermine the rule.
    Certain,
    /// It may: what it does cannot be told from here.
    Possible,
    /// It undermines nothing by itself, and is worth a look.
    Note,
}

/// Something that undermines rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Finding {
    pub(super) certainty: Certainty,
    /// The database it is in.
    pub(super) database: String,
    /// What it is, with its name.
    pub(super) what: String,
    /// Why it is one.
    pub(super) why: String,
    /// The rules that it undermines; none: all of them.
    pub(super) rules: Vec<String>,
    /// What to do.
    pub(super) remedy: &'static str,
}

impl Finding {
    /// In words.
    pub(super) fn text(&self) -> String {
        let certainty = match self.certainty {
            Certainty::Certain => "certain",
            Certainty::Possible => "possible",
            Certainty::Note => "note",
        };
        let rules = match self.rules.as_slice() {
            [] => "every rule".to_owned(),
            rules => rules.join(", "),
        };
        let text = format!(
            "{certainty}: {}: {}\n  why        {}\n  undermines {rules}\n  remedy     {}",
            self.database, self.what, self.why, self.remedy
        );
        escape(&text).into_owned()
    }
}
