//! How a request ends without being used, and what outlives the gateway.

use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::process::Signal;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage, request_id};
use narrowgate_tests::wait;

use crate::{ROWS, TRUNCATE, operator};

#[test]
fn nobody_in_time_is_no() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .holds(&["{ name: soon, actions: [truncate], approvers: [dba], wait: 2s }"]),
    )?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.wait_for("ERROR:  57014: ", SOON)?;
    assert_eq!(stage.state(&id)?, "expired");
    let late = stage.approvals(&stage.person("dana", &["dba"])?, &["approve", &id])?;
    assert!(!late.success());
    psql.write("SELECT 'still ' || 'here';\n")?;
    psql.wait_for("still here", SOON)?;
    assert_eq!(stage.database.sql(ROWS)?, "1");
    Ok(())
}

#[test]
fn ctrl_c_withdraws_the_request() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.signal(Signal::INT)?;
    psql.wait_for("ERROR:  57014: ", SOON)?;
    stage.wait_for_state(&id, "cancelled")?;
    let late = stage.approvals(&stage.person("dana", &["dba"])?, &["approve", &id])?;
    assert!(!late.success());
    says(&late.stderr, &["cancelled"]);
    assert_eq!(stage.database.sql(ROWS)?, "1");
    Ok(())
}

#[test]
fn a_client_that_goes_away_withdraws_its_request() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.signal(Signal::KILL)?;
    stage.wait_for_state(&id, "cancelled")
}

#[test]
fn a_request_may_outlive_its_client_and_is_found_again() -> Result<()> {
    let stage = Stage::with(Setting::default().holds(&[
        "{ name: patient, actions: [truncate], approvers: [dba], on_disconnect: keep }",
    ]))?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.signal(Signal::KILL)?;
    psql.wait(SOON)?;
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(stage.state(&id)?, "pending");
    stage.approve(&id)?;
    // The same statement by the same identity finds the consent.
    let said = stage.agent(&["operators"])?.run(&["TRUNCATE archive;"])?;
    says(&said.stdout, &["TRUNCATE TABLE"]);
    assert_eq!(stage.state(&id)?, "used");
    assert_eq!(stage.database.sql(ROWS)?, "0");
    Ok(())
}

#[test]
fn revoking_ends_what_runs_under_the_consent() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: sleeps, groups: [operators], allow: [{ functions: [pg_catalog.pg_sleep] }] }")
            .holds(&["{ name: sleepers, objects: [pg_catalog.pg_sleep], approvers: [dba] }"]),
    )?;
    let mut psql = operator(&stage, "SELECT pg_sleep(60);\n")?;
    let id = request_id(&mut psql, 0)?;
    stage.approve(&id)?;
    let sleepers = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    wait::until("the statement to run", SOON, || {
        Ok((stage.database.sql(sleepers)? == "1").then_some(()))
    })?;
    let dana = stage.person("dana", &["dba"])?;
    stage.approvals(&dana, &["revoke", &id])?.ok()?;
    psql.wait_for("ERROR", SOON)?;
    wait::until("the statement to end", SOON, || {
        Ok((stage.database.sql(sleepers)? == "0").then_some(()))
    })?;
    assert_eq!(stage.state(&id)?, "revoked");
    Ok(())
}

#[test]
fn a_restart_loses_no_request_and_no_decision() -> Result<()> {
    let mut stage = Stage::with(Setting::default().section("shutdown: { drain: 0s }"))?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.gateway().terminate()?;
    stage.start_gateway()?;
    // A restart detaches, it does not cancel.
    assert_eq!(stage.state(&id)?, "pending");
    stage.approve(&id)?;
    stage.gateway().terminate()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "approved");
    says(
        &stage
            .agent(&["operators"])?
            .run(&["TRUNCATE archive;"])?
            .stdout,
        &["TRUNCATE TABLE"],
    );
    assert_eq!(stage.state(&id)?, "used");
    Ok(())
}

#[test]
fn a_crash_loses_no_request_and_no_decision() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.gateway().kill()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "pending");
    stage.approve(&id)?;
    stage.gateway().kill()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "approved");
    let mut psql = operator(&stage, TRUNCATE)?;
    psql.wait_for("TRUNCATE TABLE", SOON)?;
    assert_eq!(stage.state(&id)?, "used");
    // What was used before a crash is used after it.
    stage.gateway().kill()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "used");
    let mut psql = operator(&stage, TRUNCATE)?;
    assert_ne!(request_id(&mut psql, 0)?, id);
    Ok(())
}
