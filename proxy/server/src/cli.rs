//! The command line.
//!
//! Every command ends with 0 for yes (done, valid, allowed), 1 for no (invalid,
//! refused, altered, denied), and 2 when it cannot tell.

mod approvals;
mod check;
mod explain;
mod recordings;
mod run;
mod schema;
mod table;
mod time;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Parser, Subcommand};
use narrowgate_config::{Errors, did_you_mean};

use crate::plan::{Plan, PlanError, Target};

/// A least-privilege gateway for AI agents.
///
/// Agents connect to it with the clients they have and an OpenID Connect token
/// for a password; it runs what they ask for through a chain of filters and
/// holds the real credentials itself.
#[derive(Debug, Parser)]
#[command(name = "narrowgate", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
    Explain(explain::Explain),
    Schema(schema::Schema),
    #[command(subcommand)]
    Approvals(approvals::Approvals),
    #[command(subcommand)]
    Recordings(recordings::Recordings),
    /// Print the version.
    Version,
}

/// How a command ended, when it could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Done, valid, allowed.
    Yes,
    /// Invalid, refused, altered, denied.
    No,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) => report(&error),
    }
}

fn dispatch(command: Command) -> anyhow::Result<Answer> {
    match command {
        Command::Run(run) => run.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Schema(schema) => schema.run(),
        Command::Approvals(approvals) => approvals.run(),
        Command::Recordings(recordings) => recordings.run(),
        Command::Version => {
            print(&format!("narrowgate {}", env!("CARGO_PKG_VERSION")))?;
            Ok(Answer::Yes)
        }
    }
}

/// Says what went wrong. Errors of a configuration stand alone, as compilers
/// write them, so that editors can jump to them.
fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(errors) = configuration_errors(error) {
        eprintln!("{errors}");
        return ExitCode::from(if errors.unread() { 2 } else { 1 });
    }
    // Whoever reads the output has seen enough.
    if error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    {
        return ExitCode::SUCCESS;
    }
    eprintln!("narrowgate: {error:#}");
    ExitCode::from(2)
}

/// The errors of a configuration, if that is what went wrong.
fn configuration_errors(error: &anyhow::Error) -> Option<&Errors> {
    error
        .downcast_ref::<Errors>()
        .or_else(|| error.downcast_ref::<PlanError>().map(|error| &error.errors))
}

/// The target of a name.
fn target_named(plan: &Plan, name: &str) -> anyhow::Result<Arc<Target>> {
    plan.targets.get(name).cloned().with_context(|| {
        let known = plan.targets.keys().map(String::as_str);
        let hint = did_you_mean(name, known).map(|hint| format!("; {hint}"));
        format!("there is no target `{name}`{}", hint.unwrap_or_default())
    })
}

/// Prints a line.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
}

/// Prints JSON.
fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    Ok(print(&serde_json::to_string_pretty(value)?)?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
