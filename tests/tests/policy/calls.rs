//! FunctionCall: functions by their OIDs, past the grammar and not past the rules.

use anyhow::{Context, Result};
use narrowgate_tests::stage::{Setting, Stage};
use narrowgate_tests::wire::{Wire, sqlstate};

/// What a call gives: its value, or the SQLSTATE of its error. All goes as text.
fn called(wire: &mut Wire, oid: u32, arguments: &[&str]) -> Result<String> {
    let count = u16::try_from(arguments.len())?;
    let mut body = oid.to_be_bytes().to_vec();
    body.extend([0, 0]);
    body.extend(count.to_be_bytes());
    for argument in arguments {
        body.extend(u32::try_from(argument.len())?.to_be_bytes());
        body.extend(argument.as_bytes());
    }
    body.extend([0, 0]);
    wire.tagged('F', &body)?;
    let answers = wire.until('Z')?;
    if let Some(error) = sqlstate(&answers) {
        return Ok(error);
    }
    let value = answers.iter().find(|message| message.tag == 'V');
    let value = value
        .context("no result")?
        .body
        .get(4..)
        .unwrap_or_default();
    Ok(String::from_utf8(value.to_vec())?)
}

/// The OID of a function of the database's own.
fn oid(stage: &Stage, function: &str) -> Result<u32> {
    let oid = stage
        .database
        .sql(&format!("SELECT '{function}'::regproc::oid"))?;
    Ok(oid.trim().parse()?)
}

#[test]
fn a_function_call_takes_the_rules_of_the_select_that_it_stands_for() -> Result<()> {
    let setting = Setting::default()
        .rule("{ name: shouts, groups: [clerks], allow: [{ functions: [public.shout] }] }");
    let masking = vec!["exempt: [{ groups: [clerks] }]".to_owned()];
    let stage = Stage::with(Setting { masking, ..setting })?;
    let (shout, headcount) = (oid(&stage, "shout")?, oid(&stage, "headcount")?);
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    // int4pl: harmless, as it is in a statement.
    assert_eq!(called(&mut wire, 177, &["20", "22"])?, "42");
    for (oid, arguments) in [
        (3826, &["PG_VERSION"][..]),
        (2078, &["search_path", "pg_temp", "f"]),
        (2923, &["SELECT * FROM payroll", "t", "f", ""]),
        (shout, &["me"]),
        (headcount, &[]),
        (4_000_000_000, &[]),
    ] {
        assert_eq!(called(&mut wire, oid, arguments)?, "42501", "{oid}");
    }
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["clerks"])?)?;
    assert_eq!(called(&mut wire, shout, &["me"])?, "ME!");
    assert_eq!(called(&mut wire, headcount, &[])?, "42501");
    Ok(())
}

#[test]
fn large_objects_are_read_and_written_as_drivers_do() -> Result<()> {
    let setting = Setting::default().rule(
        "{ name: objects, groups: [clerks], allow: [{ functions: [pg_catalog.lo_creat, \
         pg_catalog.lo_open, pg_catalog.lowrite, pg_catalog.lo_lseek, pg_catalog.loread] }] }",
    );
    let masking = vec!["exempt: [{ groups: [clerks] }]".to_owned()];
    let stage = Stage::with(Setting { masking, ..setting })?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["clerks"])?)?;
    wire.query("BEGIN")?;
    wire.until('Z')?;
    let object = called(&mut wire, 957, &["-1"])?;
    let descriptor = called(&mut wire, 952, &[&object, "393216"])?;
    assert_eq!(called(&mut wire, 955, &[&descriptor, "hello there"])?, "11");
    assert_eq!(called(&mut wire, 956, &[&descriptor, "6", "0"])?, "6");
    assert_eq!(
        called(&mut wire, 954, &[&descriptor, "5"])?,
        "\\x7468657265"
    );
    // lo_unlink is on no list; a denial fails the transaction.
    assert_eq!(called(&mut wire, 964, &[&object])?, "42501");
    assert_eq!(called(&mut wire, 954, &[&descriptor, "5"])?, "25P02");
    Ok(())
}
