//! `narrowgate approvals`: a client of the administrative port's API, with the
//! person's own token. Nothing else decides: not even this writes the store.

mod client;
mod show;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Answer, print, print_json};
use client::{Client, Connection, Refusal};

/// See and decide requests for consent.
#[derive(Debug, Subcommand)]
pub(super) enum Approvals {
    List(List),
    Show(Show),
    /// Consent to a request.
    Approve(Decide),
    /// Refuse a request.
    Deny(Decide),
    /// Take a consent back; what runs under it ends.
    Revoke(Decide),
}

/// List the requests that you made or may decide.
#[derive(Debug, Args)]
pub(super) struct List {
    /// States to list, separated by commas, or `all`.
    #[arg(long, default_value = "pending")]
    state: String,
    /// Only requests on this target.
    #[arg(long)]
    target: Option<String>,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    common: Common,
}

/// Show a request whole.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The request, such as apr-3kq7m2x5ab.
    id: String,
    #[command(flatten)]
    common: Common,
}

/// A decision.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// The request, such as apr-3kq7m2x5ab.
    id: String,
    /// What the requester and the recording are told.
    #[arg(long, short, default_value = "")]
    comment: String,
    #[command(flatten)]
    common: Common,
}

/// What all of them take.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    connection: Connection,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Approvals {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        crate::install_crypto();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let outcome = runtime.block_on(self.ask());
        match outcome {
            Ok(()) => Ok(Answer::Yes),
            Err(error) => match error.downcast_ref::<Refusal>() {
                Some(refusal) => {
                    eprintln!("narrowgate: {refusal}");
                    Ok(Answer::No)
                }
                None => Err(error),
            },
        }
    }

    async fn ask(self) -> anyhow::Result<()> {
        match self {
            Self::List(list) => list.run().await,
            Self::Show(show) => show.run().await,
            Self::Approve(decide) => decide.run("approve").await,
            Self::Deny(decide) => decide.run("deny").await,
            Self::Revoke(decide) => decide.run("revoke").await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let client = Client::new(&self.common.connection)?;
        let state = match self.state.as_str() {
            "all" => String::new(),
            state => state.to_owned(),
        };
        let mut query = vec![("state", state), ("limit", self.limit.to_string())];
        query.extend(self.target.map(|target| ("target", target)));
        let answer = client.get(&[], &query).await?;
        if self.common.json {
            return print_json(&answer);
        }
        let requests = answer.get("approvals").and_then(Value::as_array);
        match requests.map_or(&[][..], Vec::as_slice) {
            [] => print("There are no such requests that you made or may decide.")?,
            requests => print(&show::table(requests))?,
        }
        Ok(())
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let client = Client::new(&self.common.connection)?;
        let request = client.get(&[&self.id], &[]).await?;
        match self.common.json {
            true => print_json(&request),
            false => Ok(print(&show::whole(&request))?),
        }
    }
}

impl Decide {
    async fn run(self, verdict: &str) -> anyhow::Result<()> {
        let client = Client::new(&self.common.connection)?;
        let body = json!({ "comment": self.comment });
        let request = client.post(&[&self.id, verdict], &body).await?;
        match self.common.json {
            true => print_json(&request),
            false => Ok(print(&show::line(&request))?),
        }
    }
}
