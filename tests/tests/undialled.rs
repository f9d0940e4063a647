//! A session costs the database nothing until its client asks for something.

use anyhow::{Context, Result};
use narrowgate_tests::postgres::{Postgres, Stop};
use narrowgate_tests::process::Signal;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{CANCEL_REQUEST, Message, Wire, sqlstate};

const COUNT: &str = "SELECT count(*) FROM invoices";

/// Sessions of the gateway's clients at the database, by the name they go by there.
fn backends(stage: &Stage) -> Result<String> {
    stage.database.sql(
        "SELECT coalesce(string_agg(application_name, ','), 'none') FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name LIKE 'narrowgate:%'",
    )
}

/// A client that has logged in with such a start-up message, and the settings that it
/// was told.
fn login(stage: &Stage, parameters: &[(&str, &str)]) -> Result<(Wire, Vec<(String, String)>)> {
    let mut wire = Wire::connect(stage.plain())?;
    let names = [("user", "agent"), ("database", "billing")];
    wire.startup(3 << 16, &[&names, parameters].concat())?;
    wire.message()?;
    wire.password(&stage.token(&["insights"])?)?;
    let told = wire.until('Z')?;
    Ok((wire, settings(&told)))
}

/// The settings that messages report.
fn settings(messages: &[Message]) -> Vec<(String, String)> {
    let reports = messages.iter().filter(|message| message.tag == 'S');
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    reports
        .filter_map(|report| {
            let mut texts = report.body.split(|byte| *byte == 0);
            Some((text(texts.next()?), text(texts.next()?)))
        })
        .collect()
}

/// The only value of an answer.
fn value(messages: &[Message]) -> Option<String> {
    let row = messages.iter().find(|message| message.tag == 'D')?;
    // The number of columns and the length of the first stand before it.
    Some(String::from_utf8_lossy(row.body.get(6..)?).into_owned())
}

/// Waits until the client is told why its session ends, which is all that it is told.
fn last_words(wire: &mut Wire) -> Result<(String, String)> {
    let told = wire.until('E')?;
    let error = told.last().context("nothing was told")?;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    assert!(wire.is_closed());
    let message = error.field('M').unwrap_or_default();
    Ok((sqlstate(&told).unwrap_or_default(), message))
}

/// Waits until the end of a session is recorded.
fn end_is_recorded(stage: &Stage) -> Result<()> {
    wait::until("the end of it to be recorded", SOON, || {
        Ok(stage
            .recorded_so_far()?
            .contains("session.end")
            .then_some(()))
    })
}

#[test]
fn the_database_sees_nobody_before_the_first_statement() -> Result<()> {
    let stage = Stage::start()?;
    let options = ("options", "-c statement_timeout=4321");
    let (mut wire, _) = login(&stage, &[options, ("application_name", "mine")])?;
    let (mut other, _) = login(&stage, &[])?;
    assert_eq!(backends(&stage)?, "none");

    wire.query("SHOW statement_timeout")?;
    assert_eq!(value(&wire.until('Z')?).as_deref(), Some("4321ms"));
    assert_eq!(backends(&stage)?, "narrowgate:insights-bot");

    // Who leaves without a word has never been there.
    other.tagged('X', b"")?;
    assert!(other.is_closed());
    end_is_recorded(&stage)?;
    says(
        &stage.recorded_so_far()?,
        &["session.end", "the client has ended it"],
    );

    // The extended protocol may come first, in pieces of any size.
    let (mut pieces, _) = login(&stage, &[])?;
    for byte in b"P\0\0\0\x10\0SELECT 1\0\0\0S\0\0\0\x04" {
        pieces.send(&[*byte])?;
    }
    let told = pieces.until('Z')?;
    let tags: String = told.iter().map(|message| message.tag).collect();
    assert_eq!(tags, "1Z");
    Ok(())
}

#[test]
fn a_client_is_told_the_settings_that_it_will_have() -> Result<()> {
    let stage = Stage::start()?;
    let startups: [&[(&str, &str)]; 4] = [
        // psql, and what is built on libpq.
        &[("application_name", "psql"), ("client_encoding", "UTF8")],
        // JDBC.
        &[
            ("client_encoding", "UTF8"),
            ("DateStyle", "ISO"),
            ("TimeZone", "Europe/Berlin"),
            ("extra_float_digits", "2"),
        ],
        &[(
            "options",
            "-c datestyle=German -c intervalstyle=SQL_STANDARD",
        )],
        &[("default_transaction_read_only", "t"), ("timezone", "UTC")],
    ];
    for parameters in startups {
        let (mut wire, told) = login(&stage, parameters)?;
        assert!(told.len() >= 13, "{told:?}");
        for (name, value) in told {
            wire.query(&format!("SHOW {name}"))?;
            let answer = wire.until('Z')?;
            assert_eq!(
                self::value(&answer),
                Some(value),
                "{name} of {parameters:?}"
            );
            assert_eq!(settings(&answer), [], "{parameters:?}");
        }
    }
    Ok(())
}

