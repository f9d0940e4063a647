//! `narrowgate explain`: what would happen to this statement by this identity,
//! and which rule says so.

mod judge;
mod tell;
mod who;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use narrowgate_chain::{Operation, Phase};
use serde_json::json;

use super::{Answer, check, print, print_json, target_named};
use crate::chains::FilterChain;
use crate::identity::Keys;
use crate::plan::{Plan, Target};
use crate::postgres::{Catalogs, DryError, dry};
use judge::Judgement;

/// Tell what would happen to a statement, and which rule says so.
///
/// Reads the target's catalog as the gateway would. Nothing else is sent to the
/// target, nobody is asked for consent and nothing is recorded. Ends with 0 if
/// the statement would run, perhaps after consent, and with 1 if it would not.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The gateway's configuration.
    #[arg(
        long,
        short,
        value_name = "FILE",
        env = "NARROWGATE_CONFIG",
        default_value = "narrowgate.yaml"
    )]
    config: PathBuf,
    /// The target.
    #[arg(long)]
    target: String,
    /// Another database of the target than its own.
    #[arg(long)]
    database: Option<String>,
    /// The listener whose chain decides; may be left out where all have the
    /// same.
    #[arg(long)]
    listener: Option<String>,
    #[command(flatten)]
    who: who::Who,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The statement, or several.
    #[arg(value_name = "SQL")]
    sql: String,
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        crate::install_crypto();
        let keys = Arc::new(Keys::new()?);
        let plan = check::plan(&self.config, &keys)?;
        keys.configure(&plan.issuers);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        tokio::task::LocalSet::new().block_on(&runtime, self.explain(&plan, &keys))
    }

    async fn explain(self, plan: &Plan, keys: &Keys) -> anyhow::Result<Answer> {
        let target = target_named(plan, &self.target)?;
        let database = self.database(&target)?;
        let (listener, chain) = self.chain(plan)?;
        let session = self
            .who
            .session(plan, keys, &listener, &target, &chain)
            .await?;
        let groups = session
            .identity()
            .map(|identity| identity.groups.clone())
            .unwrap_or_default();
        let catalogs = Catalogs::new(plan.bounds.statement_length, Default::default())?;
        let statements = match dry(&catalogs, &target, database, &groups, &self.sql).await {
            Ok(statements) => statements,
            Err(error @ DryError::Catalog { .. }) => return Err(error.into()),
            Err(error) => {
                match self.json {
                    true => print_json(&json!({ "runs": false, "error": error.to_string() }))?,
                    false => print(&format!("{error}\n  => it would not run"))?,
                }
                return Ok(Answer::No);
            }
        };
        let mut judgements = Vec::new();
        for (id, statement) in (1..).zip(statements) {
            let operation = Arc::new(Operation {
                id,
                phase: Phase::Execute,
                statement: statement.statement,
                text: statement.text.into(),
                display: None,
                parameters: Vec::new(),
                binary: Vec::new(),
            });
            judgements.push(Judgement::of(&chain, &session, operation, statement.columns).await);
        }
        if self.json {
            print_json(&tell::json(&session, &judgements))?;
        } else {
            print(&tell::text(&session, chain.name(), &judgements))?;
        }
        // A text goes to the target whole or not at all.
        Ok(match judgements.iter().all(Judgement::runs) {
            true => Answer::Yes,
            false => Answer::No,
        })
    }

    /// The database that is meant.
    fn database<'a>(&self, target: &'a Target) -> anyhow::Result<&'a str> {
        let Some(wanted) = &self.database else {
            return Ok(&target.database);
        };
        let mut known = target.databases.iter().chain([&target.database]);
        let found = known.find(|known| *known == wanted).map(String::as_str);
        found.with_context(|| format!("the target `{}` serves no database `{wanted}`", target.name))
    }

    /// The listener's name and the chain that decides there.
    fn chain(&self, plan: &Plan) -> anyhow::Result<(String, FilterChain)> {
        let mut listeners = plan.listeners.iter();
        let listener = match &self.listener {
            Some(name) => listeners
                .find(|listener| listener.name == *name)
                .with_context(|| format!("there is no listener `{name}`"))?,
            None => {
                let first = listeners.next().context("there is no listener")?;
                if listeners.any(|listener| listener.chain != first.chain) {
                    bail!("listeners have different chains; say which with --listener NAME");
                }
                first
            }
        };
        let made = plan
            .chains
            .get(&listener.chain)
            .context("the chain is missing")?;
        let filters = made.filters.iter().map(|filter| filter.worker()).collect();
        Ok((
            listener.name.clone(),
            FilterChain::new(listener.chain.clone(), filters),
        ))
    }
}
