//! Statements of every kind, and what a denial leaves behind.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wire::{Wire, sqlstate};

const PIPELINE: &str = include_str!("../../python/pipeline.py");
const PREPARED: &str = include_str!("../../python/prepared.py");

#[test]
fn the_statements_of_a_query_run_all_or_none() -> Result<()> {
    let stage = Stage::start()?;
    let clerk = stage.agent(&["clerks"])?;
    let error = clerk.error("INSERT INTO invoices VALUES (1, 1, 1); SELECT * FROM payroll")?;
    says(&error, &["42501", "payroll"]);
    let error = clerk.error("INSERT INTO invoices VALUES (1, 1, 1); COMMIT; DROP TABLE payroll")?;
    says(&error, &["42501"]);
    assert_eq!(
        stage
            .database
            .sql("SELECT count(*) FROM invoices WHERE id = 1")?,
        "0"
    );
    let both = "INSERT INTO invoices VALUES (1, 1, 1); SELECT count(*) FROM invoices";
    assert_eq!(clerk.query(both)?, "INSERT 0 1\n4");
    // Nothing, and nothing but a comment, are statements too.
    assert_eq!(clerk.query(" ; ")?, "");
    assert_eq!(clerk.query("-- SELECT * FROM payroll")?, "");
    Ok(())
}

#[test]
fn a_denial_inside_a_transaction_fails_it() -> Result<()> {
    let stage = Stage::start()?;
    let said = stage.agent(&["clerks"])?.session(&[
        "BEGIN;",
        "INSERT INTO invoices VALUES (1, 1, 1);",
        "SELECT * FROM payroll;",
        "SELECT count(*) FROM invoices;",
        "COMMIT;",
        "SELECT 'rows: ' || count(*) FROM invoices;",
    ])?;
    says(
        &said,
        &["ERROR:  42501: ", "ERROR:  25P02: ", "ROLLBACK", "rows: 3"],
    );
    Ok(())
}

#[test]
fn a_savepoint_survives_a_denial() -> Result<()> {
    let stage = Stage::start()?;
    let said = stage.agent(&["clerks"])?.session(&[
        "BEGIN;",
        "INSERT INTO invoices VALUES (1, 1, 1);",
        "SAVEPOINT before;",
        "SELECT * FROM payroll;",
        "ROLLBACK TO before;",
        "INSERT INTO invoices VALUES (2, 1, 1);",
        "COMMIT;",
        "SELECT 'rows: ' || count(*) FROM invoices;",
    ])?;
    says(&said, &["ERROR:  42501: ", "COMMIT", "rows: 5"]);
    never(&said, &["25P02"]);
    Ok(())
}

#[test]
fn a_denial_inside_a_pipeline_commits_nothing_of_it() -> Result<()> {
    let stage = Stage::start()?;
    let printed = stage
        .python(&stage.token(&["clerks"])?, PIPELINE)
        .run()?
        .ok()?;
    assert_eq!(
        printed,
        "denied 42501 No rule allows it.\nleft 0\ncommitted 2\n"
    );
    Ok(())
}

#[test]
fn a_prepared_statement_is_decided_at_every_execution() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut client = stage
        .python(&stage.token(&["insights"])?, PREPARED)
        .spawn()?;
    client.write("first\n")?;
    client.wait_for("first [('Ada Lindgren', 'a***@e***.com')", SOON)?;
    stage.edit(|setting| {
        setting.rules = vec![
            "{ name: less, groups: [insights], allow: [{ select: [public.invoices] }] }".to_owned(),
        ];
    })?;
    client.write("second\n")?;
    client.wait_for("second 42501 ", SOON)?;
    stage.edit(|setting| *setting = Setting::default())?;
    client.write("third\n")?;
    client.wait_for("third [('Ada Lindgren', 'a***@e***.com')", SOON)?;
    client.close_stdin();
    assert!(client.wait(SOON)?.success());
    Ok(())
}

#[test]
fn sql_prepare_is_as_good_as_a_prepared_statement() -> Result<()> {
    let stage = Stage::start()?;
    let said = stage.agent(&["insights"])?.session(&[
        "PREPARE good(int) AS SELECT name FROM customers WHERE id = $1;",
        "EXECUTE good(2);",
        "PREPARE bad AS SELECT * FROM payroll;",
        "EXECUTE bad;",
        "DEALLOCATE good;",
        "EXECUTE good(3);",
    ])?;
    says(
        &said,
        &["Bela Okafor", "ERROR:  42501: ", "ERROR:  26000: "],
    );
    never(&said, &["Edda", "Chen"]);
    Ok(())
}

