//! Held statements that stand for others, and what people are shown of parameters.

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage, request_id};

/// Deletions are held.
fn deletions() -> Setting {
    Setting::default()
        .holds(&["{ name: deletes, actions: [delete], approvers: [dba], on_disconnect: keep }"])
}

/// Runs statements given as lines, and prints what comes of them.
const CLIENT: &str = r#"
import os, sys, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    connection.add_notice_handler(lambda notice: print(notice.message_primary, flush=True))
    connection.execute("PREPARE gone AS DELETE FROM invoices WHERE id = $1")
    for line in sys.stdin:
        try:
            exec(line)
        except psycopg.Error as error:
            print(error.sqlstate, error.diag.message_primary, flush=True)
"#;

#[test]
fn what_sql_has_prepared_runs_once_people_have_consented() -> Result<()> {
    let stage = Stage::with(deletions())?;
    let mut client = stage.python(&stage.token(&["clerks"])?, CLIENT).spawn()?;
    // The PREPARE alone names what it will do: it is held as well.
    stage.approve(&request_id(&mut client, 0)?)?;
    client.write(concat!(
        "connection.pgconn.exec_prepared(b'gone', [b'1001']).error_message or None; ",
        "print('bound', flush=True)\n"
    ))?;
    stage.approve(&request_id(&mut client, 1)?)?;
    client.wait_for("bound", SOON)?;
    assert_eq!(
        stage
            .database
            .sql("SELECT count(*) FROM invoices WHERE id = 1001")?,
        "0"
    );
    client.write("connection.execute('EXECUTE gone(1002)'); print('executed', flush=True)\n")?;
    stage.approve(&request_id(&mut client, 2)?)?;
    client.wait_for("executed", SOON)?;
    assert_eq!(
        stage
            .database
            .sql("SELECT count(*) FROM invoices WHERE id = 1002")?,
        "0"
    );
    Ok(())
}

#[test]
fn an_execute_behind_its_prepare_runs_in_the_same_query() -> Result<()> {
    let stage =
        Stage::with(Setting::default().holds(&[
            "{ name: deletes, actions: [delete], approvers: [dba], in_transaction: hold }",
        ]))?;
    let mut psql = stage.agent(&["clerks"])?.arg("-At").spawn()?;
    psql.write("PREPARE gone AS DELETE FROM invoices WHERE id = 1003 \\; EXECUTE gone;\n")?;
    stage.approve(&request_id(&mut psql, 0)?)?;
    stage.approve(&request_id(&mut psql, 1)?)?;
    psql.wait_for("DELETE 1", SOON)
}

#[test]
fn parameters_are_shown_in_words_and_bound_with_their_types() -> Result<()> {
    let stage = Stage::with(deletions())?;
    let script = CLIENT.replace("    connection.execute(\"PREPARE", "    #");
    let mut client = stage.python(&stage.token(&["clerks"])?, &script).spawn()?;
    let delete = |id: &str| {
        format!(
            "connection.execute('DELETE FROM invoices WHERE id = %b AND note IS DISTINCT FROM %b', [{id}, 'a\\u202eb'])\n"
        )
    };
    client.write(&delete("1001"))?;
    let first = request_id(&mut client, 0)?;
    let dana = stage.person("dana", &["dba"])?;
    let shown = stage.approvals(&dana, &["show", &first])?.ok()?;
    says(
        &shown,
        &[
            "$1 int2 binary \"1001\"",
            "$2 text binary \"a\\",
            "u{202e}b",
        ],
    );
    stage.approvals(&dana, &["deny", &first])?.ok()?;
    client.wait_for("was denied", SOON)?;
    // The same value as another type is another operation.
    client.write(&delete("psycopg.types.numeric.Int8(1001)"))?;
    let second = request_id(&mut client, 1)?;
    says(
        &stage.approvals(&dana, &["show", &second])?.ok()?,
        &["$1 int8 binary \"1001\""],
    );
    assert_ne!(
        stage.request(&first)?["digest"],
        stage.request(&second)?["digest"]
    );
    Ok(())
}
