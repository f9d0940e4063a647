//! COPY from a client, in whatever messages it likes.

use anyhow::Result;
use narrowgate_tests::stage::Stage;
use narrowgate_tests::wire::{Wire, sqlstate};

const COPY: &str = "COPY invoices FROM STDIN";
const COPIED: &str = "SELECT count(*), sum(amount) FROM invoices WHERE id < 1000";

fn login(stage: &Stage) -> Result<Wire> {
    Wire::login(stage.plain(), "billing", &stage.token(&["clerks"])?)
}

/// Prepares, binds and executes the COPY.
fn begin(wire: &mut Wire) -> Result<()> {
    wire.tagged('P', format!("\0{COPY}\0\0\0").as_bytes())?;
    wire.tagged('B', b"\0\0\0\0\0\0\0\0")?;
    wire.tagged('E', b"\0\0\0\0\0")
}

/// The session goes on, with nothing left of what was before.
fn goes_on(wire: &mut Wire) -> Result<()> {
    wire.query("SELECT 'on' || 'wards'")?;
    let answers = wire.until('Z')?;
    let tags: String = answers.iter().map(|message| message.tag).collect();
    assert_eq!(tags, "TDCZ");
    Ok(())
}

#[test]
fn rows_come_many_in_one_message_and_one_in_many() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = login(&stage)?;
    wire.query(COPY)?;
    wire.until('G')?;
    wire.tagged('d', b"1\t1\t1.00\t\\N\n2\t1\t2.00\tb\n3\t1\t4")?;
    wire.tagged('d', b".00\tc")?;
    wire.tagged('d', b"")?;
    wire.tagged('d', b"\n4\t1\t8.00\t\n\\.\n")?;
    wire.tagged('c', b"")?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    assert_eq!(stage.database.sql(COPIED)?, "4|15.00");
    goes_on(&mut wire)
}

#[test]
fn bad_data_in_the_extended_protocol_fails_the_copy_alone() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = login(&stage)?;
    // With a Sync behind the Execute, which the server ignores, and without.
    for sync in [true, false] {
        begin(&mut wire)?;
        if sync {
            wire.tagged('S', b"")?;
        }
        wire.tagged('H', b"")?;
        wire.until('G')?;
        wire.tagged('d', b"1\t1\t1.00\t\\N\nbad\t1\t1\t\n")?;
        wire.tagged('d', b"2\t1\t1.00\t\\N\n")?;
        wire.tagged('c', b"")?;
        wire.tagged('S', b"")?;
        assert_eq!(
            sqlstate(&wire.until('Z')?).as_deref(),
            Some("22P02"),
            "{sync}"
        );
        goes_on(&mut wire)?;
    }
    // The client gives up, or goes on after it was told.
    begin(&mut wire)?;
    wire.tagged('H', b"")?;
    wire.until('G')?;
    wire.tagged('f', b"no more\0")?;
    wire.tagged('S', b"")?;
    assert_eq!(sqlstate(&wire.until('Z')?).as_deref(), Some("57014"));
    goes_on(&mut wire)?;
    begin(&mut wire)?;
    wire.tagged('H', b"")?;
    wire.until('G')?;
    wire.tagged('d', b"bad\n")?;
    wire.tagged('d', b"2\t1\t1.00\t\\N\n")?;
    assert_eq!(sqlstate(&wire.until('E')?).as_deref(), Some("22P02"));
    wire.tagged('d', b"3\t1\t1.00\t\\N\n")?;
    wire.tagged('c', b"")?;
    wire.tagged('S', b"")?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    goes_on(&mut wire)?;
    assert_eq!(stage.database.sql(COPIED)?, "0|");
    // And one that is good.
    begin(&mut wire)?;
    wire.tagged('d', b"1\t1\t1.00\t\\N\n2\t1\t2.00\t\\N\n")?;
    wire.tagged('c', b"")?;
    wire.tagged('S', b"")?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    assert_eq!(stage.database.sql(COPIED)?, "2|3.00");
    goes_on(&mut wire)
}