#[test]
fn a_syntax_error_is_postgresql_s_own() -> Result<()> {
    let stage = Stage::start()?;
    let error = stage
        .agent(&["insights"])?
        .error("SELECT name FROM customers WHER id = 1")?;
    says(&error, &["ERROR:  42601: syntax error at or near \"id\""]);
    says(
        &error,
        &["LINE 1: SELECT name FROM customers WHER id = 1", "^"],
    );
    let directly = stage.database.server().psql(stage.database.name());
    let directly = directly.error("SELECT name FROM customers WHER id = 1")?;
    let caret = |text: &str| text.lines().find_map(|line| line.find('^'));
    assert_eq!(caret(&error), caret(&directly));
    Ok(())
}

#[test]
fn copy_goes_both_ways_where_it_may() -> Result<()> {
    let stage = Stage::start()?;
    let clerk = stage.agent(&["clerks"])?;
    let file = stage.path("rows.csv");
    std::fs::write(&file, "1,1,10.00,from a file\n2,1,20.00,\n")?;
    let (file, out) = (
        file.display().to_string(),
        stage.path("out.csv").display().to_string(),
    );
    clerk
        .run(&[&format!("\\copy invoices FROM '{file}' CSV")])?
        .ok()?;
    assert_eq!(
        stage
            .database
            .sql("SELECT sum(amount) FROM invoices WHERE id < 3")?,
        "30.00"
    );
    clerk
        .run(&[&format!(
            "\\copy (SELECT id, note FROM invoices ORDER BY id LIMIT 1) TO '{out}' CSV"
        )])?
        .ok()?;
    assert_eq!(std::fs::read_to_string(&out)?, "1,from a file\n");
    for statement in [
        format!("\\copy payroll TO '{out}'"),
        format!("\\copy customers FROM '{file}' CSV"),
        "COPY invoices TO '/tmp/narrowgate-stolen'".to_owned(),
        "COPY invoices TO PROGRAM 'cat'".to_owned(),
        "COPY invoices FROM '/etc/passwd'".to_owned(),
    ] {
        says(&clerk.error(&statement)?, &["42501"]);
    }
    Ok(())
}

#[test]
fn notifications_reach_those_who_may_listen() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: talk, groups: [insights], allow: [{ actions: [listen, notify] }] }"),
    )?;
    let clerk = stage.agent(&["clerks"])?;
    says(&clerk.error("LISTEN news")?, &["42501"]);
    says(&clerk.error("NOTIFY news, 'x'")?, &["42501"]);
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    connection.execute("LISTEN news")
    print("listening", flush=True)
    for notify in connection.notifies(timeout=20, stop_after=1):
        print("heard", notify.channel, flush=True)
"#;
    let mut listener = stage.python(&stage.token(&["insights"])?, script).spawn()?;
    listener.wait_for("listening", SOON)?;
    stage.agent(&["insights"])?.query("NOTIFY news, 'hello'")?;
    listener.wait_for("heard news", SOON)
}

#[test]
fn cursors_fetch_what_was_decided() -> Result<()> {
    let stage = Stage::start()?;
    let said = stage.agent(&["insights"])?.session(&[
        "BEGIN;",
        "DECLARE names CURSOR FOR SELECT name FROM customers ORDER BY id;",
        "FETCH 2 FROM names;",
        "MOVE 1 FROM names;",
        "CLOSE names;",
        "COMMIT;",
        "BEGIN;",
        "DECLARE secrets CURSOR FOR SELECT * FROM payroll;",
        "FETCH ALL FROM secrets;",
        "ROLLBACK;",
    ])?;
    says(&said, &["Ada Lindgren\nBela Okafor", "ERROR:  42501: "]);
    never(&said, &["Chen", "Edda"]);
    Ok(())
}

