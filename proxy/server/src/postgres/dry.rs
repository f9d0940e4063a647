//! What a text would be to a session, without one: for `narrowgate explain`.
//! Only the gateway's own questions about the catalog reach the target.

use std::sync::Arc;

use narrowgate_chain::{Column, Statement};
use narrowgate_codec::postgres::analysis::{self, Catalog, PoolError};
use tokio::sync::oneshot;

use super::catalog::{CatalogFault, Catalogs, Snapshot};
use super::place::credential;
use super::{operation, types};
use crate::plan::Target;

/// One statement of a text.
pub(crate) struct DryStatement {
    /// Its text.
    pub(crate) text: String,
    /// What analysis yields.
    pub(crate) statement: Arc<Statement>,
    /// Its result's columns, as far as that can be told beforehand; `None`
    /// without a result.
    pub(crate) columns: Option<Vec<Column>>,
}

/// Why a text would be nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DryError {
    /// None of the target's logins is for these groups.
    #[error("the target {0} has no credential for any of these groups, so they cannot connect")]
    NoCredential(String),
    /// The catalog cannot be had.
    #[error("target {target}: {fault}")]
    Catalog {
        /// Whose.
        target: String,
        /// Why.
        fault: String,
    },
    /// It is no SQL.
    #[error("{sqlstate}: {message}{at}", at = place(*.position))]
    Syntax {
        /// SQLSTATE.
        sqlstate: &'static str,
        /// PostgreSQL's own words.
        message: String,
        /// Where, in characters from 1.
        position: Option<u32>,
    },
    /// The analyser gave up.
    #[error("{0}")]
    Analysis(String),
}

/// Where in a statement.
fn place(position: Option<u32>) -> String {
    position.map_or_else(String::new, |at| format!(", at character {at}"))
}

/// The statements of a text, as a session of somebody in `groups` would have
/// them.
pub(crate) async fn dry(
    catalogs: &Catalogs,
    target: &Target,
    database: &str,
    groups: &[String],
    sql: &str,
) -> Result<Vec<DryStatement>, DryError> {
    let failed = |fault: CatalogFault| DryError::Catalog {
        target: target.name.clone(),
        fault: fault.to_string(),
    };
    let (_, login) =
        credential(target, groups).ok_or_else(|| DryError::NoCredential(target.name.clone()))?;
    let entry = catalogs.entry(target, database, login).map_err(failed)?;
    let snapshot = catalogs
        .snapshot(&entry, target, database, login, None)
        .await
        .map_err(failed)?;
    let statements = analyse(catalogs, &snapshot, sql).await?;
    let made = statements.into_iter().map(|statement| DryStatement {
        text: sql.get(statement.span.clone()).unwrap_or(sql).to_owned(),
        columns: columns(&statement, &snapshot.catalog),
        statement: Arc::new(operation::statement(&statement, &snapshot.catalog)),
    });
    Ok(made.collect())
}

/// Analyses a text where there is stack enough for it.
async fn analyse(
    catalogs: &Catalogs,
    snapshot: &Snapshot,
    sql: &str,
) -> Result<Vec<analysis::Statement>, DryError> {
    let (send, answer) = oneshot::channel();
    catalogs.pool.analyse(
        sql.to_owned(),
        snapshot.catalog.clone(),
        snapshot.settings.clone(),
        Box::new(move |outcome| {
            // Whoever asked may have gone.
            let _gone = send.send(outcome);
        }),
    );
    match answer.await.unwrap_or(Err(PoolError::Failed)) {
        Ok(statements) => Ok(statements),
        Err(PoolError::Syntax(error)) => Err(DryError::Syntax {
            sqlstate: error.sqlstate,
            message: error.message,
            position: error.position,
        }),
        Err(error) => Err(DryError::Analysis(error.to_string())),
    }
}

/// The columns of the result. Types that only the server works out are left
/// open.
fn columns(statement: &analysis::Statement, catalog: &Catalog) -> Option<Vec<Column>> {
    let columns = statement.columns.as_ref()?.iter().map(|column| {
        let known = column.expected.and_then(|(relation, number)| {
            let relation = catalog.relation_by_oid(relation)?;
            let columns = relation.columns.iter();
            columns.into_iter().find(|column| column.attnum == number)
        });
        Column {
            name: column.name.to_string(),
            type_name: known
                .map_or("other", |column| types::name(column.type_oid))
                .to_owned(),
            binary: false,
        }
    });
    Some(columns.collect())
}
