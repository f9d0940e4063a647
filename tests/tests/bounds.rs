//! What a session may have too much of: rows of a result, memory for what it prepares.

use anyhow::{Context, Result};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{Message, Wire, sqlstate};

/// Of the three invoices and customers no more than two.
const FEW: [&str; 2] = [
    "{ name: few, groups: [insights], allow: [{ select: [public.customers] }], rows: 2 }",
    "{ name: write, groups: [insights], allow: [{ select: [public.invoices], insert: [public.invoices], \
     update: [public.invoices] }], rows: 2 }",
];
const UPDATE: &str = "UPDATE invoices SET note = 'limited' RETURNING id";
const LIMITED: &str = "SELECT count(*) FROM invoices WHERE note = 'limited'";

fn few() -> Result<Stage> {
    Stage::with(Setting::default().rules(&FEW))
}

fn login(stage: &Stage) -> Result<Wire> {
    Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)
}

/// Prepares, binds and executes a statement, and no Sync.
fn run(wire: &mut Wire, sql: &str) -> Result<()> {
    wire.tagged('P', format!("\0{sql}\0\0\0").as_bytes())?;
    wire.tagged('B', b"\0\0\0\0\0\0\0\0")?;
    wire.tagged('E', b"\0\0\0\0\0")
}

/// Types, errors by their SQLSTATE, and what ReadyForQuery says.
fn told(messages: &[Message]) -> String {
    let told = messages.iter().map(|message| match message.tag {
        'E' => format!(" {} ", message.field('C').unwrap_or_default()),
        'Z' => format!("Z{}", String::from_utf8_lossy(&message.body)),
        tag => tag.to_string(),
    });
    told.collect()
}

#[test]
fn too_many_rows_fail_the_transaction_and_the_session_goes_on() -> Result<()> {
    let stage = few()?;
    let said = stage.agent(&["insights"])?.session(&[
        "BEGIN;",
        "UPDATE invoices SET note = 'limited' WHERE id = 1001;",
        "SELECT name FROM customers;",
        "SELECT 'one ' || id FROM customers WHERE id = 1;",
        "COMMIT;",
        "SELECT 'two ' || id FROM customers WHERE id = 2;",
        "BEGIN;",
        "SAVEPOINT before;",
        "SELECT name FROM customers;",
        "ROLLBACK TO before;",
        "UPDATE invoices SET note = 'limited' WHERE id = 1002;",
        "COMMIT;",
    ])?;
    says(
        &said,
        &[
            "ERROR:  53400: ",
            "ERROR:  25P02: ",
            "ROLLBACK",
            "two 2",
            "UPDATE 1\nCOMMIT",
        ],
    );
    assert!(!said.contains("one 1") && !said.contains("FATAL"), "{said}");
    assert_eq!(stage.database.sql(LIMITED)?, "1");
    Ok(())
}

#[test]
fn too_many_rows_are_an_error_of_the_extended_protocol_too() -> Result<()> {
    let stage = few()?;
    let mut wire = login(&stage)?;
    // With its Sync behind it, and one more pipelined behind that.
    for _ in 0..20 {
        wire.query("BEGIN")?;
        wire.until('Z')?;
        run(&mut wire, UPDATE)?;
        wire.tagged('S', b"")?;
        run(&mut wire, "SELECT 1")?;
        wire.tagged('S', b"")?;
        let first = told(&wire.until('Z')?);
        assert!(first.ends_with(" 53400 ZE"), "{first}");
        assert_eq!(told(&wire.until('Z')?), " 25P02 ZE");
        wire.query("COMMIT")?;
        assert_eq!(told(&wire.until('Z')?), "CZI");
    }
    assert_eq!(stage.database.sql(LIMITED)?, "0");
    // Before the Sync is sent: what the pipeline has done is undone with it.
    run(&mut wire, UPDATE)?;
    wire.tagged('H', b"")?;
    let first = told(&wire.until('E')?);
    assert!(first.ends_with(" 53400 "), "{first}");
    run(&mut wire, "SELECT 1")?;
    wire.tagged('S', b"")?;
    assert_eq!(told(&wire.until('Z')?), "ZI");
    assert_eq!(stage.database.sql(LIMITED)?, "0");
    // In the middle of a pipeline: what is behind it does not run.
    run(&mut wire, "SELECT name FROM customers")?;
    run(
        &mut wire,
        "UPDATE invoices SET note = 'limited' WHERE id = 1001",
    )?;
    wire.tagged('S', b"")?;
    let all = told(&wire.until('Z')?);
    assert!(all.ends_with(" 53400 ZI"), "{all}");
    assert_eq!(stage.database.sql(LIMITED)?, "0");
    // A portal that is fetched from.
    wire.query("BEGIN")?;
    wire.until('Z')?;
    wire.tagged('P', b"\0SELECT name FROM customers\0\0\0")?;
    wire.tagged('B', b"\0\0\0\0\0\0\0\0")?;
    for _ in 0..2 {
        wire.tagged('E', b"\0\0\0\0\x02")?;
    }
    wire.tagged('S', b"")?;
    let fetched = told(&wire.until('Z')?);
    assert!(
        fetched.starts_with("12DDs") && fetched.ends_with(" 53400 ZE"),
        "{fetched}"
    );
    wire.query("ROLLBACK")?;
    assert_eq!(told(&wire.until('Z')?), "CZI");
    Ok(())
}

