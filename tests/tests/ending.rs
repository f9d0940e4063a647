//! The end of the gateway, with sessions in the middle of something.

use std::time::Duration;

use anyhow::{Context, Result};
use narrowgate_tests::process::{Process, Signal};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wire::{CANCEL_REQUEST, Message, Wire, sqlstate};
use narrowgate_tests::{http, wait};
use serde_json::Value;

/// A stage where `clerks` may sleep, and that drains for `drain`.
fn stage(drain: &str) -> Result<Stage> {
    Stage::with(Setting {
        agents: ", clock_skew: 0s".to_owned(),
        ..Setting::default()
            .rule(
                "{ name: sleeps, groups: [clerks], allow: [{ functions: [pg_catalog.pg_sleep] }] }",
            )
            .section(&format!("shutdown: {{ drain: {drain} }}"))
    })
}

/// Statements of this test that sleep in the database.
fn asleep(stage: &Stage) -> Result<String> {
    stage.database.sql(
        "SELECT count(*) FROM pg_stat_activity \
         WHERE wait_event = 'PgSleep' AND datname = current_database()",
    )
}

/// Waits until as many sleep.
fn wait_asleep(stage: &Stage, count: &str) -> Result<()> {
    let what = format!("{count} statements that sleep");
    wait::until(&what, SOON, || Ok((asleep(stage)? == count).then_some(())))
}

/// psql in the middle of a statement that takes `seconds`.
fn sleeping(stage: &Stage, seconds: u32) -> Result<Process> {
    let mut psql = stage.agent(&["clerks"])?.arg("-At").spawn()?;
    psql.write(&format!(
        "SELECT 'sl' || 'ept' FROM invoices, pg_sleep({seconds}) LIMIT 1;\n"
    ))?;
    wait_asleep(stage, "1")?;
    Ok(psql)
}

/// Asks the gateway to end, and waits until it takes no more sessions.
fn drain(stage: &mut Stage) -> Result<()> {
    stage.gateway().signal(Signal::TERM)?;
    wait::until("the gateway to drain", SOON, || {
        let answer = http::get(stage.admin(), "/readyz")?;
        Ok((answer.status == 503).then_some(()))
    })
}

/// The events of the only session that was recorded, one JSON object each.
fn recorded(stage: &Stage) -> Result<Vec<Value>> {
    let listed: Value = serde_json::from_str(&stage.recordings(&["list", "--json"])?.ok()?)?;
    let id = listed.pointer("/sessions/0/id").and_then(Value::as_str);
    let shown = stage.recordings(&["show", id.context("no session")?, "--json"])?;
    let shown = shown.ok()?;
    shown
        .lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

/// Whether the recording is whole, and tells how the statement and the session ended.
fn ends_are_recorded(stage: &Stage) -> Result<()> {
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);
    let events: String = recorded(stage)?.iter().map(Value::to_string).collect();
    says(
        &events,
        &[
            "pg_sleep",
            "cancelled",
            "57014",
            "session.end",
            "the gateway is shutting down",
        ],
    );
    Ok(())
}

/// What a session was told last of all.
fn last_words(wire: &mut Wire) -> Result<(Message, String)> {
    let told = wire.until('E')?;
    let sqlstate = sqlstate(&told).unwrap_or_default();
    Ok((told.last().context("nothing was told")?.clone(), sqlstate))
}

#[test]
fn ending_lets_what_runs_come_to_its_end() -> Result<()> {
    let mut stage = stage("10s")?;
    let mut psql = sleeping(&stage, 2)?;
    drain(&mut stage)?;
    psql.wait_for("slept", SOON)?;
    assert!(stage.gateway().wait(SOON)?.success());
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);
    Ok(())
}

#[test]
fn nobody_new_comes_in_while_it_ends() -> Result<()> {
    let mut stage = stage("10m")?;
    let _psql = sleeping(&stage, 60)?;
    drain(&mut stage)?;
    let error = stage.agent(&["insights"])?.error("SELECT 1")?;
    says(&error, &["FATAL:  the gateway is shutting down"]);
    let mut wire = Wire::connect(stage.plain())?;
    wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    let (error, sqlstate) = last_words(&mut wire)?;
    assert_eq!(sqlstate, "57P03");
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    assert!(wire.is_closed());
    Ok(())
}

