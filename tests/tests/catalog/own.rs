//! Definitions that the session itself changes, and objects that only it has.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Setting, Stage};

/// Operators define what they like, for all and for themselves, and are masked; staff of
/// theirs runs code and is not.
const RULES: [&str; 2] = [
    "{ name: makes, groups: [operators], allow: [{ actions: [create, alter, drop], objects: \
     ['public.*', 'pg_temp.*'] }, { select: ['public.*', 'pg_temp.*'], insert: ['public.*', \
     'pg_temp.*'], copy: ['pg_temp.*'] }] }",
    "{ name: runs, groups: [clerks], allow: [{ actions: [do, creates_code] }, { actions: [create], \
     objects: ['public.*'] }, { select: ['public.*', 'pg_temp.*'], insert: ['pg_temp.*'] }] }",
];

fn stage() -> Result<Stage> {
    let held = ["{ name: none, actions: [truncate], approvers: [dba], wait: 1m }"];
    let mut setting = Setting::default().holds(&held);
    for rule in RULES {
        setting = setting.rule(rule);
    }
    setting
        .masking
        .push("exempt: [{ groups: [clerks] }]".to_owned());
    Stage::with(setting)
}

#[test]
fn a_migration_runs_in_a_transaction() -> Result<()> {
    let stage = stage()?;
    let said = stage.agent(&["operators"])?.arg("-At").session(&[
        "BEGIN;",
        "CREATE TABLE made (id int PRIMARY KEY, name text);",
        "INSERT INTO made VALUES (1, 'first');",
        "SAVEPOINT before;",
        "ALTER TABLE made RENAME COLUMN name TO label;",
        "SELECT 'label ' || label FROM made;",
        "ROLLBACK TO SAVEPOINT before;",
        "SELECT 'name ' || name FROM made;",
        "CREATE VIEW shown AS SELECT id, label AS what FROM (SELECT id, name AS label FROM made) m;",
        "SELECT what, 'in the view' FROM shown WHERE id = 1;",
        "COMMIT;",
        "SELECT 'after ' || name FROM made;",
        "SELECT what, 'later' FROM shown WHERE id = 1;",
        "BEGIN; DROP VIEW shown; DROP TABLE made; ROLLBACK;",
        "SELECT 'still ' || name FROM made;",
    ])?;
    never(&said, &["ERROR"]);
    says(
        &said,
        &[
            "label first",
            "name first",
            "first|in the view",
            "after first",
            "first|later",
            "still first",
        ],
    );
    Ok(())
}

#[test]
fn two_columns_that_swap_their_names_are_told_apart() -> Result<()> {
    let stage = stage()?;
    stage.database.sql(
        "CREATE TABLE pairs (a text, b text); INSERT INTO pairs VALUES ('was a', 'was b');
         ALTER TABLE pairs OWNER TO gateway",
    )?;
    let mut other = stage.agent(&["operators"])?.arg("-At").spawn()?;
    let said = stage.agent(&["operators"])?.arg("-At").session(&[
        "SELECT 'first ' || a, a FROM pairs;",
        "BEGIN;",
        "ALTER TABLE pairs RENAME COLUMN a TO c;",
        "ALTER TABLE pairs RENAME COLUMN b TO a;",
        "ALTER TABLE pairs RENAME COLUMN c TO b;",
        "SELECT 'inside ' || a, a, b FROM pairs;",
        "ROLLBACK;",
        "SELECT 'outside ' || a, a, b FROM pairs;",
    ])?;
    never(&said, &["ERROR"]);
    says(
        &said,
        &[
            "first was a|was a",
            "inside was b|was b|was a",
            "outside was a|was a|was b",
        ],
    );
    other.write("SELECT 'others ' || a, a FROM pairs;\n")?;
    other.wait_for("others was a|was a", SOON)?;
    // Where a mask is on a column, it does not come to another name.
    let said = stage.agent(&["operators"])?.session(&[
        "BEGIN;",
        "ALTER TABLE customers RENAME COLUMN email TO name2;",
        "SELECT name2 FROM customers;",
        "ROLLBACK;",
    ])?;
    says(&said, &["42501: column public.customers.email is masked"]);
    never(&said, &["ada.lindgren"]);
    Ok(())
}

