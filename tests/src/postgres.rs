//! A private PostgreSQL server: real, empty, on a loopback port, gone with its value.
//!
//! ```no_run
//! use narrowgate_tests::postgres::{Auth, Postgres};
//!
//! # fn main() -> anyhow::Result<()> {
//! let server = Postgres::builder().auth(Auth::Md5).tls().start()?;
//! server.sql("postgres", "CREATE ROLE gateway LOGIN PASSWORD 'secret'")?;
//! # Ok(())
//! # }
//! ```
//!
//! Over TCP the configured authentication counts for everybody. The superuser `postgres` comes in
//! without a password, but only by the Unix-domain socket in the server's own folder.

mod builder;
mod owner;
mod template;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

pub use builder::{Auth, Builder};

use crate::process::{Process, Signal};
use crate::psql::Psql;
use crate::wait;

/// Start and stop take a second; a busy machine may take much longer.
const WITHIN: Duration = Duration::from_secs(60);

/// A server. Dropping it ends it and removes its files.
#[derive(Debug)]
pub struct Postgres {
    /// Its own folder: `data`, certificates, `pg_hba.conf`, the socket.
    folder: TempDir,
    /// The folder of `postgres`.
    binaries: PathBuf,
    port: u16,
    /// Arguments of `postgres` that stay over restarts.
    arguments: Vec<String>,
    /// `None` while it is stopped.
    process: Option<Process>,
}

/// How to end a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Rolls back and disconnects: what an administrator's restart does.
    Fast,
    /// Drops everything at once, as a crash does.
    Immediate,
}

impl Postgres {
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A server with SCRAM-SHA-256 and without TLS.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start() -> Result<Self> {
        Self::builder().start()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The folder of its Unix-domain socket, where `postgres` needs no password.
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// The authority of its certificate, PEM; there with [`Builder::tls`] only.
    pub fn authority_file(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// psql as its superuser, by the socket.
    pub fn psql(&self, database: &str) -> Psql {
        let socket = self.socket_folder().display().to_string();
        Psql::to_host(&socket, self.port)
            .user("postgres")
            .database(database)
    }

    /// Runs SQL (several statements are one transaction) as superuser and gives the rows.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        self.psql(database).query(sql)
    }

    /// A tokio-postgres client as superuser, by the socket.
    ///
    /// # Errors
    /// When the server does not let it in.
    pub async fn connect(&self, database: &str) -> Result<tokio_postgres::Client> {
        let (client, connection) = tokio_postgres::Config::new()
            .host_path(self.socket_folder())
            .port(self.port)
            .user("postgres")
            .dbname(database)
            .connect(tokio_postgres::NoTls)
            .await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// What the server has logged since its last start.
    pub fn log(&self) -> String {
        self.process
            .as_ref()
            .map(Process::stderr)
            .unwrap_or_default()
    }

    /// The postmaster's process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Ends the server; its data and port stay for [`Postgres::start_again`].
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn stop(&mut self, how: Stop) -> Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        process.signal(match how {
            Stop::Fast => Signal::INT,
            Stop::Immediate => Signal::QUIT,
        })?;
        process.wait(WITHIN)?;
        self.process = None;
        Ok(())
    }

    /// Starts a server that was stopped, at the same port.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_again(&mut self) -> Result<()> {
        if self.process.is_some() {
            bail!("the server is running");
        }
        let owner = owner::of_servers()?;
        let mut command = Command::new(self.binaries.join("postgres"));
        command
            .args(&self.arguments)
            .current_dir(self.folder.path());
        owner.run_as(&mut command);
        let mut process = Process::spawn("postgres", command)?;

        // The eighth line of the lock file is the postmaster's word that it takes connections.
        let lock = self.folder.path().join("data/postmaster.pid");
        wait::until("PostgreSQL to be ready", WITHIN, || {
            if !process.is_running() {
                bail!("it ended at once");
            }
            let lines = fs::read_to_string(&lock).unwrap_or_default();
            let status = lines.lines().nth(7).map(str::trim);
            Ok((status == Some("ready")).then_some(()))
        })
        .with_context(|| process.tail())?;
        self.process = Some(process);
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The postmaster takes its children along; if it cannot, the process is killed.
        let _ = self.stop(Stop::Immediate);
    }
}