#[test]
fn an_end_that_is_asked_for_twice_comes_at_once() -> Result<()> {
    let mut stage = stage("10m")?;
    let mut psql = sleeping(&stage, 60)?;
    drain(&mut stage)?;
    assert_eq!(asleep(&stage)?, "1");
    stage.gateway().signal(Signal::TERM)?;
    assert!(stage.gateway().wait(SOON)?.success());
    psql.wait_for("FATAL:  57P01: the gateway is shutting down", SOON)?;
    wait_asleep(&stage, "0")?;
    ends_are_recorded(&stage)
}

#[test]
fn the_end_of_the_drain_is_the_end_of_every_session() -> Result<()> {
    let mut stage = stage("1s")?;
    let mut psql = sleeping(&stage, 60)?;
    stage.gateway().signal(Signal::TERM)?;
    assert!(stage.gateway().wait(SOON)?.success());
    psql.wait_for("FATAL:  57P01: the gateway is shutting down", SOON)?;
    wait_asleep(&stage, "0")?;
    ends_are_recorded(&stage)
}

#[test]
fn a_client_that_does_not_read_keeps_nobody_from_ending() -> Result<()> {
    let mut stage = stage("1s")?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    // Far more than the buffers of two sockets hold, and nobody reads it.
    wire.query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)")?;
    let streaming = "SELECT count(*) FROM pg_stat_activity \
                     WHERE wait_event = 'ClientWrite' AND datname = current_database()";
    wait::until("the result to stand still", SOON, || {
        Ok((stage.database.sql(streaming)? == "1").then_some(()))
    })?;
    stage.gateway().signal(Signal::TERM)?;
    assert!(stage.gateway().wait(SOON)?.success());
    wait::until("the statement to end", SOON, || {
        Ok((stage.database.sql(streaming)? == "0").then_some(()))
    })?;
    let events: String = recorded(&stage)?.iter().map(Value::to_string).collect();
    says(&events, &["cancelled", "session.end"]);
    Ok(())
}

#[test]
fn what_runs_can_be_cancelled_while_the_gateway_drains() -> Result<()> {
    let mut stage = stage("10m")?;
    let mut psql = sleeping(&stage, 60)?;
    let (mut wire, key) =
        Wire::login_with_key(stage.plain(), "billing", &stage.token(&["clerks"])?)?;
    wire.query("SELECT count(*) FROM invoices, pg_sleep(60)")?;
    wait_asleep(&stage, "2")?;
    drain(&mut stage)?;
    psql.signal(Signal::INT)?;
    psql.wait_for("ERROR:  57014: ", SOON)?;
    wait_asleep(&stage, "1")?;
    Wire::connect(stage.plain())?.packet(CANCEL_REQUEST, &key)?;
    assert_eq!(sqlstate(&wire.until('Z')?).as_deref(), Some("57014"));
    // Then it has nothing to do any more.
    assert_eq!(last_words(&mut wire)?.1, "57P01");
    assert!(stage.gateway().wait(SOON)?.success());
    Ok(())
}

#[test]
fn a_token_ends_its_session_while_the_gateway_drains() -> Result<()> {
    let mut stage = stage("10m")?;
    let token = stage.agents.token("insights-bot")?.groups(&["clerks"]);
    let mut wire = Wire::login(stage.plain(), "billing", &token.expires_in(5).sign()?)?;
    wire.query("SELECT count(*) FROM invoices, pg_sleep(60)")?;
    wait_asleep(&stage, "1")?;
    drain(&mut stage)?;
    let (error, _) = last_words(&mut wire)?;
    says(&error.field('M').unwrap_or_default(), &["expired"]);
    wait_asleep(&stage, "0")?;
    assert!(stage.gateway().wait(SOON)?.success());
    Ok(())
}

#[test]
fn cancelling_again_and_again_does_not_keep_a_session_beyond_its_token() -> Result<()> {
    let stage = stage("10m")?;
    let token = stage.agents.token("insights-bot")?.groups(&["insights"]);
    let (mut wire, key) =
        Wire::login_with_key(stage.plain(), "billing", &token.expires_in(3).sign()?)?;
    let cancels = std::thread::spawn({
        let plain = stage.plain();
        move || {
            for _ in 0..40 {
                if let Ok(mut wire) = Wire::connect(plain) {
                    let _session_may_be_gone = wire.packet(CANCEL_REQUEST, &key);
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    });
    let begun = std::time::Instant::now();
    let (error, _) = last_words(&mut wire)?;
    says(&error.field('M').unwrap_or_default(), &["expired"]);
    assert!(begun.elapsed() < Duration::from_secs(6));
    assert!(cancels.join().is_ok());
    Ok(())
}
