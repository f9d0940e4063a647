//! The gateway is killed with clients in every state, and started again.

use anyhow::{Context, Result};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage, ids};
use narrowgate_tests::wait;
use narrowgate_tests::wire::Wire;

use crate::states::{STATES, UNTOUCHED, stage};
use crate::steady::Steady;

#[test]
fn the_gateway_may_be_killed_in_any_state() -> Result<()> {
    let mut stage = stage()?;
    stage
        .database
        .sql("INSERT INTO invoices VALUES (1004, 1, 1, NULL)")?;
    let before = stage.database.sql(UNTOUCHED)?;
    Steady::of(&mut stage)?;
    // All at once: what one leaves behind may not hide what another does.
    let mut clients = Vec::new();
    for (name, enter) in STATES {
        clients.push(enter(&stage).context(*name)?);
    }
    // What a client was told of before is recorded.
    let mut told = Wire::login(stage.plain(), "billing", &stage.token(&["clerks"])?)?;
    let mut statements = Vec::new();
    for number in 0..50 {
        let statement =
            format!("SELECT amount FROM invoices WHERE id = 1001 AND {number} = {number}");
        told.query(&statement)?;
        told.until('Z')?;
        statements.push(statement);
    }
    told.query("UPDATE invoices SET note = coalesce(note, '') || 'once' WHERE id = 1004")?;
    told.until('Z')?;
    stage.gateway().kill()?;
    for mut client in clients {
        // What came before the end, in whole or in part.
        let _any = client.to_the_end();
    }

    let recorded = stage.recorded()?;
    for statement in &statements {
        assert!(recorded.contains(statement.as_str()), "{statement}");
    }
    says(&recorded, &["UPDATE invoices SET note"]);
    stage.start_gateway()?;
    // The database has let go of what its clients were in the middle of.
    wait::until("the database to be let go", SOON, || {
        let left = stage.database.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gateway' \
             AND datname = current_database() AND wait_event IS DISTINCT FROM 'PgSleep'",
        )?;
        Ok((left == "0").then_some(()))
    })?;
    stage.database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
    )?;
    assert_eq!(stage.database.sql(UNTOUCHED)?, before);
    let once = "SELECT note FROM invoices WHERE id = 1004";
    assert_eq!(stage.database.sql(once)?, "once");
    assert_eq!(
        stage.database.sql("SELECT count(*) FROM archive")?,
        "400001"
    );
    // The request is there, for whoever asks for the same again.
    assert_eq!(stage.requests("pending")?.len(), 1);
    let steady = Steady::of(&mut stage)?;
    steady.is_back(&mut stage)
}

#[test]
fn a_consent_that_was_used_before_a_crash_is_used_up() -> Result<()> {
    const SLEEP: &str = "SELECT pg_sleep(60)";
    let mut stage = Stage::with(
        Setting::default()
            .rule("{ name: sleeps, groups: [operators], allow: [{ functions: [pg_catalog.pg_sleep] }] }")
            .holds(&["{ name: sleepers, objects: [pg_catalog.pg_sleep], approvers: [dba], wait: 1m }"]),
    )?;
    let ask = |stage: &Stage| -> Result<(Wire, String)> {
        let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["operators"])?)?;
        wire.query(SLEEP)?;
        let notice = wire.until('N')?;
        let text = notice.last().and_then(|notice| notice.field('M'));
        let id = ids(&text.unwrap_or_default()).into_iter().next();
        Ok((wire, id.context("no request")?))
    };
    let (wire, id) = ask(&stage)?;
    stage.approve(&id)?;
    stage.wait_for_state(&id, "used")?;
    stage.gateway().kill()?;
    drop(wire);
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "used");
    let (_waits, other) = ask(&stage)?;
    assert_ne!(other, id);
    assert_eq!(stage.state(&other)?, "pending");
    Ok(())
}
