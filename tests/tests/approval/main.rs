//! Operations that need a person: held, decided, used once, and never without one.

mod consent;
mod endings;
mod filters;
mod people;
mod statements;

use anyhow::Result;
use narrowgate_tests::process::Process;
use narrowgate_tests::stage::{SOON, Stage};
use narrowgate_tests::wait;

const TRUNCATE: &str = "TRUNCATE archive;\n";
const ROWS: &str = "SELECT count(*) FROM archive";

/// An operator's psql that has sent a statement.
fn operator(stage: &Stage, statement: &str) -> Result<Process> {
    let mut psql = stage.agent(&["operators"])?.arg("-At").spawn()?;
    psql.write(statement)?;
    Ok(psql)
}

/// Waits until a table is as a statement says.
fn wait_for_rows(stage: &Stage, count: &str) -> Result<()> {
    wait::until("the table to change", SOON, || {
        Ok((stage.database.sql(ROWS)? == count).then_some(()))
    })
}
