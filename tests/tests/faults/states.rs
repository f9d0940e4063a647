//! Every state that a client may be in when something breaks.

use anyhow::{Result, ensure};
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{SSL_REQUEST, Wire};

/// A way to get into a state.
pub(crate) type State = (&'static str, fn(&Stage) -> Result<Wire>);

/// All of them. None has an effect that stays, or waits for another.
pub(crate) const STATES: &[State] = &[
    ("connected", connected),
    ("half a start-up message", half_startup),
    ("half a TLS handshake", half_handshake),
    ("asked for its token", asked),
    ("half a token", half_token),
    ("not dialled", idle),
    ("half a Query", half_query),
    ("a pipeline without its end", half_pipeline),
    ("a statement that runs", running),
    ("a transaction that has written", in_transaction),
    ("copying in", copying_in),
    ("copying out", copying_out),
    ("a result that is not read", streaming),
    ("waiting for people", held),
    ("listening", listening),
];

/// What the amounts of all invoices are, if no state has had an effect.
pub(crate) const UNTOUCHED: &str = "SELECT string_agg(amount::text, ' ' ORDER BY id) FROM invoices";

/// What the states need: rows enough to fill every buffer on the way, and rights.
pub(crate) fn stage() -> Result<Stage> {
    let stage = Stage::with(
        Setting::default()
            .rule(
                "{ name: sleeps, groups: [clerks], allow: [{ functions: [pg_catalog.pg_sleep] }] }",
            )
            .rule("{ name: copies, groups: [insights], allow: [{ copy: [public.archive] }] }")
            .rule("{ name: hears, groups: [clerks], allow: [{ actions: [listen] }] }"),
    )?;
    stage.database.sql(
        "INSERT INTO archive SELECT n, 1, n, repeat('x', 100) FROM generate_series(1, 400000) n",
    )?;
    Ok(stage)
}

fn login(stage: &Stage, group: &str) -> Result<Wire> {
    Wire::login(stage.plain(), "billing", &stage.token(&[group])?)
}

/// Runs a statement to its end.
fn run(wire: &mut Wire, sql: &str) -> Result<()> {
    wire.query(sql)?;
    let told = wire.until('Z')?;
    ensure!(!told.iter().any(|message| message.tag == 'E'), "{told:?}");
    Ok(())
}

fn connected(stage: &Stage) -> Result<Wire> {
    Wire::connect(stage.plain())
}

fn half_startup(stage: &Stage) -> Result<Wire> {
    let mut wire = connected(stage)?;
    wire.send(b"\0\0\0\x30\0\x03\0\0user\0ag")?;
    Ok(wire)
}

fn half_handshake(stage: &Stage) -> Result<Wire> {
    let mut wire = Wire::connect(stage.tls())?;
    wire.packet(SSL_REQUEST, b"")?;
    ensure!(wire.byte()? == 'S');
    // The beginning of a record with a ClientHello.
    wire.send(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03")?;
    Ok(wire)
}

fn asked(stage: &Stage) -> Result<Wire> {
    let mut wire = connected(stage)?;
    wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    wire.message()?;
    Ok(wire)
}

fn half_token(stage: &Stage) -> Result<Wire> {
    let mut wire = asked(stage)?;
    wire.send(b"p\0\0\x01\0eyJhbGciOi")?;
    Ok(wire)
}

fn idle(stage: &Stage) -> Result<Wire> {
    login(stage, "clerks")
}

fn half_query(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "clerks")?;
    wire.send(b"Q\0\0\0\x40UPDATE invoices SET amount = 0")?;
    Ok(wire)
}

fn half_pipeline(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "clerks")?;
    // Without a Sync nothing of it is committed.
    wire.tagged(
        'P',
        b"\0UPDATE invoices SET amount = 0 WHERE id = 1001\0\0\0",
    )?;
    wire.tagged('B', b"\0\0\0\0\0\0\0\0")?;
    wire.tagged('E', b"\0\0\0\0\0")?;
    wire.tagged('H', b"")?;
    wire.until('C')?;
    wire.send(b"S\0\0")?;
    Ok(wire)
}

fn running(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "clerks")?;
    wire.query("UPDATE invoices SET amount = 0 FROM (SELECT pg_sleep(60)) s WHERE id = 1002")?;
    wait_for(stage, "wait_event = 'PgSleep'")?;
    Ok(wire)
}

fn in_transaction(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "clerks")?;
    run(&mut wire, "BEGIN")?;
    run(&mut wire, "UPDATE invoices SET amount = 0 WHERE id = 1003")?;
    Ok(wire)
}

fn copying_in(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "clerks")?;
    wire.query("COPY invoices FROM STDIN")?;
    wire.until('G')?;
    wire.tagged('d', b"1\t1\t5.00\tcopied\n")?;
    wire.send(b"d\0\0\0\x40two")?;
    Ok(wire)
}

fn copying_out(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "insights")?;
    wire.query("COPY (SELECT * FROM archive) TO STDOUT")?;
    wire.until('d')?;
    wait_for(stage, "wait_event = 'ClientWrite' AND query LIKE 'COPY%'")?;
    Ok(wire)
}

fn streaming(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "insights")?;
    wire.query("SELECT * FROM archive")?;
    wire.until('D')?;
    wait_for(stage, "wait_event = 'ClientWrite' AND query LIKE 'SELECT%'")?;
    Ok(wire)
}

fn held(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "operators")?;
    wire.query("TRUNCATE archive")?;
    wire.until('N')?;
    Ok(wire)
}

fn listening(stage: &Stage) -> Result<Wire> {
    let mut wire = login(stage, "clerks")?;
    run(&mut wire, "LISTEN news")?;
    Ok(wire)
}

/// Waits until a backend of the gateway's is so.
fn wait_for(stage: &Stage, how: &str) -> Result<()> {
    wait::until(how, SOON, || {
        let found = stage.database.sql(&format!(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gateway' \
             AND datname = current_database() AND {how}"
        ))?;
        Ok((found == "1").then_some(()))
    })
}
