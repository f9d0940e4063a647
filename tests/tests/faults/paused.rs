//! The database stops, without a word, and may go on later.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use narrowgate_tests::postgres::Postgres;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{CANCEL_REQUEST, Wire, sqlstate};
use rustix::process::{Pid, Signal, kill_process};

use crate::steady::Steady;

const COUNT: &str = "SELECT count(*) FROM invoices";

/// A process of the test's own server that is stopped; it goes on with the drop.
struct Paused(Pid);

impl Paused {
    fn stop(pid: &str) -> Result<Self> {
        let pid = Pid::from_raw(pid.parse()?).context("no process")?;
        kill_process(pid, Signal::STOP)?;
        Ok(Self(pid))
    }

    /// The only backend of the gateway's clients.
    fn backend(stage: &Stage) -> Result<Self> {
        Self::stop(&stage.database.sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name LIKE 'narrowgate:%'",
        )?)
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        let _gone = kill_process(self.0, Signal::CONT);
    }
}

/// A client with a backend of its own, and what it cancels by.
fn dialled(stage: &Stage) -> Result<(Wire, Vec<u8>)> {
    let token = stage.token(&["insights"])?;
    let (mut wire, key) = Wire::login_with_key(stage.plain(), "billing", &token)?;
    wire.query("SELECT 1")?;
    wire.until('Z')?;
    Ok((wire, key))
}

#[test]
fn a_database_that_pauses_keeps_nobody_else_waiting() -> Result<()> {
    let mut stage = Stage::start()?;
    let steady = Steady::of(&mut stage)?;
    let mut slow = stage.agent(&["insights"])?.arg("-At").spawn()?;
    slow.write("SELECT 'fi' || 'rst';\n")?;
    slow.wait_for("first", SOON)?;
    let backend = Paused::backend(&stage)?;
    slow.write("SELECT 'sec' || 'ond';\n")?;
    for _ in 0..20 {
        assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    }
    assert!(!slow.stdout().contains("second"));
    drop(backend);
    slow.wait_for("second", SOON)?;
    drop(slow);
    steady.is_back(&mut stage)
}

#[test]
fn a_client_may_go_while_its_database_pauses() -> Result<()> {
    let mut stage = Stage::start()?;
    let steady = Steady::of(&mut stage)?;
    let (mut wire, _) = dialled(&stage)?;
    let backend = Paused::backend(&stage)?;
    wire.query(COUNT)?;
    drop(wire);
    wait::until("the session to end", SOON, || {
        let open = stage.metric("narrowgate_sessions{listener=\"plain\"}")?;
        Ok((open == "0").then_some(()))
    })?;
    drop(backend);
    steady.is_back(&mut stage)
}

#[test]
fn a_cancel_reaches_a_database_that_goes_on() -> Result<()> {
    let mut stage = Stage::start()?;
    let steady = Steady::of(&mut stage)?;
    let (mut wire, key) = dialled(&stage)?;
    let backend = Paused::backend(&stage)?;
    wire.query("SELECT count(*) FROM archive a, generate_series(1, 1000000000) n")?;
    let mut cancel = Wire::connect(stage.plain())?;
    cancel.packet(CANCEL_REQUEST, &key)?;
    assert!(cancel.is_closed());
    // As directly, a signal that comes before the statement is read meets nothing: the
    // client asks again.
    drop(backend);
    wait::until("the statement to be cancelled", SOON, || {
        let mut cancel = Wire::connect(stage.plain())?;
        cancel.packet(CANCEL_REQUEST, &key)?;
        wire.patience(Duration::from_millis(300))?;
        Ok(wire
            .until('Z')
            .ok()
            .filter(|told| sqlstate(told).as_deref() == Some("57014")))
    })?;
    wire.patience(SOON)?;
    wire.query(COUNT)?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    drop(wire);
    steady.is_back(&mut stage)
}

#[test]
fn a_server_that_does_not_answer_is_given_up_on() -> Result<()> {
    let database = Database::own(Postgres::builder())?;
    let mut stage = Stage::on(database, Setting::default().target("connect_timeout: 2s"))?;
    let steady = Steady::of(&mut stage)?;
    let token = stage.token(&["insights"])?;
    let mut waiting = Wire::login(stage.plain(), "billing", &token)?;
    let (mut live, _) = dialled(&stage)?;
    let pid = stage.database.server().pid().context("no server")?;
    let server = Paused::stop(&pid.to_string())?;

    let began = Instant::now();
    waiting.query(COUNT)?;
    let told = waiting.until('E')?;
    assert_eq!(sqlstate(&told).as_deref(), Some("08001"));
    assert!(waiting.is_closed());
    assert!(began.elapsed() < SOON);
    says(
        &stage.agent(&["insights"])?.error(COUNT)?,
        &["FATAL", "cannot be reached"],
    );
    // What names mean cannot be told by now, so nothing is run either.
    live.query("SELECT 1")?;
    assert_eq!(sqlstate(&live.until('Z')?).as_deref(), Some("58000"));
    drop(server);
    live.query("SELECT 1")?;
    assert_eq!(sqlstate(&live.until('Z')?), None);
    drop(live);
    steady.is_back(&mut stage)
}
