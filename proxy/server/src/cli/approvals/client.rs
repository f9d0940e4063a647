//! The HTTP client of the approvals API.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use narrowgate_config::Secret;
use narrowgate_store::display::escape;
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, Url};
use serde_json::Value;

use crate::identity::trustworthy;

/// Longest time for a request.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest answer, in bytes.
const ANSWER: usize = 64 << 20;
/// Longest token or certificate file, in bytes.
const FILE: u64 = 1 << 20;

/// Where the gateway is, and who asks.
#[derive(Args)]
pub(super) struct Connection {
    /// The gateway's administrative port.
    #[arg(
        long,
        env = "NARROWGATE_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:9901"
    )]
    server: String,
    /// Your own token. Others on this machine can see it in the list of
    /// processes; the environment or a file is better.
    #[arg(
        long,
        env = "NARROWGATE_TOKEN",
        hide_env_values = true,
        conflicts_with = "token_file"
    )]
    token: Option<String>,
    /// A file with your own token.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Certificates to trust for the server, in PEM, instead of public ones.
    #[arg(long, env = "NARROWGATE_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Asks the API.
pub(super) struct Client {
    http: reqwest::Client,
    server: Url,
    token: Secret,
}

/// The gateway's no.
#[derive(Debug)]
pub(super) struct Refusal(String);

impl Client {
    /// A client of the gateway at `connection`.
    pub(super) fn new(connection: &Connection) -> anyhow::Result<Self> {
        if !trustworthy(&connection.server) {
            bail!(
                "{} is neither https nor on this machine, and your token would be sent there",
                connection.server
            );
        }
        let mut http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none());
        if let Some(path) = &connection.ca {
            let certificates = reqwest::Certificate::from_pem_bundle(read(path)?.expose())
                .with_context(|| format!("{}: not a certificate in PEM", path.display()))?;
            http = http.tls_built_in_root_certs(false);
            for certificate in certificates {
                http = http.add_root_certificate(certificate);
            }
        }
        Ok(Self {
            http: http.build()?,
            server: connection.server.parse().context("--server")?,
            token: token(connection)?,
        })
    }

    /// Reads what is at `path`, below `/v1/approvals`.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> anyhow::Result<Value> {
        self.ask(self.http.get(self.url(path)?).query(query)).await
    }

    /// Posts to `path`, below `/v1/approvals`.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        self.ask(self.http.post(self.url(path)?).json(body)).await
    }

    /// The URL of a path; its segments are encoded.
    fn url(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.server.clone();
        let Ok(mut segments) = url.path_segments_mut() else {
            bail!("{} is no address of a server", self.server);
        };
        segments
            .pop_if_empty()
            .extend(["v1", "approvals"])
            .extend(path);
        drop(segments);
        Ok(url)
    }

    /// Sends a request and reads its answer.
    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let token = self.token.expose_str().context("the token is not text")?;
        let answer = request
            .bearer_auth(token)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .with_context(|| format!("the gateway cannot be reached at {}", self.server))?;
        let status = answer.status();
        let body = body(answer).await?;
        let value: Option<Value> = serde_json::from_slice(&body).ok();
        match (status.is_success(), value) {
            (true, Some(value)) => Ok(value),
            (true, None) => bail!("{} does not answer like a gateway", self.server),
            (false, value) => {
                let detail = value.as_ref().and_then(|value| value.get("detail"));
                let detail = detail
                    .and_then(Value::as_str)
                    .map(|detail| escape(detail).into_owned());
                let detail = detail.unwrap_or_else(|| format!("the server answers {status}"));
                match status.is_client_error() {
                    true => Err(Refusal(detail).into()),
                    false => bail!("{detail}"),
                }
            }
        }
    }
}

/// The body of an answer, bounded.
async fn body(mut answer: Response) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > ANSWER {
            bail!("the answer is longer than {ANSWER} bytes");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The token, wherever it is.
fn token(connection: &Connection) -> anyhow::Result<Secret> {
    match (&connection.token, &connection.token_file) {
        (_, Some(path)) => read(path),
        (Some(token), None) => Ok(Secret::new(token.as_bytes())),
        (None, None) => bail!(
            "who are you? Give your own OIDC token in NARROWGATE_TOKEN, or with --token-file FILE"
        ),
    }
}

/// A small file.
fn read(path: &Path) -> anyhow::Result<Secret> {
    use std::io::Read as _;
    let mut content = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE).read_to_end(&mut content))
        .with_context(|| path.display().to_string())?;
    Ok(Secret::new(content))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

impl fmt::Debug for Connection {
    /// Shows no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
