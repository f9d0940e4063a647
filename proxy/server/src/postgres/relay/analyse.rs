//! From text to analysed statements, by way of the cache.

use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::Statement;
use narrowgate_codec::postgres::analysis::{self, Control, PoolError, SyntaxError, shape};
use tokio::sync::oneshot;

use super::super::catalog::Snapshot;
use super::super::error::Report;
use super::super::operation;
use super::super::statements::{Analysed, Analysis};
use super::Relay;
use super::own::names_something;

/// A text's statements, with the version of the catalog that they were
/// analysed with.
pub(super) struct Analysing {
    /// The statements.
    pub(super) statements: Analysis,
    /// Version of the catalog.
    pub(super) version: u64,
}

impl Relay {
    /// Analyses a text. A syntax error is PostgreSQL's own.
    pub(super) async fn analyse(&self, sql: &str) -> Result<Analysing, Report> {
        if sql.len() > self.bounds.statement_length {
            return Err(too_long(self.bounds.statement_length));
        }
        let analysing = self.analyse_now(sql).await?;
        if self.is_outdated()
            && analysing.statements.iter().any(|one| names_something(one))
            && self.renew_own().await?
        {
            return self.analyse_now(sql).await;
        }
        Ok(analysing)
    }

    /// Analyses a text by what is known of names.
    async fn analyse_now(&self, sql: &str) -> Result<Analysing, Report> {
        let snapshot = self.snapshot().await?;
        let version = snapshot.catalog.version;
        let shape = shape(sql);
        let cache = &self.gate.worker().statements;
        if let Some(statements) = cache.get(version, sql, shape.as_ref()) {
            return Ok(Analysing {
                statements,
                version,
            });
        }
        let statements: Analysis = Box::pin(self.analyse_anew(sql, &snapshot))
            .await?
            .into_iter()
            .map(|statement| Rc::new(analysed(statement, &snapshot)))
            .collect();
        cache.put(version, sql, shape, &statements);
        Ok(Analysing {
            statements,
            version,
        })
    }

    /// Analyses a text that is not in the cache: here, or, where it might need
    /// a large stack, on a thread that has one.
    async fn analyse_anew(
        &self,
        sql: &str,
        snapshot: &Snapshot,
    ) -> Result<Vec<analysis::Statement>, Report> {
        let pool = &self.gate.worker().services.catalogs.pool;
        let inline = pool.analyse_inline(sql, &snapshot.catalog, &snapshot.settings);
        let outcome = match inline {
            Some(outcome) => outcome.map_err(PoolError::Syntax),
            None => {
                let (send, answer) = oneshot::channel();
                pool.analyse(
                    sql.to_owned(),
                    snapshot.catalog.clone(),
                    snapshot.settings.clone(),
                    Box::new(move |outcome| {
                        // Nobody listens any more when the client has gone.
                        let _gone = send.send(outcome);
                    }),
                );
                answer.await.unwrap_or(Err(PoolError::Failed))
            }
        };
        outcome.map_err(|error| match error {
            PoolError::Syntax(error) => syntax(error),
            PoolError::Busy => Report {
                hint: Some("Try again in a moment.".to_owned()),
                ..Report::new("53400", "too many statements are waiting to be analysed")
            },
            PoolError::Failed => Report {
                hint: Some("Write the statement in a simpler way.".to_owned()),
                ..Report::new("42501", "the statement could not be analysed")
            },
        })
    }

    /// The catalog as it has to be for the next statement of this session.
    pub(super) async fn snapshot(&self) -> Result<Arc<Snapshot>, Report> {
        if let Some(own) = self.own.snapshot() {
            return Ok(own);
        }
        let shared = self.shared().await?;
        let catalogs = &self.gate.worker().services.catalogs;
        Ok(self.own.layered(shared, || catalogs.next_version()))
    }

    /// The catalog that all sessions have.
    pub(super) async fn shared(&self) -> Result<Arc<Snapshot>, Report> {
        let services = &self.gate.worker().services;
        let unavailable = || Report {
            hint: Some("Try again in a moment.".to_owned()),
            ..Report::new(
                "58000",
                "the catalog of the target cannot be read, so nothing may run",
            )
        };
        let place = self.place();
        let credential = place.credential().ok_or_else(unavailable)?;
        services
            .catalogs
            .snapshot(
                &place.catalog,
                &place.target,
                &place.database,
                credential,
                self.catalog_after.get(),
            )
            .await
            .map_err(|fault| {
                tracing::error!(target = place.target.name, %fault, "no catalog");
                unavailable()
            })
    }
}

/// A statement in both words.
fn analysed(statement: analysis::Statement, snapshot: &Snapshot) -> Analysed {
    let operation = Arc::new(operation::statement(&statement, &snapshot.catalog));
    let inner: Option<Arc<Statement>> = match &statement.control {
        Control::Prepare { inner, .. } | Control::Declare { inner, .. } => {
            Some(Arc::new(operation::statement(inner, &snapshot.catalog)))
        }
        _ => None,
    };
    Analysed {
        statement,
        operation,
        inner,
    }
}

/// A syntax error as PostgreSQL reports it.
fn syntax(error: SyntaxError) -> Report {
    Report {
        position: error.position,
        ..Report::new(error.sqlstate, error.message)
    }
}

/// The report for a statement above the bound.
pub(super) fn too_long(bound: usize) -> Report {
    Report {
        hint: Some("Split it, or send the values as parameters.".to_owned()),
        ..Report::new(
            "54000",
            format!("the statement is longer than {bound} bytes"),
        )
    }
}
