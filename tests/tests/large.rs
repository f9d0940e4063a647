//! Values and messages that are too large to be held.

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::wire::{Wire, sqlstate};

/// Values of 9, 17 and 200 MB, twice, once of them masked.
const DOCUMENTS: &str = "CREATE TABLE documents (id int, body text, secret text);
    INSERT INTO documents SELECT mb, repeat('narrowgate', mb * 100000), repeat('a secret! ', mb * 100000)
        FROM unnest(array[9, 17, 200]) mb;
    GRANT SELECT, INSERT ON documents TO gateway";
const READ: &str = "{ name: documents, groups: [insights], allow: [{ select: [public.documents], \
    insert: [public.documents], copy: [public.documents] }, { functions: [pg_catalog.repeat] }] }";
const REDACT: &str = "{ match: public.documents.secret, with: redact }";
const PARTIAL: &str = "{ match: public.documents.secret, with: partial }";

fn stage(mask: &str) -> Result<Stage> {
    let database = Database::shared()?;
    database.sql(DOCUMENTS)?;
    let mut setting = Setting::default().rule(READ);
    setting.masks.push(mask.to_owned());
    Stage::on(database, setting)
}

#[test]
fn a_large_value_streams_with_flat_memory() -> Result<()> {
    let mut stage = stage(REDACT)?;
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    for column in "body", "secret, body", "body, id", "id, secret, body, id":
        for binary in False, True:
            row = connection.execute(f"SELECT {column} FROM documents WHERE id = 200", binary=binary).fetchone()
            print(column, [len(value) if len(str(value)) > 20 else value for value in row])
            assert row[column.split(", ").index("body")] == "narrowgate" * 20_000_000
    with connection.cursor().copy("COPY (SELECT id, body FROM documents WHERE id = 200) TO STDOUT") as copy:
        print(sum(len(piece) for piece in copy))
    print(connection.execute("SELECT 'on' || 'wards'").fetchone()[0])
"#;
    stage
        .agent(&["insights"])?
        .query("SELECT count(*) FROM customers")?;
    let before = stage.gateway().peak_bytes()?;
    let token = stage.token(&["insights"])?;
    let said = stage.python(&token, script).run()?.ok()?;
    let twice = |line: &str| format!("{line}\n{line}\n");
    let expected = [
        twice("body [200000000]"),
        twice("secret, body ['[redacted]', 200000000]"),
        twice("body, id [200000000, 200]"),
        twice("id, secret, body, id [200, '[redacted]', 200000000, 200]"),
        "200000005\nonwards\n".to_owned(),
    ];
    assert_eq!(said, expected.concat());
    let grown = (stage.gateway().peak_bytes()? - before) >> 20;
    assert!(grown < 128, "grew by {grown} MiB");
    assert!(stage.recordings(&["verify"])?.success());
    Ok(())
}

/// What becomes of a statement, in every format; and that the session goes on.
const TRY: &str = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    for statement in os.environ["STATEMENTS"].split(";"):
        for binary in False, True:
            try:
                if statement.startswith("COPY"):
                    with connection.cursor().copy(statement) as copy:
                        rows = [copy.read_row()]
                else:
                    rows = connection.execute(statement, binary=binary).fetchall()
                print([[len(value) if len(str(value)) > 20 else value for value in row] for row in rows])
            except psycopg.Error as error:
                print(error.sqlstate, error.diag.message_primary, "|", error.diag.message_detail)
    print(connection.execute("SELECT 'on' || 'wards'").fetchone()[0])
"#;

fn tried(stage: &Stage, statements: &[&str]) -> Result<String> {
    let token = stage.token(&["insights"])?;
    let script = stage
        .python(&token, TRY)
        .env("STATEMENTS", statements.join(";"));
    script.run()?.ok()
}

#[test]
fn a_value_below_and_above_the_limit_is_shown_and_masked() -> Result<()> {
    let stage = stage(REDACT)?;
    let said = tried(
        &stage,
        &[
            "SELECT id, body FROM documents WHERE id < 20 ORDER BY id",
            "SELECT secret, id, body FROM documents WHERE id < 20 ORDER BY id",
            "SELECT body, secret FROM documents WHERE id = 9",
        ],
    )?;
    let shown = "[[9, 9000000], [17, 17000000]]";
    let masked = "[['[redacted]', 9, 9000000], ['[redacted]', 17, 17000000]]";
    let held = "[[9000000, '[redacted]']]";
    assert_eq!(
        said,
        format!("{shown}\n{shown}\n{masked}\n{masked}\n{held}\n{held}\nonwards\n")
    );
    let listed = stage.recordings(&["list", "--json"])?.ok()?;
    let listed: serde_json::Value = serde_json::from_str(&listed)?;
    let id = listed
        .pointer("/sessions/0/id")
        .and_then(serde_json::Value::as_str);
    let told = stage
        .recordings(&["replay", id.unwrap_or_default()])?
        .ok()?;
    says(
        &told,
        &[
            "65536 bytes of a large value, from byte 65536",
            "  17 | …",
            "[redacted] | 9 | …",
        ],
    );
    assert!(stage.recordings(&["verify"])?.success());
    Ok(())
}

