//! Faults in the middle of a result: the database goes, the client goes.

use anyhow::{Context, Result};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{Wire, sqlstate};

use crate::steady::Steady;

/// More than all buffers on the way hold.
const FILL: &str =
    "INSERT INTO archive SELECT n, 1, n, repeat('x', 100) FROM generate_series(1, 400000) n";
const ALL: &str = "SELECT id, amount, note FROM archive";

/// A stage, and a client that has had the first of very many rows and does not
/// read on, with its backend's process id.
fn in_the_middle() -> Result<(Stage, Steady, Wire, String)> {
    let mut stage = Stage::start()?;
    stage.database.sql(FILL)?;
    let steady = Steady::of(&mut stage)?;
    let mut client = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    client.query(ALL)?;
    client.until('D')?;
    let pid = wait::until("the database to wait for its reader", SOON, || {
        streaming(&stage)
    })?;
    Ok((stage, steady, client, pid))
}

/// The backend that waits until its result is read on, if one does.
fn streaming(stage: &Stage) -> Result<Option<String>> {
    let pid = stage.database.sql(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND wait_event = 'ClientWrite' AND query LIKE '%FROM archive'",
    )?;
    Ok((!pid.is_empty()).then_some(pid))
}

#[test]
fn the_database_goes_in_the_middle_of_a_result() -> Result<()> {
    let (mut stage, steady, mut client, pid) = in_the_middle()?;
    stage
        .database
        .sql(&format!("SELECT pg_terminate_backend({pid})"))?;

    // Rows, then the reason, then nothing: no half message, no false end.
    let rest = client.until('E')?;
    let (error, rows) = rest.split_last().context("nothing came")?;
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    let state = sqlstate(&rest).unwrap_or_default();
    assert!(["57P01", "08006"].contains(&state.as_str()), "{state}");
    assert!(rows.iter().all(|message| message.tag == 'D'));
    assert!(rows.len() < 400_000);
    assert!(client.is_closed());

    steady.is_back(&mut stage)?;
    says(&stage.recorded()?, &[ALL, "session.end"]);
    Ok(())
}

#[test]
fn the_client_goes_in_the_middle_of_a_result() -> Result<()> {
    let (mut stage, steady, client, _) = in_the_middle()?;
    drop(client);
    wait::until("the database to be let go", SOON, || {
        let left = stage.database.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND query LIKE '%FROM archive'",
        )?;
        Ok((left == "0").then_some(()))
    })?;
    steady.is_back(&mut stage)?;
    says(&stage.recorded()?, &[ALL, "session.end"]);
    Ok(())
}