#[test]
fn statements_of_object_relational_mappers_are_deep_and_work() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    let sum = ["1"; 2000].join(" + ");
    assert_eq!(agent.query(&format!("SELECT {sum}"))?, "2000");
    let joins: String = (0..70)
        .map(|n| format!(" JOIN invoices i{n} USING (id)"))
        .collect();
    let settings = "SET enable_hashjoin = on";
    let join = format!("SELECT count(*) FROM invoices i{joins}");
    assert_eq!(
        agent.clone().env("PGOPTIONS", "-c geqo=on").query(&join)?,
        "3"
    );
    let parentheses = format!("SELECT {}1{}", "(".repeat(500), ")".repeat(500));
    assert_eq!(agent.query(&parentheses)?, "1");
    // What no parser survives is refused, and the gateway survives it.
    let bomb = format!("SELECT {}1{}", "(".repeat(200_000), ")".repeat(200_000));
    let mut client = agent.clone().arg("-At").spawn()?;
    client.write(&format!("{bomb};\nSELECT 'alive';\n{settings};\n"))?;
    client.close_stdin();
    client.wait_for("ERROR", SOON)?;
    client.wait(SOON)?;
    assert_eq!(agent.query("SELECT count(*) FROM customers")?, "3");
    Ok(())
}

#[test]
fn a_catalog_that_only_this_transaction_sees_is_not_guessed_at() -> Result<()> {
    let stage = Stage::with(Setting::default().rule(
        "{ name: renames, groups: [operators], allow: [{ actions: [alter], objects: [public.archive] }] }",
    ))?;
    let said = stage.agent(&["operators"])?.session(&[
        "BEGIN;",
        "ALTER TABLE archive RENAME COLUMN note TO remark;",
        "SELECT remark FROM archive;",
        "ROLLBACK;",
        "SELECT 'note: ' || count(note) FROM archive;",
    ])?;
    // Resolved over this session's own connection, or denied until it ends.
    never(&said, &["42703"]);
    says(&said, &["note: 0"]);
    Ok(())
}

/// A Bind of the portal `p` to the statement `s`, whose parameters are 7 and an empty text.
fn bind(parameters: &[u16], results: &[u16]) -> Vec<u8> {
    let formats = |formats: &[u16]| -> Vec<u8> {
        let count = u16::try_from(formats.len()).unwrap_or_default();
        let all = std::iter::once(count).chain(formats.iter().copied());
        all.flat_map(u16::to_be_bytes).collect()
    };
    let seven: &[u8] = if parameters.first() == Some(&1) {
        b"\0\0\0\x04\0\0\0\x07"
    } else {
        b"\0\0\0\x017"
    };
    let parts: [&[u8]; 6] = [
        b"p\0s\0",
        &formats(parameters),
        b"\0\x02",
        seven,
        b"\0\0\0\0",
        &formats(results),
    ];
    parts.concat()
}

#[test]
fn the_extended_protocol_is_spoken_message_by_message() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    let query = "SELECT $1::int4, $2::text, email, NULL::text FROM customers WHERE id = 1";
    wire.tagged('P', format!("s\0{query}\0\0\0").as_bytes())?;
    wire.tagged('D', b"Ss\0")?;
    // What has come is answered at once, without a Sync.
    wire.tagged('H', b"")?;
    let described: String = wire.until('T')?.iter().map(|message| message.tag).collect();
    assert_eq!(described, "1tT");
    for (parameters, results) in [
        (&[][..], &[][..]),
        (&[0], &[0]),
        (&[0, 0], &[0, 0, 0, 0]),
        (&[1], &[1]),
        (&[1, 0], &[1, 0, 1, 0]),
    ] {
        wire.tagged('B', &bind(parameters, results))?;
        wire.tagged('D', b"Pp\0")?;
        wire.tagged('E', b"p\0\0\0\0\0")?;
        wire.tagged('C', b"Pp\0")?;
        wire.tagged('S', b"")?;
        let answers = wire.until('Z')?;
        let tags: String = answers.iter().map(|message| message.tag).collect();
        assert_eq!(tags, "2TDC3Z", "{answers:?}");
        let seven: &[u8] = match results.first() {
            Some(1) => b"\0\x04\0\0\0\x04\0\0\0\x07",
            _ => b"\0\x04\0\0\0\x017",
        };
        let rest = b"\0\0\0\0\0\0\0\x0da***@e***.com\xff\xff\xff\xff";
        let row = [seven, rest].concat();
        assert!(
            answers.iter().any(|message| message.body == row),
            "{parameters:?} {results:?}: {answers:?}"
        );
    }
    // A closed statement is gone; the unnamed one is replaced by the next.
    wire.tagged('C', b"Ss\0")?;
    wire.tagged('B', &bind(&[], &[]))?;
    wire.tagged('S', b"")?;
    assert_eq!(sqlstate(&wire.until('Z')?).as_deref(), Some("26000"));
    Ok(())
}
