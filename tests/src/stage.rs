//! The stage that every end-to-end test plays on: a billing database, an issuer for
//! agents and one for staff, and the gateway between them.
//!
//! ```no_run
//! use narrowgate_tests::stage::Stage;
//!
//! # fn main() -> anyhow::Result<()> {
//! let stage = Stage::start()?;
//! let agent = stage.agent(&["insights"])?;
//! assert_eq!(agent.query("SELECT count(*) FROM customers")?, "3");
//! # Ok(())
//! # }
//! ```

mod consent;
mod database;
mod recorded;
mod setting;
mod small_disk;
mod warm;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

pub use consent::{ids, request_id};
pub use database::{Database, PASSWORD};
pub use setting::Setting;
pub use small_disk::SmallDisk;

use crate::binary::{Gateway, narrowgate};
use crate::certs::{Authority, write_private};
use crate::issuer::Local;
use crate::process::{Output, Process};
use crate::psql::Psql;
use crate::python::Python;
use crate::{http, ports, wait, workspace};

/// Longer than anything that happens soon takes, on a busy machine too.
pub const SOON: Duration = Duration::from_secs(20);

/// Everything that a test needs, running.
#[derive(Debug)]
pub struct Stage {
    pub agents: Local,
    pub staff: Local,
    pub database: Database,
    /// `None` between an end and the next start.
    gateway: Option<Gateway>,
    /// What the configuration says now.
    setting: Setting,
    tls: SocketAddr,
    plain: SocketAddr,
    admin: SocketAddr,
    /// Configuration, certificates, recordings, state.
    folder: TempDir,
}

impl Stage {
    /// The stage with [`Setting::default`].
    ///
    /// # Errors
    /// When something does not start.
    pub fn start() -> Result<Self> {
        Self::with(Setting::default())
    }

    /// The stage with a database on the server that tests share.
    ///
    /// # Errors
    /// When something does not start.
    pub fn with(setting: Setting) -> Result<Self> {
        Self::on(Database::shared()?, setting)
    }

    /// The stage with a database of the test's own.
    ///
    /// # Errors
    /// When something does not start.
    pub fn on(database: Database, setting: Setting) -> Result<Self> {
        let mut stage = Self::dark(database, setting)?;
        stage.start_gateway()?;
        Ok(stage)
    }

