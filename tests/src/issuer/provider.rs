//! The real issuer: `tests/oidc/issuer.mjs` in a process of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::certs::write_private;
use crate::process::{Process, Signal};
use crate::workspace;

const WITHIN: Duration = Duration::from_secs(60);

/// Someone who may ask for tokens, by client credentials.
#[derive(Debug, Clone, Serialize)]
pub struct Client {
    pub client_id: String,
    pub client_secret: String,
    /// The token's `sub`.
    pub subject: String,
    pub groups: Vec<String>,
    /// How long its tokens live, in seconds; the issuer's 300 if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
}

/// The running issuer. Dropping it ends it.
#[derive(Debug)]
pub struct Provider {
    process: Process,
    url: String,
    clients: Vec<Client>,
    /// Holds the file of clients.
    _folder: TempDir,
}

/// What a token endpoint answers (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
}

impl Client {
    /// A client whose subject is its name, with a secret made up here.
    pub fn new(name: &str, groups: &[&str]) -> Self {
        Self {
            client_id: name.to_owned(),
            client_secret: format!("{:032x}", rand::random::<u128>()),
            subject: name.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            ttl: None,
        }
    }

    #[must_use]
    pub fn ttl(mut self, seconds: u32) -> Self {
        self.ttl = Some(seconds);
        self
    }
}

impl Provider {
    /// An issuer that signs with RS256 for the audience `narrowgate`.
    ///
    /// # Errors
    /// When its node modules are not installed or it does not come up.
    pub fn start(clients: &[Client]) -> Result<Self> {
        Self::start_with(clients, &[])
    }

    /// [`Provider::start`] with more of the script's options: `["--alg", "ES256"]`.
    ///
    /// # Errors
    /// As [`Provider::start`].
    pub fn start_with(clients: &[Client], options: &[&str]) -> Result<Self> {
        let scripts = workspace::root().join("tests/oidc");
        ensure!(
            scripts.join("node_modules").is_dir(),
            "the issuer's node modules are not there: make setup installs them"
        );
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("clients.json");
        write_private(&file, &serde_json::to_string(clients)?)?;

        let mut command = Command::new("node");
        command
            .arg(scripts.join("issuer.mjs"))
            .arg("--clients")
            .arg(&file)
            .args(options);
        let mut process = Process::spawn("the issuer", command)?;
        process.wait_for("listening ", WITHIN)?;
        // The line is printed whole or not at all, but the file may be read in between.
        process.wait_for("\n", WITHIN)?;
        let printed = process.stdout();
        let url = printed
            .lines()
            .find_map(|line| line.strip_prefix("listening "));
        Ok(Self {
            url: url
                .context("the issuer does not say where it listens")?
                .to_owned(),
            process,
            clients: clients.to_vec(),
            _folder: folder,
        })
    }

    /// The issuer's identifier, which is also where its discovery document is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A token for one of the clients, by its name, from the token endpoint.
    ///
    /// # Errors
    /// When there is no such client, or the issuer refuses.
    pub async fn token(&self, client_id: &str) -> Result<String> {
        let client = self
            .clients
            .iter()
            .find(|client| client.client_id == client_id);
        let client = client.with_context(|| format!("there is no client {client_id}"))?;
        let answer = reqwest::Client::new()
            .post(format!("{}/token", self.url))
            .basic_auth(&client.client_id, Some(&client.client_secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .timeout(WITHIN)
            .send()
            .await?
            .error_for_status()?;
        Ok(answer.json::<TokenAnswer>().await?.access_token)
    }

    /// Has it make a key that signs from now on; the older ones stay published.
    ///
    /// # Errors
    /// When it has ended.
    pub fn rotate(&mut self) -> Result<()> {
        self.signal_and_wait(Signal::HUP, "rotated ")
    }

    /// Has it take all keys but the newest out of its JWKS.
    ///
    /// # Errors
    /// When it has ended.
    pub fn retire(&mut self) -> Result<()> {
        self.signal_and_wait(Signal::USR2, "retired")
    }

    /// The script that prints a token: `token URL CLIENT SECRET`.
    pub fn token_script() -> PathBuf {
        workspace::root().join("tests/oidc/token")
    }

    fn signal_and_wait(&mut self, signal: Signal, line: &str) -> Result<()> {
        let count = |process: &Process| process.stdout().matches(line).count();
        let before = count(&self.process);
        self.process.signal(signal)?;
        let process = &self.process;
        crate::wait::until_true(line, WITHIN, || count(process) > before)
    }
}