#[test]
fn what_was_carried_out_before_it_could_be_stopped_is_said_to_be() -> Result<()> {
    let stage = few()?;
    let mut wire = login(&stage)?;
    wire.query(UPDATE)?;
    let answers = wire.until('Z')?;
    assert!(told(&answers).ends_with(" 53400 ZI"), "{}", told(&answers));
    let error = answers
        .iter()
        .find(|message| message.tag == 'E')
        .context("no error")?;
    says(
        &error.field('D').unwrap_or_default(),
        &["was carried out", "stays"],
    );
    assert_eq!(stage.database.sql(LIMITED)?, "3");
    // A mere query has changed nothing.
    wire.query("SELECT name FROM customers")?;
    let answers = wire.until('Z')?;
    let error = answers
        .iter()
        .find(|message| message.tag == 'E')
        .context("no error")?;
    assert_eq!(error.field('D'), None);
    wire.query("SELECT 'on' || 'wards'")?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    Ok(())
}

#[test]
fn a_portal_may_be_executed_again_behind_its_end() -> Result<()> {
    let stage = few()?;
    let mut wire = login(&stage)?;
    run(&mut wire, "SELECT name FROM customers WHERE id < 3")?;
    wire.tagged('E', b"\0\0\0\0\0")?;
    wire.tagged('S', b"")?;
    assert_eq!(told(&wire.until('Z')?), "12DDCCZI");
    run(
        &mut wire,
        "UPDATE invoices SET note = 'limited' WHERE id = 1001",
    )?;
    wire.tagged('E', b"\0\0\0\0\0")?;
    wire.tagged('S', b"")?;
    // As the database has it: it cannot be run anymore.
    assert_eq!(told(&wire.until('Z')?), "12C 55000 ZI");
    assert_eq!(stage.database.sql(LIMITED)?, "0");
    Ok(())
}

#[test]
fn an_idle_portal_ends_with_the_consent_it_was_bound_under() -> Result<()> {
    let setting = Setting::default().holds(&[
        "{ name: peek, objects: [public.customers], approvers: [dba], in_transaction: hold }",
    ]);
    let stage = Stage::with(setting)?;
    let mut wire = login(&stage)?;
    wire.query("BEGIN")?;
    wire.until('Z')?;
    wire.tagged('P', b"\0SELECT name FROM customers\0\0\0")?;
    wire.tagged('B', b"p\0\0\0\0\0\0\0\0")?;
    wire.tagged('E', b"p\0\0\0\0\x01")?;
    wire.tagged('S', b"")?;
    let id = wait::until("a request", SOON, || {
        let requests = stage.requests("pending")?;
        let id = requests
            .first()
            .and_then(|request| request.get("id")?.as_str());
        Ok(id.map(str::to_owned))
    })?;
    stage.approve(&id)?;
    let opened = told(&wire.until('Z')?);
    assert!(opened.ends_with("1N2DsZT"), "{opened}");
    let dana = stage.person("dana", &["dba"])?;
    stage.approvals(&dana, &["revoke", &id])?.ok()?;
    wait::until("the revocation to be heard of", SOON, || {
        Ok((stage.state(&id)? == "revoked").then_some(()))
    })?;
    std::thread::sleep(std::time::Duration::from_millis(200));
    wire.tagged('E', b"p\0\0\0\0\x01")?;
    wire.tagged('S', b"")?;
    assert_eq!(told(&wire.until('Z')?), " 57014 ZE");
    wire.query("ROLLBACK")?;
    assert_eq!(told(&wire.until('Z')?), "CZI");
    wire.query("SELECT 'on' || 'wards'")?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    Ok(())
}