#[test]
fn a_setting_that_turns_out_otherwise_is_told_before_the_first_answer() -> Result<()> {
    let stage = Stage::start()?;
    let (mut wire, told) = login(&stage, &[("TimeZone", "europe/berlin")])?;
    let zone = |value: &str| ("TimeZone".to_owned(), value.to_owned());
    assert!(told.contains(&zone("europe/berlin")), "{told:?}");
    wire.query("SELECT 1")?;
    let answer = wire.until('Z')?;
    assert_eq!(settings(&answer), [zone("Europe/Berlin")]);
    assert_eq!(answer.first().map(|message| message.tag), Some('S'));
    assert_eq!(value(&answer).as_deref(), Some("1"));

    let (mut wire, _) = login(&stage, &[("TimeZone", "Nowhere/Land")])?;
    wire.query("SELECT 1")?;
    let (state, message) = last_words(&mut wire)?;
    assert_eq!(state, "22023");
    says(&message, &["TimeZone", "Nowhere/Land"]);
    Ok(())
}

#[test]
fn a_database_that_is_gone_by_the_first_statement_ends_the_session() -> Result<()> {
    let database = Database::own(Postgres::builder())?;
    let mut stage = Stage::on(database, Setting::default())?;
    let (mut wire, _) = login(&stage, &[])?;
    let server = stage.database.server_mut().context("shared")?;
    server.stop(Stop::Fast)?;
    // Nobody has noticed.
    wire.query(COUNT)?;
    let (state, message) = last_words(&mut wire)?;
    assert_eq!(state, "08001");
    says(&message, &["the target \"billing\" cannot be reached"]);
    end_is_recorded(&stage)?;
    says(
        &stage.recorded_so_far()?,
        &["08001", "cannot be reached", "session.end"],
    );

    let server = stage.database.server_mut().context("shared")?;
    server.start_again()?;
    wait::until("the database to be back", SOON, || {
        Ok(stage.agent(&["insights"])?.query(COUNT).ok())
    })?;
    Ok(())
}

#[test]
fn a_session_goes_where_the_configuration_of_the_moment_says() -> Result<()> {
    let stage = Stage::start()?;
    let (mut moved, _) = login(&stage, &[])?;
    let (mut gone, _) = login(&stage, &[])?;

    // The same database, elsewhere.
    let new = Database::own(Postgres::builder())?;
    new.sql("DELETE FROM invoices")?;
    let rename = format!(
        "ALTER DATABASE {} RENAME TO {}",
        new.name(),
        stage.database.name()
    );
    new.server().sql("postgres", &rename)?;
    let old = stage.database.server().address().to_string();
    let yaml = stage
        .yaml()
        .replace(&old, &new.server().address().to_string());
    stage.enforce(&yaml)?;
    moved.query(COUNT)?;
    assert_eq!(value(&moved.until('Z')?).as_deref(), Some("0"));

    let yaml = yaml.replace("- name: billing", "- name: other");
    stage.enforce(&yaml.replace("targets: [billing]", "targets: [other]"))?;
    gone.query(COUNT)?;
    assert_eq!(last_words(&mut gone)?.0, "3D000");
    Ok(())
}

#[test]
fn what_ends_a_session_ends_one_that_was_not_dialled() -> Result<()> {
    let mut stage = Stage::with(Setting::default().section("limits: { idle: 2s }"))?;
    let (mut silent, _) = login(&stage, &[])?;
    let (state, _) = last_words(&mut silent)?;
    assert_eq!(state, "57P05");

    let (mut without_right, _) = login(&stage, &[])?;
    stage.edit(|setting| setting.issuers = "staff".to_owned())?;
    let (state, _) = last_words(&mut without_right)?;
    assert_eq!(state, "28000");
    stage.edit(|setting| setting.issuers = "agents".to_owned())?;

    let (mut draining, _) = login(&stage, &[])?;
    stage.gateway().signal(Signal::TERM)?;
    let (state, _) = last_words(&mut draining)?;
    assert_eq!(state, "57P01");
    assert!(stage.gateway().wait(SOON)?.success());
    assert_eq!(backends(&stage)?, "none");
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);
    Ok(())
}

#[test]
fn nothing_is_cancelled_before_there_is_anything() -> Result<()> {
    let stage = Stage::start()?;
    let token = stage.token(&["insights"])?;
    let (mut wire, key) = Wire::login_with_key(stage.plain(), "billing", &token)?;
    let mut cancel = Wire::connect(stage.plain())?;
    cancel.packet(CANCEL_REQUEST, &key)?;
    assert!(cancel.is_closed());
    for _ in 0..2 {
        wire.query(COUNT)?;
        assert_eq!(value(&wire.until('Z')?).as_deref(), Some("3"));
    }
    Ok(())
}