#[test]
fn temporary_tables_are_the_session_s_own() -> Result<()> {
    let stage = stage()?;
    let mut one = stage.agent(&["operators"])?.arg("-At").spawn()?;
    one.write("CREATE TEMP TABLE scratch (id int, who text);\n")?;
    one.write("INSERT INTO scratch VALUES (1, 'mine'), (2, 'too');\n")?;
    one.write("SELECT who, 'read' FROM scratch WHERE id = 1;\n")?;
    one.wait_for("mine|read", SOON)?;
    one.write(
        "COPY scratch FROM STDIN;\n3\tcopied\n\\.\nSELECT who, 'got' FROM scratch WHERE id = 3;\n",
    )?;
    one.wait_for("copied|got", SOON)?;
    // The very same text means nothing to anybody else.
    let other = stage.agent(&["operators"])?;
    says(
        &other.error("SELECT who, 'read' FROM scratch WHERE id = 1;")?,
        &["42501"],
    );
    // Others go on defining, and it still means the same here.
    other.query("CREATE TABLE beside (id int)")?;
    one.write("SELECT who, 'again' FROM scratch s WHERE NOT EXISTS (SELECT FROM beside b WHERE b.id = s.id) AND id = 2;\n")?;
    one.wait_for("too|again", SOON)?;
    // What it is made of is gone with it.
    one.write("BEGIN; CREATE TEMP TABLE brief (id int) ON COMMIT DROP; COMMIT;\n")?;
    one.write("SELECT id, 'brief' FROM brief;\n")?;
    one.write("BEGIN; CREATE TEMP TABLE undone (id int); ROLLBACK; SELECT id FROM undone;\n")?;
    one.write(
        "DROP TABLE scratch;\nSELECT who, 'dropped' FROM scratch;\nSELECT 'the ' || 'end';\n",
    )?;
    one.wait_for("the end", SOON)?;
    let said = format!("{}{}", one.stdout(), one.stderr());
    for name in ["brief", "undone", "scratch"] {
        says(
            &said,
            &[&format!("{name} is not allowed, or does not exist")],
        );
    }
    never(&said, &["|brief", "|dropped"]);
    Ok(())
}

#[test]
fn a_temporary_table_shadows_nothing() -> Result<()> {
    let stage = stage()?;
    let said = stage.agent(&["operators"])?.arg("-At").session(&[
        "CREATE TEMP TABLE customers (id int, email text);",
        "INSERT INTO pg_temp.customers VALUES (1, 'of the temporary one');",
        "SELECT email, 'plain' FROM customers WHERE id = 1;",
        "SELECT email, 'named' FROM pg_temp.customers;",
        // Neither for the gateway itself, when it asks what names mean.
        "CREATE TEMP TABLE pg_class (oid oid, relname name, relnamespace oid, relkind \"char\");",
        "CREATE TEMP TABLE pg_attribute (attrelid oid, attname name, attnum int2);",
        "CREATE TEMP TABLE last (id int);",
        "SELECT email, 'behind' FROM public.customers WHERE id = 2;",
        "BEGIN;",
        "ALTER TABLE archive ADD COLUMN more text;",
        "SELECT email, 'within' FROM customers WHERE id = 3;",
        "SELECT email, 'beside' FROM pg_temp.customers;",
        "COMMIT;",
        "CREATE TEMP VIEW pg_proc AS SELECT id, name AS email FROM public.customers;",
        "SELECT email, 'viewed' FROM pg_temp.pg_proc WHERE id = 1;",
    ])?;
    never(&said, &["ERROR", "ada.lindgren", "bela@", "c.moreau"]);
    says(
        &said,
        &[
            "a***@e***.com|plain",
            "of the temporary one|named",
            "|behind",
            "|within",
            "of the temporary one|beside",
            "Ada Lindgren|viewed",
        ],
    );
    Ok(())
}

#[test]
fn masked_values_do_not_come_into_temporary_tables() -> Result<()> {
    let stage = stage()?;
    let said = stage.agent(&["operators"])?.session(&[
        "CREATE TEMP TABLE stolen AS SELECT email FROM customers;",
        "SELECT email INTO TEMP stolen FROM customers;",
        "CREATE TEMP TABLE kept (id int, email text);",
        "INSERT INTO kept SELECT id, email FROM customers;",
        "CREATE TEMP TABLE fine AS SELECT id, name FROM customers;",
        "SELECT 'fine: ' || count(*) FROM fine;",
        "SELECT 'kept: ' || count(*) FROM kept;",
    ])?;
    assert_eq!(
        said.matches("42501: column public.customers.email").count(),
        3,
        "{said}"
    );
    says(&said, &["fine: 3", "kept: 0"]);
    Ok(())
}

