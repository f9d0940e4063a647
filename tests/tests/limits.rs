//! What one client, or all of them together, may take.

use anyhow::{Context, Result};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{CANCEL_REQUEST, Wire, sqlstate};

const COUNT: &str = "SELECT count(*) FROM customers";

#[test]
fn a_long_statement_is_refused_and_its_session_goes_on() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { statement_length: 1KiB }"))?;
    let long = format!("SELECT '{}'", "x".repeat(1100));
    let said = stage.agent(&["insights"])?.session(&[
        &format!("{long};"),
        &format!("PREPARE long AS {long};"),
        "SELECT 'on' || 'wards';",
    ])?;
    says(
        &said,
        &[
            "ERROR:  54000: the statement is longer than 1024 bytes",
            "HINT:  Split it",
            "onwards",
        ],
    );
    assert_eq!(said.matches("54000").count(), 2);
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    try:
        connection.execute("SELECT %s, '" + "x" * 1100 + "'", ["y"], prepare=True)
    except psycopg.Error as error:
        print(error.sqlstate)
    # What comes as a parameter is no part of the statement.
    print(len(connection.execute("SELECT %s::text", ["x" * 100_000]).fetchone()[0]))
"#;
    let printed = stage
        .python(&stage.token(&["insights"])?, script)
        .run()?
        .ok()?;
    assert_eq!(printed, "54000\n100000\n");
    Ok(())
}

#[test]
fn one_identity_cannot_take_every_connection() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { connections_per_identity: 1 }"))?;
    let token = stage.token(&["insights"])?;
    let first = Wire::login(stage.plain(), "billing", &token)?;
    let mut second = Wire::connect(stage.plain())?;
    second.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    second.message()?;
    second.password(&token)?;
    let told = second.until('E')?;
    let error = told.last().context("nothing was told")?;
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    assert_eq!(sqlstate(&told).as_deref(), Some("53300"));
    says(
        &error.field('M').unwrap_or_default(),
        &["too many connections of this identity"],
    );
    assert!(second.is_closed());
    let other = stage
        .agents
        .token("other-bot")?
        .groups(&["insights"])
        .sign()?;
    assert_eq!(stage.psql(&other).query(COUNT)?, "3");
    drop(first);
    wait::until("room", SOON, || Ok(stage.psql(&token).query(COUNT).ok()))?;
    Ok(())
}

#[test]
fn one_connection_too_many_is_told_so() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { connections: 2 }"))?;
    let token = stage.token(&["insights"])?;
    let first = Wire::login(stage.plain(), "billing", &token)?;
    let (_second, key) = Wire::login_with_key(stage.plain(), "billing", &token)?;
    let too_many = [
        "FATAL:  too many connections",
        "HINT:  Try again when others",
    ];
    says(&stage.psql(&token).error(COUNT)?, &too_many);
    says(&stage.plain_psql(&token).error(COUNT)?, &too_many);
    let refused = |listener: &str| {
        let labels = format!("listener=\"{listener}\",reason=\"limit\"");
        stage.metric(&format!("narrowgate_sessions_refused_total{{{labels}}}"))
    };
    assert_eq!(
        (refused("tls")?, refused("plain")?),
        ("1".into(), "1".into())
    );
    let mut third = Wire::connect(stage.plain())?;
    third.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    assert_eq!(sqlstate(&third.until('E')?).as_deref(), Some("53300"));
    assert!(third.is_closed());
    // Who is in may still cancel.
    let mut cancel = Wire::connect(stage.plain())?;
    cancel.packet(CANCEL_REQUEST, &key)?;
    assert!(cancel.is_closed());
    drop(first);
    wait::until("room", SOON, || Ok(stage.psql(&token).query(COUNT).ok()))?;
    Ok(())
}

#[test]
fn few_wait_at_the_door_and_not_for_long() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { connections: 1 }"))?;
    let _only = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    let told = || -> Result<Option<String>> {
        let mut wire = Wire::connect(stage.plain())?;
        let asked = wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")]);
        // One that is closed unheard tells nothing.
        let told = asked.and_then(|()| wire.until('E'));
        Ok(told.ok().and_then(|told| sqlstate(&told)))
    };
    // They say nothing, and take all the places; some find none.
    let silent: Vec<Wire> = (0..160)
        .map(|_| Wire::connect(stage.plain()))
        .collect::<Result<_>>()?;
    wait::until("the door to be full", SOON, || {
        Ok(told()?.is_none().then_some(()))
    })?;
    wait::until("them to be sent away", SOON, || {
        Ok((told()?.as_deref() == Some("53300")).then_some(()))
    })?;
    for mut wire in silent {
        assert!(wire.is_closed());
    }
    Ok(())
}

#[test]
fn a_session_that_says_nothing_is_ended_with_the_reason() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { idle: 1s, handshake: 500ms }"))?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    let told = wire.until('E')?;
    let error = told.last().context("nothing was told")?;
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    assert_eq!(sqlstate(&told).as_deref(), Some("57P05"));
    says(&error.field('M').unwrap_or_default(), &["idle for 1s"]);
    assert!(wire.is_closed());
    // Nobody comes in without a token, or stays at the door.
    let mut halfway = Wire::connect(stage.plain())?;
    halfway.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    assert_eq!(sqlstate(&halfway.until('E')?).as_deref(), Some("57014"));
    assert!(halfway.is_closed());
    Ok(())
}