#[test]
fn a_value_that_has_to_be_held_and_is_too_large_fails_its_statement() -> Result<()> {
    let stage = stage(PARTIAL)?;
    let said = tried(
        &stage,
        &[
            "SELECT secret FROM documents WHERE id = 9",
            "SELECT secret FROM documents WHERE id = 17",
            "SELECT body, secret FROM documents WHERE id = 200",
            "COPY (SELECT secret FROM documents WHERE id = 17) TO STDOUT",
        ],
    )?;
    let most = "limits.message_length is 16777216.";
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "[['a***']]");
    for line in &lines[2..4] {
        assert_eq!(
            *line,
            format!(
                "54000 a value is too large to be masked in part | It has 17000000 bytes; {most}"
            )
        );
    }
    for line in &lines[4..6] {
        says(
            line,
            &[
                "54000 a value",
                "is too large to be held | It has 200000000 bytes",
                most,
            ],
        );
    }
    for line in &lines[6..8] {
        says(
            line,
            &[
                "54000 a row of a COPY",
                "is too large to be held | It has 17000006 bytes",
                most,
            ],
        );
    }
    assert_eq!(lines.last(), Some(&"onwards"));
    Ok(())
}

#[test]
fn an_error_that_quotes_a_large_value_is_cut_short() -> Result<()> {
    let stage = stage(PARTIAL)?;
    let said = tried(
        &stage,
        &["SELECT secret::int FROM documents WHERE id = 200"],
    )?;
    says(&said, &["22000 ", "withheld", "onwards"]);
    let said = tried(&stage, &["SELECT repeat('x', 20000000)::int"])?;
    says(
        &said,
        &[
            "22P02 invalid input syntax for type integer: \"xxxx",
            "onwards",
        ],
    );
    assert!(said.len() < 1 << 20);
    Ok(())
}

#[test]
fn a_message_above_the_limit_is_refused_and_the_session_goes_on() -> Result<()> {
    let stage = stage(REDACT)?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    wire.query(&"x".repeat(17 << 20))?;
    assert_eq!(sqlstate(&wire.until('Z')?).as_deref(), Some("54000"));
    // A Bind, and what follows up to Sync is void.
    wire.tagged('P', b"\0SELECT length($1)\0\0\0")?;
    let parameter = vec![b'x'; 17 << 20];
    let length = i32::try_from(parameter.len())?.to_be_bytes();
    let bind = [&b"\0\0\0\0\0\x01"[..], &length, &parameter, b"\0\0"].concat();
    wire.tagged('B', &bind)?;
    wire.tagged('E', b"\0\0\0\0\0")?;
    wire.tagged('S', b"")?;
    let answers = wire.until('Z')?;
    assert_eq!(sqlstate(&answers).as_deref(), Some("54000"));
    let tags: String = answers.iter().map(|message| message.tag).collect();
    assert_eq!(tags, "1EZ");
    let hint = answers.get(1).and_then(|error| error.field('D'));
    says(
        &hint.unwrap_or_default(),
        &["17825804 bytes; limits.message_length is 16777216"],
    );
    wire.query("SELECT 'on' || 'wards'")?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    Ok(())
}

#[test]
fn large_data_goes_up_by_copy_and_large_parameters_up_to_the_limit() -> Result<()> {
    let mut stage = stage(REDACT)?;
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    connection.execute("INSERT INTO documents VALUES (%s, %s)", [1, "p" * 12_000_000])
    pq = connection.pgconn
    pq.exec_(b"COPY documents (id, body) FROM STDIN")
    pq.put_copy_data(b"2\t" + b"c" * 150_000_000 + b"\n3\tsmall\n")
    pq.put_copy_end()
    print(pq.get_result().command_status.decode())
    pq.get_result()
    print(connection.execute("SELECT id, length(body) FROM documents WHERE id < 4 ORDER BY id").fetchall())
"#;
    stage
        .agent(&["insights"])?
        .query("SELECT count(*) FROM customers")?;
    let token = stage.token(&["insights"])?;
    let said = stage.python(&token, script).run()?.ok()?;
    assert_eq!(said, "COPY 2\n[(1, 12000000), (2, 150000000), (3, 5)]\n");
    let peak = stage.gateway().peak_bytes()? >> 20;
    assert!(peak < 200, "{peak} MiB");
    assert!(stage.recordings(&["verify"])?.success());
    Ok(())
}

#[test]
fn sessions_that_have_seen_large_values_keep_nothing_of_them() -> Result<()> {
    let mut stage = stage(REDACT)?;
    let script = r#"
import os, psycopg
connections = []
for _ in range(24):
    connection = psycopg.connect(os.environ["DSN"], autocommit=True)
    connection.execute("INSERT INTO documents VALUES (1, %s)", ["p" * 14_000_000])
    connection.execute("SELECT body FROM documents WHERE id = 9").fetchone()
    connections.append(connection)
print("idle", flush=True)
input()
"#;
    let token = stage.token(&["insights"])?;
    stage
        .agent(&["insights"])?
        .query("SELECT body FROM documents WHERE id = 9")?;
    let before = stage.gateway().resident_bytes()?;
    let mut client = stage.python(&token, script).spawn()?;
    client.wait_for("idle", 3 * SOON)?;
    let grown = stage.gateway().resident_bytes()?.saturating_sub(before) >> 20;
    assert!(grown < 128, "grew by {grown} MiB");
    Ok(())
}

#[test]
fn a_small_limit_leaves_ordinary_messages_alone() -> Result<()> {
    let setting = Setting::default().section("limits: { message_length: 16KiB }");
    let stage = Stage::with(setting)?;
    let said = tried(
        &stage,
        &[
            "SELECT repeat('x', 40000)::int",
            "SELECT 'shown', repeat('x', 200000)",
            "SELECT repeat('x', 200000)::int",
        ],
    )?;
    let lines: Vec<&str> = said.lines().collect();
    says(lines[0], &["22P02 invalid input syntax"]);
    assert_eq!(lines[2], "[['shown', 200000]]");
    says(lines[4], &["22P02 invalid input syntax"]);
    assert_eq!(lines.last(), Some(&"onwards"));
    Ok(())
}
