//! `narrowgate check`: what `run` would say to a configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use narrowgate_config::{Errors, Loaded};
use serde_json::json;

use super::{Answer, configuration_errors, print, print_json};
use crate::identity::Keys;
use crate::plan::{Builder, BuilderError, Plan};

/// Check a configuration whole, without running it.
///
/// Reads the files and secrets that it refers to and has every filter check its
/// own part. Nothing is listened to or connected to.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The configuration.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        crate::install_crypto();
        match plan(&self.file, &Arc::new(Keys::new()?)) {
            Ok(plan) => {
                match self.json {
                    true => print_json(&json!({ "valid": true, "errors": [] }))?,
                    false => print(&summary(&self.file, &plan))?,
                }
                Ok(Answer::Yes)
            }
            Err(error) => match configuration_errors(&error) {
                Some(errors) if self.json => {
                    print_json(&listed(errors))?;
                    Ok(Answer::No)
                }
                _ => Err(error),
            },
        }
    }
}

/// The plan of a configuration, for commands that do not run it.
pub(super) fn plan(file: &Path, keys: &Arc<Keys>) -> anyhow::Result<Plan> {
    let loaded = narrowgate_config::load(file)?;
    let mut builder = builder(&loaded, keys)?;
    Ok(builder.build(&loaded, 1)?)
}

/// Uses the compiled filters of a gateway that has run here, if they are ours
/// to use; makes no such place.
fn builder(loaded: &Loaded, keys: &Arc<Keys>) -> Result<Builder, BuilderError> {
    let state = loaded.resolve(&loaded.config.state_directory);
    if state.is_dir()
        && let Ok(builder) = Builder::new(keys.clone(), Some(&state), 1)
    {
        return Ok(builder);
    }
    Builder::new(keys.clone(), None, 1)
}

/// What is in a configuration that is fine.
fn summary(file: &Path, plan: &Plan) -> String {
    let filters: usize = plan.chains.values().map(|chain| chain.filters.len()).sum();
    let parts = [
        count(plan.listeners.len(), "listener"),
        count(plan.targets.len(), "target"),
        count(plan.issuers.len(), "issuer"),
        count(plan.chains.len(), "chain"),
    ];
    format!(
        "{}: valid ({} with {})",
        file.display(),
        parts.join(", "),
        count(filters, "filter")
    )
}

/// A number with its noun.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Errors in JSON.
fn listed(errors: &Errors) -> serde_json::Value {
    let listed: Vec<_> = errors
        .errors
        .iter()
        .map(|error| {
            json!({
                "file": errors.path.display().to_string(),
                "line": error.line,
                "column": error.column,
                "pointer": error.pointer,
                "message": error.message,
                "suggestion": error.suggestion,
            })
        })
        .collect();
    json!({ "valid": false, "errors": listed })
}
