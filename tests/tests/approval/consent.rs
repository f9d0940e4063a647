//! What a consent is for, and what it is not for.

use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage, request_id};
use narrowgate_tests::wait;

use crate::{ROWS, TRUNCATE, operator, wait_for_rows};

#[test]
fn a_held_statement_runs_once_when_a_person_consents() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, "DROP TABLE archive;\nSELECT 'after' || 'wards';\n")?;
    let id = request_id(&mut psql, 0)?;
    // The client is told at once, and nothing has happened.
    says(
        &psql.stderr(),
        &[
            "NOTICE:",
            &id,
            "dba",
            "HINT:",
            "narrowgate approvals approve",
        ],
    );
    assert_eq!(stage.database.sql(ROWS)?, "1");

    let request = stage.request(&id)?;
    assert_eq!(request["state"], "pending");
    assert_eq!(request["text"], "DROP TABLE archive;");
    assert_eq!(request["identity"]["subject"], "insights-bot");
    assert_eq!(request["identity"]["issuer"], "agents");
    assert_eq!(request["target"], "billing");
    assert_eq!(request["rule"], "destructive");

    says(&stage.approve(&id)?, &[&id, "approved"]);
    psql.wait_for("DROP TABLE", SOON)?;
    psql.wait_for("afterwards", SOON)?;
    assert_eq!(
        stage
            .database
            .sql("SELECT to_regclass('archive') IS NULL")?,
        "t"
    );
    assert_eq!(stage.state(&id)?, "used");
    Ok(())
}

#[test]
fn the_second_time_it_is_held_anew() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let first = request_id(&mut psql, 0)?;
    stage.approve(&first)?;
    psql.wait_for("TRUNCATE TABLE", SOON)?;
    wait_for_rows(&stage, "0")?;

    stage
        .database
        .sql("INSERT INTO archive VALUES (18, 1, 1, NULL)")?;
    psql.write(TRUNCATE)?;
    let second = request_id(&mut psql, 1)?;
    assert_ne!(first, second);
    // A consent that was used is not consent.
    let dana = stage.person("dana", &["dba"])?;
    assert!(!stage.approvals(&dana, &["approve", &first])?.success());
    assert_eq!(stage.database.sql(ROWS)?, "1");
    stage
        .approvals(&dana, &["deny", &second, "--comment", "not today"])?
        .ok()?;
    psql.wait_for("not today", SOON)?;
    says(&psql.stderr(), &["ERROR:  42501: ", &second, "denied"]);
    assert_eq!(stage.database.sql(ROWS)?, "1");
    assert_eq!(stage.state(&second)?, "denied");
    Ok(())
}

#[test]
fn a_consent_may_last_for_repetitions_until_it_is_revoked() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .holds(&["{ name: for-a-while, actions: [truncate], approvers: [dba], grant: 10m }"]),
    )?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.approve(&id)?;
    wait_for_rows(&stage, "0")?;
    let agent = stage.agent(&["operators"])?;
    says(
        &agent.run(&["TRUNCATE archive;"])?.stdout,
        &["TRUNCATE TABLE"],
    );
    // Another text is another operation.
    let mut other = operator(&stage, "TRUNCATE TABLE archive;\n")?;
    assert_ne!(request_id(&mut other, 0)?, id);
    // Somebody else's is another one as well.
    let token = stage
        .agents
        .token("other-bot")?
        .groups(&["operators"])
        .sign()?;
    let mut stranger = stage.psql(&token).spawn()?;
    stranger.write(TRUNCATE)?;
    assert_ne!(request_id(&mut stranger, 0)?, id);

    let dana = stage.person("dana", &["dba"])?;
    stage.approvals(&dana, &["revoke", &id])?.ok()?;
    let mut again = operator(&stage, TRUNCATE)?;
    assert_ne!(request_id(&mut again, 0)?, id);
    Ok(())
}

#[test]
fn parameters_are_part_of_what_is_consented_to() -> Result<()> {
    let stage =
        Stage::with(Setting::default().holds(&[
            "{ name: deletes, actions: [delete], approvers: [dba], on_disconnect: keep }",
        ]))?;
    let script = r#"
import os, sys, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    connection.add_notice_handler(lambda notice: print(notice.message_primary, flush=True))
    for line in sys.stdin:
        try:
            done = connection.execute("DELETE FROM invoices WHERE id = %t", [int(line)])
            print("deleted", line.strip(), done.rowcount, flush=True)
        except psycopg.Error as error:
            print(error.sqlstate, error.diag.message_primary, flush=True)
"#;
    let mut client = stage.python(&stage.token(&["clerks"])?, script).spawn()?;
    client.write("1001\n")?;
    let first = request_id(&mut client, 0)?;
    let request = stage.request(&first)?;
    assert_eq!(request["text"], "DELETE FROM invoices WHERE id = $1");
    says(&request["parameters"].to_string(), &["1001"]);
    stage.approve(&first)?;
    client.wait_for("deleted 1001 1", SOON)?;
    client.write("1002\n")?;
    let second = request_id(&mut client, 1)?;
    assert_ne!(first, second);
    assert_eq!(
        stage
            .database
            .sql("SELECT count(*) FROM invoices WHERE id = 1002")?,
        "1"
    );
    Ok(())
}

#[test]
fn what_was_approved_is_what_the_names_stood_for() -> Result<()> {
    let stage = Stage::with(Setting::default().holds(&[
        "{ name: destructive, actions: [truncate], approvers: [dba], on_disconnect: keep }",
    ]))?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    // While people decide, another table takes the name.
    stage.database.sql(
        "ALTER TABLE archive RENAME TO older; CREATE TABLE archive (LIKE older); \
         ALTER TABLE archive OWNER TO gateway; INSERT INTO archive SELECT * FROM older",
    )?;
    std::thread::sleep(Duration::from_millis(1500));
    stage.approve(&id)?;
    psql.write("SELECT 'go' || 'ne on';\n")?;
    // Held anew, or refused: the consent was for the other table.
    wait::until("the end of the wait", SOON, || {
        let printed = format!("{}{}", psql.stdout(), psql.stderr());
        let anew = printed.matches("NOTICE").count() > 1;
        Ok((anew || printed.contains("ERROR") || printed.contains("gone on")).then_some(()))
    })?;
    assert_eq!(stage.database.sql(ROWS)?, "1");
    assert_eq!(stage.database.sql("SELECT count(*) FROM older")?, "1");
    Ok(())
}

#[test]
fn a_right_that_is_lost_while_waiting_stays_lost() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.edit(|setting| setting.rules.retain(|rule| !rule.contains("tidy")))?;
    stage.approve(&id)?;
    psql.wait_for("ERROR:  42501: ", SOON)?;
    assert_eq!(stage.database.sql(ROWS)?, "1");
    Ok(())
}

#[test]
fn a_transaction_that_has_written_does_not_wait_for_people() -> Result<()> {
    let stage = Stage::with(
        Setting::default().holds(&["{ name: deletes, actions: [delete], approvers: [dba] }"]),
    )?;
    let said = stage.agent(&["clerks"])?.session(&[
        "BEGIN;",
        "INSERT INTO invoices VALUES (1, 1, 1);",
        "DELETE FROM invoices WHERE id = 1001;",
        "COMMIT;",
    ])?;
    says(
        &said,
        &["ERROR:  42501: ", "already written", "HINT:", "ROLLBACK"],
    );
    assert_eq!(stage.requests("pending")?.len(), 0);
    assert_eq!(stage.database.sql("SELECT count(*) FROM invoices")?, "3");
    Ok(())
}
