//! Runs Python with the clients of `tests/requirements.txt`.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::process::{Output, Process};
use crate::workspace;

/// Longer than any script of ours needs.
const WITHIN: Duration = Duration::from_secs(120);

/// A script with what it is given. It reads its parameters from the environment
/// (`os.environ`), so that no secret stands in its text.
#[derive(Debug, Clone)]
pub struct Python {
    script: String,
    environment: Vec<(String, String)>,
    within: Duration,
}

impl Python {
    pub fn script(script: &str) -> Self {
        Self {
            script: script.to_owned(),
            environment: Vec::new(),
            within: WITHIN,
        }
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// How long [`Python::run`] waits for its end.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// As [`Process::run`], and when the clients are not installed.
    pub fn run(&self) -> Result<Output> {
        Process::run("python", self.command()?, self.within)
    }

    /// Starts it, to be talked to or watched while it runs.
    ///
    /// # Errors
    /// As [`Process::spawn`], and when the clients are not installed.
    pub fn spawn(&self) -> Result<Process> {
        Process::spawn("python", self.command()?)
    }

    fn command(&self) -> Result<Command> {
        let python = workspace::cache().join("venv/bin/python");
        ensure!(
            python.exists(),
            "{} is not there: make setup makes it",
            python.display()
        );
        let mut command = Command::new(python);
        command.args(["-u", "-c", &self.script]);
        command.envs(self.environment.iter().cloned());
        Ok(command)
    }
}
