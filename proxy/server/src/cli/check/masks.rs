//! The masking rules of a configuration, as far as they name columns.

use narrowgate_config::{FilterRef, Loaded};
use narrowgate_sdk::Glob;
use serde::Deserialize;

/// A column that some chain masks, or a pattern for columns.
pub(super) struct Mask {
    /// What it matches: `schema.relation.column`.
    pub(super) column: Glob,
    /// The rule as people would look for it.
    pub(super) label: String,
}

/// Every mask, and the functions that masks are lifted for.
#[derive(Default)]
pub(super) struct Masks {
    /// Columns.
    pub(super) columns: Vec<Mask>,
    /// Functions whose results are shown, with the chain that says so.
    trusted: Vec<(Glob, String)>,
}

/// What is read of a masking filter's configuration, which that filter has
/// checked.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    columns: Vec<Column>,
    #[serde(default)]
    trusted_functions: Vec<Glob>,
}

/// A masked column as it is written.
#[derive(Deserialize)]
struct Column {
    #[serde(rename = "match")]
    column: Glob,
    path: Option<String>,
}

impl Masks {
    /// The masks of every chain that a listener has: a client chooses the target,
    /// and the listener by which it comes to it.
    ///
    /// # Errors
    /// When a masking filter's configuration is none.
    pub(super) fn of(loaded: &Loaded) -> serde_json::Result<Self> {
        let mut masks = Self::default();
        let config = &loaded.config;
        for (name, chain) in &config.chains {
            let name = name.as_str();
            if !config
                .listeners
                .iter()
                .any(|listener| listener.chain.as_str() == name)
            {
                continue;
            }
            let masking = |filter: &FilterRef| filter.is("masking");
            for entry in chain.filters.iter().filter(|entry| masking(&entry.filter)) {
                let written: Written = serde_json::from_value(entry.config.0.clone())?;
                masks
                    .columns
                    .extend(written.columns.into_iter().map(|rule| {
                        let path = rule.path.map(|path| format!(" at {path}"));
                        Mask {
                            label: format!(
                                "{}{} (chain {name})",
                                rule.column.as_str(),
                                path.unwrap_or_default()
                            ),
                            column: rule.column,
                        }
                    }));
                let trusted = written.trusted_functions.into_iter();
                masks.trusted.extend(trusted.map(|glob| {
                    let label = format!("trusted_functions: {} (chain {name})", glob.as_str());
                    (glob, label)
                }));
            }
        }
        Ok(masks)
    }

    /// The rules that mask a column by its full name.
    pub(super) fn on(&self, column: &str) -> Vec<String> {
        let fitting = self
            .columns
            .iter()
            .filter(|mask| mask.column.matches(column));
        let mut labels: Vec<String> = fitting.map(|mask| mask.label.clone()).collect();
        labels.dedup();
        labels
    }

    /// What lets the results of a function be seen.
    pub(super) fn trusting(&self, function: &str) -> Option<&str> {
        let found = self.trusted.iter().find(|(glob, _)| glob.matches(function));
        found.map(|(_, label)| label.as_str())
    }
}
