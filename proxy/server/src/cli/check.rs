//! `narrowgate check`: what `run` would say to a configuration, and what a
//! target holds that undermines its rules.

mod finding;
mod judge;
mod masks;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use narrowgate_config::{Errors, Loaded};
use serde_json::json;

use super::{Answer, configuration_errors, print, print_json, target_named};
use crate::identity::Keys;
use crate::plan::{Builder, BuilderError, Plan};

/// Check a configuration whole, without running it.
///
/// Reads the files and secrets that it refers to and has every filter check its
/// own part. Nothing is listened to or connected to, unless a target is to be
/// looked through. Ends with 0 if all is well, with 1 if not, and with 2 if that
/// cannot be told.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The configuration.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The configuration that a gateway runs by: tell what it would take up of
    /// FILE only when it is started anew.
    #[arg(long, value_name = "FILE")]
    running: Option<PathBuf>,
    /// Connect to this target as the gateway does, and tell what there undermines
    /// the rules: triggers, copies, foreign tables, powers of its logins.
    #[arg(long, value_name = "NAME", conflicts_with = "running")]
    target: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        crate::install_crypto();
        let keys = Arc::new(Keys::new()?);
        let running = self
            .running
            .as_deref()
            .map(|file| self::plan(file, &keys))
            .transpose()?;
        match self::plan(&self.file, &keys) {
            Ok(plan) if let Some(name) = &self.target => {
                let target = target_named(&plan, name)?;
                let loaded = narrowgate_config::load(&self.file)?;
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(target::check(&loaded, &target, self.json))
            }
            Ok(plan) => {
                let restart = running.map(|running| running.needs_restart(&plan));
                match self.json {
                    true => print_json(&valid(restart.as_deref()))?,
                    false => {
                        let mut lines = vec![summary(&self.file, &plan)];
                        let restart = restart.unwrap_or_default();
                        lines.extend(
                            restart
                                .iter()
                                .map(|what| format!("takes a restart: {what}")),
                        );
                        print(&lines.join("\n"))?;
                    }
                }
                Ok(Answer::Yes)
            }
            Err(error) => match configuration_errors(&error) {
                Some(errors) if self.json && !errors.unread() => {
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

/// The same in JSON, with what takes a restart where that was asked.
fn valid(restart: Option<&[String]>) -> serde_json::Value {
    match restart {
        None => json!({ "valid": true, "errors": [] }),
        Some(restart) => json!({ "valid": true, "errors": [], "restart": restart }),
    }
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
