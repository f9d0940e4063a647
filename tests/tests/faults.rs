//! Faults in the middle of a result: the database goes, the client goes, the
//! database takes its time.

use anyhow::{Context, Result};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{Wire, sqlstate};

/// More than all buffers on the way hold.
const FILL: &str =
    "INSERT INTO archive SELECT n, 1, n, repeat('x', 100) FROM generate_series(1, 400000) n";
const ALL: &str = "SELECT id, amount, note FROM archive";
const COUNT: &str = "SELECT count(*) FROM invoices";

/// A stage, and a client that has had the first of very many rows and does not
/// read on.
fn in_the_middle() -> Result<(Stage, Wire)> {
    let stage = Stage::start()?;
    stage.database.sql(FILL)?;
    let mut client = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    client.query(ALL)?;
    client.until('D')?;
    wait::until("the database to wait for its reader", SOON, || {
        Ok(streaming(&stage)?.map(|_| ()))
    })?;
    Ok((stage, client))
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
    let (mut stage, mut client) = in_the_middle()?;
    let pid = streaming(&stage)?.context("nothing streams")?;
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

    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    assert!(stage.gateway().is_running());
    says(&stage.recorded()?, &[ALL, "session.end"]);
    Ok(())
}

#[test]
fn the_client_goes_in_the_middle_of_a_result() -> Result<()> {
    let (mut stage, client) = in_the_middle()?;
    drop(client);
    wait::until("the database to be let go", SOON, || {
        let left = stage.database.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND query LIKE '%FROM archive'",
        )?;
        Ok((left == "0").then_some(()))
    })?;
    wait::until("the session to end", SOON, || {
        let open = stage.metric("narrowgate_sessions{listener=\"plain\"}")?;
        Ok((open == "0").then_some(()))
    })?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    assert!(stage.gateway().is_running());
    says(&stage.recorded()?, &[ALL, "session.end"]);
    Ok(())
}

#[test]
fn a_slow_database_keeps_nobody_else_waiting() -> Result<()> {
    let stage = Stage::start()?;
    let mut slow = stage.agent(&["insights"])?.arg("-At").spawn()?;
    slow.write("SELECT 'fi' || 'rst';\n")?;
    slow.wait_for("first", SOON)?;
    let pid = stage.database.sql(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND query LIKE '%rst%' AND pid <> pg_backend_pid()",
    )?;
    let backend = Backend::stop(&pid)?;
    slow.write("SELECT 'sec' || 'ond';\n")?;
    for _ in 0..20 {
        assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    }
    assert!(!slow.stdout().contains("second"));
    drop(backend);
    slow.wait_for("second", SOON)
}

/// A backend of the test's own server that is stopped; it goes on with the drop.
struct Backend(rustix::process::Pid);

impl Backend {
    fn stop(pid: &str) -> Result<Self> {
        let pid = rustix::process::Pid::from_raw(pid.parse()?).context("no process")?;
        rustix::process::kill_process(pid, rustix::process::Signal::STOP)?;
        Ok(Self(pid))
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _gone = rustix::process::kill_process(self.0, rustix::process::Signal::CONT);
    }
}