/// Sends a Bind of the statement `s` with one parameter.
fn bind(wire: &mut Wire, portal: &str, parameter: &[u8]) -> Result<()> {
    let length = i32::try_from(parameter.len())?.to_be_bytes();
    let head = format!("{portal}\0s\0\0\0\0\x01");
    wire.tagged(
        'B',
        &[head.as_bytes(), &length, parameter, b"\0\0"].concat(),
    )
}

#[test]
fn a_session_keeps_no_more_than_its_budget_and_goes_on() -> Result<()> {
    let mut stage = Stage::with(Setting::default().section("limits: { session_memory: 8MiB }"))?;
    let mut wire = login(&stage)?;
    let before = stage.gateway().resident_bytes()?;
    let parameter = vec![b'x'; 1 << 20];
    for _ in 0..3 {
        // Portals keep their parameters.
        wire.query("BEGIN")?;
        wire.until('Z')?;
        wire.tagged('P', b"s\0SELECT length($1)\0\0\0")?;
        for n in 0..9 {
            bind(&mut wire, &format!("p{n}"), &parameter)?;
        }
        wire.tagged('S', b"")?;
        assert_eq!(told(&wire.until('Z')?), "12222222 53400 ZE");
        wire.query("ROLLBACK; DEALLOCATE ALL")?;
        assert_eq!(told(&wire.until('Z')?), "CCZI");
        // Statements keep their texts, whether they come by the protocol or in SQL.
        let text = "x".repeat(500_000);
        for n in 0..9 {
            wire.tagged('P', format!("s{n}\0SELECT '{text}'\0\0\0").as_bytes())?;
        }
        wire.tagged('S', b"")?;
        assert_eq!(told(&wire.until('Z')?), "11111111 53400 ZI");
        wire.query("DEALLOCATE ALL")?;
        wire.until('Z')?;
        for n in 0..9 {
            wire.query(&format!("PREPARE s{n} AS SELECT '{text}'"))?;
            assert_eq!(
                told(&wire.until('Z')?),
                if n < 8 { "CZI" } else { " 53400 ZI" }
            );
        }
        wire.query("DEALLOCATE ALL")?;
        wire.until('Z')?;
    }
    // What is only on its way is waited for.
    wire.tagged('P', b"s\0SELECT length($1)\0\0\0")?;
    for _ in 0..50 {
        bind(&mut wire, "", &parameter)?;
        wire.tagged('E', b"\0\0\0\0\0")?;
    }
    wire.tagged('S', b"")?;
    assert_eq!(told(&wire.until('Z')?), format!("1{}ZI", "2DC".repeat(50)));
    let grown = stage.gateway().resident_bytes()?.saturating_sub(before) >> 20;
    assert!(grown < 64, "grew by {grown} MiB");
    Ok(())
}

#[test]
fn names_made_in_sql_are_counted_like_others() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = login(&stage)?;
    for some in 0..10 {
        let prepare = |n: u32| format!("PREPARE s{some}_{n} AS SELECT 1;");
        wire.query(&(0..1000).map(prepare).collect::<String>())?;
        assert_eq!(sqlstate(&wire.until('Z')?), None);
    }
    for one_more in [
        "PREPARE more AS SELECT 1",
        "DECLARE more CURSOR WITH HOLD FOR SELECT 1",
    ] {
        wire.query(one_more)?;
        assert_eq!(told(&wire.until('Z')?), " 53400 ZI");
    }
    wire.tagged('P', b"more\0SELECT 1\0\0\0")?;
    wire.tagged('S', b"")?;
    assert_eq!(told(&wire.until('Z')?), " 53400 ZI");
    for room_again in ["DEALLOCATE ALL", "PREPARE more AS SELECT 1"] {
        wire.query(room_again)?;
        assert_eq!(told(&wire.until('Z')?), "CZI");
    }
    Ok(())
}