#[test]
fn what_code_has_defined_is_looked_up() -> Result<()> {
    let stage = stage()?;
    let said = stage.agent(&["clerks"])?.arg("-At").session(&[
        "DO $$ BEGIN CREATE TEMP TABLE within (id int); INSERT INTO within VALUES (41); END $$;",
        "SELECT id + 1, 'by code' FROM within;",
        "BEGIN;",
        "DO $$ BEGIN ALTER TABLE archive RENAME COLUMN note TO remark; END $$;",
        "SELECT count(remark), 'renamed' FROM archive;",
        "ROLLBACK;",
        "SELECT count(note), 'back' FROM archive;",
    ])?;
    never(&said, &["ERROR"]);
    says(&said, &["42|by code", "0|renamed", "0|back"]);
    Ok(())
}

#[test]
fn a_transaction_that_keeps_its_first_view_is_not_believed_about_definitions() -> Result<()> {
    let stage = stage()?;
    stage.database.sql(
        "CREATE VIEW shown AS SELECT id, name AS what FROM customers; ALTER VIEW shown OWNER TO gateway",
    )?;
    let mut reader = stage.agent(&["operators"])?.arg("-At").spawn()?;
    reader.write(
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*), 'begun' FROM invoices;\n",
    )?;
    reader.wait_for("3|begun", SOON)?;
    // It does not see rows that come now, but what names mean, it does.
    let definition = "CREATE OR REPLACE VIEW shown AS SELECT id, email AS what FROM customers";
    stage.agent(&["clerks"])?.run(&[definition])?.ok()?;
    reader.write("SELECT what, 'by others' FROM shown WHERE id = 1;\n")?;
    reader.write("CREATE TEMP TABLE mine (id int); SELECT 'made';\n")?;
    reader.write("SELECT count(*), 'temporary' FROM mine;\n")?;
    reader.wait_for("0|temporary", SOON)?;
    reader.write("ALTER TABLE archive ADD COLUMN more text;\nSELECT count(*) FROM archive;\n")?;
    reader.write("ROLLBACK;\nSELECT count(*), 'at rest' FROM archive;\n")?;
    reader.wait_for("1|at rest", SOON)?;
    let said = format!("{}{}", reader.stdout(), reader.stderr());
    never(&said, &["ada.lindgren"]);
    says(&said, &["definitions have changed in this transaction"]);
    Ok(())
}

#[test]
fn a_failed_transaction_is_the_database_s_to_refuse() -> Result<()> {
    let stage = stage()?;
    let said = stage.agent(&["operators"])?.session(&[
        "BEGIN;",
        "CREATE TABLE made (id int);",
        "INSERT INTO made VALUES ('no number');",
        "SELECT id FROM archive;",
        "ROLLBACK; SELECT 'the end: ' || count(*) FROM archive;",
    ])?;
    says(&said, &["22P02", "25P02", "the end: 1"]);
    Ok(())
}

#[test]
fn psycopg_migrates_and_keeps_things_aside() -> Result<()> {
    let stage = stage()?;
    let script = include_str!("../../python/own_catalog.py");
    let said = stage
        .python(&stage.token(&["operators"])?, script)
        .run()?
        .ok()?;
    says(
        &said,
        &[
            "made [('one', 7)]",
            "inside [('one',)]",
            "undone [('one',)]",
            "kept (51, 'n9')",
            "joined [(1001, 'n1'), (1002, 'n2'), (1003, 'n3')]",
            "brief [(3,)]",
            "gone 42501",
            "discarded 42501",
            "stolen 42501",
            "rushed 42501",
        ],
    );
    Ok(())
}

#[test]
fn asyncpg_prepares_what_only_its_session_has() -> Result<()> {
    let stage = stage()?;
    let script = include_str!("../../python/own_asyncpg.py");
    let said = stage
        .python(&stage.token(&["operators"])?, script)
        .run()?
        .ok()?;
    says(
        &said,
        &[
            "kept [(4, 'n4'), (5, 'copied')]",
            "made 9",
            "masked a***@e***.com",
        ],
    );
    Ok(())
}
