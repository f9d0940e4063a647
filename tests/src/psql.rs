//! Runs psql, as a person at a terminal or a script would.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::process::{Output, Process};

/// Longer than any statement of ours takes.
const WITHIN: Duration = Duration::from_secs(60);

/// A connection and the way psql is run. Errors stop it with exit code 3; no
/// start-up file, password file or prompt is used.
#[derive(Debug, Clone)]
pub struct Psql {
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
    within: Duration,
}

impl Psql {
    /// psql for a server's TCP address.
    pub fn to(address: SocketAddr) -> Self {
        Self::to_host(&address.ip().to_string(), address.port())
    }

    /// psql for a host name (which `sslmode=verify-full` compares) or the folder of a
    /// Unix-domain socket.
    pub fn to_host(host: &str, port: u16) -> Self {
        let psql = Self {
            environment: Vec::new(),
            arguments: Vec::new(),
            within: WITHIN,
        };
        psql.env("PGHOST", host).env("PGPORT", port)
    }

    #[must_use]
    pub fn user(self, user: &str) -> Self {
        self.env("PGUSER", user)
    }

    #[must_use]
    pub fn database(self, database: &str) -> Self {
        self.env("PGDATABASE", database)
    }

    /// A password, or the token that stands for it.
    #[must_use]
    pub fn password(self, password: &str) -> Self {
        self.env("PGPASSWORD", password)
    }

    /// `disable`, `require`, `verify-full`, …
    #[must_use]
    pub fn sslmode(self, mode: &str) -> Self {
        self.env("PGSSLMODE", mode)
    }

    /// The authority that `verify-ca` and `verify-full` trust, a PEM file.
    #[must_use]
    pub fn authority(self, file: &Path) -> Self {
        self.env("PGSSLROOTCERT", file.display())
    }

    /// Another of libpq's environment variables, such as `PGOPTIONS`. The last value counts.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// Another argument, such as `-At` or `-v` and its value.
    #[must_use]
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// How long [`Psql::run`] waits for its end.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Runs statements or backslash commands given with `-c`, each in turn.
    ///
    /// # Errors
    /// When psql cannot be started or does not end in time; see [`Output::ok`] for its own.
    pub fn run(&self, statements: &[&str]) -> Result<Output> {
        let mut command = self.command();
        for statement in statements {
            command.args(["-c", statement]);
        }
        Process::run("psql", command, self.within)
    }

    /// Runs one statement and gives its rows, unaligned and without headings: `1|a`.
    ///
    /// # Errors
    /// When anything fails, with what psql printed.
    pub fn query(&self, statement: &str) -> Result<String> {
        let output = self.clone().arg("-At").run(&[statement])?;
        Ok(output.ok()?.trim_end_matches('\n').to_owned())
    }

    /// Runs a statement that has to fail, and gives what psql printed about it.
    ///
    /// # Errors
    /// When it does not fail.
    pub fn error(&self, statement: &str) -> Result<String> {
        let output = self.run(&[statement])?;
        let printed = format!("{}{}", output.stdout, output.stderr);
        ensure!(!output.success(), "{statement} did not fail: {printed}");
        Ok(printed)
    }

    /// Runs statements in turn, one session for all, whether they fail or not, and gives
    /// everything that psql printed: results first, unaligned, then errors and notices.
    ///
    /// # Errors
    /// When psql cannot be started or does not end in time.
    pub fn session(&self, statements: &[&str]) -> Result<String> {
        let mut process = self.clone().arg("-At").spawn()?;
        for statement in statements {
            process.write(&format!("{statement}\n"))?;
        }
        process.close_stdin();
        let output = process.wait(self.within)?;
        Ok(format!("{}{}", output.stdout, output.stderr))
    }

    /// Starts psql with its standard input open: write lines to it, wait for what it prints,
    /// send it [`Signal::INT`](crate::process::Signal::INT) as Ctrl-C does.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self) -> Result<Process> {
        let mut command = self.command();
        // An interactive session goes on after an error.
        command.args(["-v", "ON_ERROR_STOP=0"]);
        Process::spawn("psql", command)
    }

    /// The command itself, for a test that needs another shape of it.
    pub fn command(&self) -> Command {
        let mut command = Command::new("psql");
        // What the machine's user has set must not decide a test.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("PGPASSFILE", "/dev/null");
        command.env("PGCONNECT_TIMEOUT", "20");
        command.envs(self.environment.iter().cloned());
        command.args(["-X", "-w", "-v", "ON_ERROR_STOP=1"]);
        command.args(&self.arguments);
        command
    }
}