    /// The stage before the gateway is started.
    ///
    /// # Errors
    /// When something does not start.
    pub fn dark(database: Database, setting: Setting) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("narrowgate-stage-")
            .tempdir()?;
        let authority = Authority::new()?;
        fs::write(folder.path().join("ca.crt"), authority.certificate())?;
        authority.loopback()?.write(folder.path(), "localhost")?;
        write_private(&folder.path().join("gateway.password"), PASSWORD)?;
        let stage = Self {
            agents: Local::start()?,
            staff: Local::start()?,
            database,
            gateway: None,
            setting,
            tls: ports::free_address()?,
            plain: ports::free_address()?,
            admin: ports::free_address()?,
            folder,
        };
        stage.write(&stage.yaml())?;
        Ok(stage)
    }

    /// Starts the gateway, or starts it again after it has ended.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_gateway(&mut self) -> Result<()> {
        self.start_gateway_in("UTC0")
    }

    /// Starts the gateway in a time zone, as the variable `TZ` names it.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_gateway_in(&mut self, zone: &str) -> Result<()> {
        self.start_gateway_with(&[("TZ", zone)])
    }

    /// Starts the gateway with environment variables.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_gateway_with(&mut self, environment: &[(&str, &str)]) -> Result<()> {
        warm::lend(&self.path("state"))?;
        let gateway = Gateway::builder(&self.config(), self.admin)?;
        let gateway = environment
            .iter()
            .fold(gateway, |gateway, (name, value)| gateway.env(name, value));
        self.gateway = Some(gateway.start()?);
        warm::keep(&self.path("state"))
    }

    /// The running gateway.
    ///
    /// # Panics
    /// When it is not running.
    #[expect(clippy::expect_used, reason = "a test that has ended it does not ask")]
    pub fn gateway(&mut self) -> &mut Gateway {
        self.gateway.as_mut().expect("the gateway has been ended")
    }

    /// A token of the agents' issuer for `insights-bot`, which lives for five minutes.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, groups: &[&str]) -> Result<String> {
        self.agents.token("insights-bot")?.groups(groups).sign()
    }

    /// psql of an agent, over TLS.
    ///
    /// # Errors
    /// When the token cannot be signed.
    pub fn agent(&self, groups: &[&str]) -> Result<Psql> {
        Ok(self.psql(&self.token(groups)?))
    }

    /// psql with a token, over TLS.
    pub fn psql(&self, token: &str) -> Psql {
        Psql::to_host("localhost", self.tls.port())
            .user("insights-bot")
            .database("billing")
            .password(token)
            .sslmode("verify-full")
            .authority(&self.authority())
            // Errors are shown with their SQLSTATE.
            .arg("-vVERBOSITY=verbose")
    }

    /// psql with a token, by the listener that takes one without TLS as well.
    pub fn plain_psql(&self, token: &str) -> Psql {
        self.psql(token)
            .env("PGPORT", self.plain.port())
            .sslmode("disable")
    }

    /// A Python script with what it connects by in the environment: `DSN` for libpq, and
    /// its parts for others.
    pub fn python(&self, token: &str, script: &str) -> Python {
        self.place(token)
            .iter()
            .fold(Python::script(script), |python, (name, value)| {
                python.env(name, value)
            })
    }

    /// Runs a program on something in `tests/`, with the environment of [`Stage::python`]
    /// and `BROWSER`, the token of somebody of the group `admins`.
    ///
    /// # Errors
    /// When it is not installed, or does not end in two minutes.
    pub fn program(&self, token: &str, program: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(workspace::root().join("tests"))
            .envs(self.place(token))
            .env("BROWSER", self.token(&["admins"])?);
        Process::run(program, command, Duration::from_secs(120))
    }

    /// What a client connects by.
    fn place(&self, token: &str) -> [(&'static str, String); 5] {
        let (port, ca) = (self.tls.port(), self.authority().display().to_string());
        let dsn = format!(
            "host=localhost port={port} dbname=billing user=insights-bot sslmode=verify-full \
             sslrootcert={ca} password={token}"
        );
        [
            ("DSN", dsn),
            ("PORT", port.to_string()),
            ("PLAIN_PORT", self.plain.port().to_string()),
            ("CA", ca),
            ("TOKEN", token.to_owned()),
        ]
    }

    /// A tokio-postgres client with a token, without TLS.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn connect(&self, token: &str) -> Result<tokio_postgres::Client> {
        let (client, connection) = tokio_postgres::Config::new()
            .host("127.0.0.1")
            .port(self.plain.port())
            .user("insights-bot")
            .password(token)
            .dbname("billing")
            .connect(tokio_postgres::NoTls)
            .await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// The listener with TLS.
    pub fn tls(&self) -> SocketAddr {
        self.tls
    }

    /// The listener that takes tokens without TLS as well.
    pub fn plain(&self) -> SocketAddr {
        self.plain
    }

    /// The administrative port.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The authority of the listener's certificate.
    pub fn authority(&self) -> PathBuf {
        self.path("ca.crt")
    }

    /// A file or folder beside the configuration.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration's file.
    pub fn config(&self) -> PathBuf {
        self.path("narrowgate.yaml")
    }

    /// What the configuration says now, as text.
    pub fn yaml(&self) -> String {
        self.yaml_of(&self.setting)
    }

    /// The text of another configuration for the same stage.
    pub fn yaml_of(&self, setting: &Setting) -> String {
        setting.yaml(&setting::Place {
            agents: &self.agents,
            staff: &self.staff,
            tls: self.tls,
            plain: self.plain,
            admin: self.admin,
            server: self.database.server().address(),
            database: self.database.name(),
        })
    }

    /// Writes the configuration's file, good or bad.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, yaml: &str) -> Result<()> {
        // Replaced in one step, as editors do.
        let aside = self.path("narrowgate.yaml.new");
        fs::write(&aside, yaml)?;
        Ok(fs::rename(aside, self.config())?)
    }

    /// Edits the configuration and waits until it is in force.
    ///
    /// # Errors
    /// When it does not come into force.
    pub fn edit(&mut self, change: impl FnOnce(&mut Setting)) -> Result<()> {
        change(&mut self.setting);
        self.enforce(&self.yaml())
    }

    /// Writes a configuration and waits until it is in force.
    ///
    /// # Errors
    /// When it does not come into force.
    pub fn enforce(&self, yaml: &str) -> Result<()> {
        let before = self.generation()?;
        self.write(yaml)?;
        wait::until("the new configuration", SOON, || {
            Ok((self.generation()? > before).then_some(()))
        })
        .with_context(|| self.gateway.as_ref().map(Gateway::log).unwrap_or_default())
    }

    /// The generation of the configuration in force.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub fn generation(&self) -> Result<u64> {
        let generation = self.metric("narrowgate_configuration_generation")?;
        Ok(generation.parse()?)
    }

    /// The value of a metric, by its name and labels as they are printed; 0 if it has not
    /// been counted yet.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub fn metric(&self, series: &str) -> Result<String> {
        let metrics = http::get(self.admin, "/metrics")?.body;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        Ok(value.unwrap_or("0").to_owned())
    }

    /// Runs a one-shot command of the gateway's binary.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn narrowgate(&self, arguments: &[&str]) -> Result<Output> {
        narrowgate(arguments)
    }

    /// Runs `narrowgate recordings …` with the configuration.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn recordings(&self, arguments: &[&str]) -> Result<Output> {
        let config = self.config().display().to_string();
        let all = [&["recordings"], arguments, &["--config", &config]].concat();
        narrowgate(&all)
    }
}
