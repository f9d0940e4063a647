//! Operations that need a person: held, decided, used once, and never without one.

use std::time::Duration;

use anyhow::{Context, Result};
use narrowgate_tests::http;
use narrowgate_tests::process::{Process, Signal};
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Setting, Stage, request_id};
use narrowgate_tests::wait;
use serde_json::Value;

const TRUNCATE: &str = "TRUNCATE archive;\n";
const ROWS: &str = "SELECT count(*) FROM archive";

/// An operator's psql that has sent a statement.
fn operator(stage: &Stage, statement: &str) -> Result<Process> {
    let mut psql = stage.agent(&["operators"])?.arg("-At").spawn()?;
    psql.write(statement)?;
    Ok(psql)
}

/// Waits until a table is as a statement says.
fn wait_for_rows(stage: &Stage, count: &str) -> Result<()> {
    wait::until("the table to change", SOON, || {
        Ok((stage.database.sql(ROWS)? == count).then_some(()))
    })
}

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
fn nobody_in_time_is_no() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .holds(&["{ name: soon, actions: [truncate], approvers: [dba], wait: 2s }"]),
    )?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.wait_for("ERROR:  57014: ", SOON)?;
    assert_eq!(stage.state(&id)?, "expired");
    let late = stage.approvals(&stage.person("dana", &["dba"])?, &["approve", &id])?;
    assert!(!late.success());
    psql.write("SELECT 'still ' || 'here';\n")?;
    psql.wait_for("still here", SOON)?;
    assert_eq!(stage.database.sql(ROWS)?, "1");
    Ok(())
}

#[test]
fn ctrl_c_withdraws_the_request() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.signal(Signal::INT)?;
    psql.wait_for("ERROR:  57014: ", SOON)?;
    stage.wait_for_state(&id, "cancelled")?;
    let late = stage.approvals(&stage.person("dana", &["dba"])?, &["approve", &id])?;
    assert!(!late.success());
    says(&late.stderr, &["cancelled"]);
    assert_eq!(stage.database.sql(ROWS)?, "1");
    Ok(())
}

#[test]
fn a_client_that_goes_away_withdraws_its_request() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.signal(Signal::KILL)?;
    stage.wait_for_state(&id, "cancelled")
}

#[test]
fn a_request_may_outlive_its_client_and_is_found_again() -> Result<()> {
    let stage = Stage::with(Setting::default().holds(&[
        "{ name: patient, actions: [truncate], approvers: [dba], on_disconnect: keep }",
    ]))?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    psql.signal(Signal::KILL)?;
    psql.wait(SOON)?;
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(stage.state(&id)?, "pending");
    stage.approve(&id)?;
    // The same statement by the same identity finds the consent.
    let said = stage.agent(&["operators"])?.run(&["TRUNCATE archive;"])?;
    says(&said.stdout, &["TRUNCATE TABLE"]);
    assert_eq!(stage.state(&id)?, "used");
    assert_eq!(stage.database.sql(ROWS)?, "0");
    Ok(())
}

#[test]
fn only_people_of_the_groups_decide() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;

    // The requester, whose issuer does not vouch for people.
    let own = stage.token(&["operators"])?;
    assert!(!stage.approvals(&own, &["approve", &id])?.success());
    // Another agent, of whom the issuer says what only the staff's may.
    let minted = stage.agents.token("other-bot")?.groups(&["dba"]).sign()?;
    assert!(!stage.approvals(&minted, &["approve", &id])?.success());
    // A person who is in none of the groups does not even see it.
    let lea = stage.person("lea", &["lead"])?;
    says(
        &stage.approvals(&lea, &["approve", &id])?.stderr,
        &["may see"],
    );
    // A person whose token is no good.
    let old = stage
        .staff
        .token("dana")?
        .groups(&["dba"])
        .expires_in(-120)
        .sign()?;
    says(
        &stage.approvals(&old, &["approve", &id])?.stderr,
        &["token"],
    );
    // Nobody at all.
    let path = format!("/v1/approvals/{id}/approve");
    let answer = http::ask(stage.admin(), "POST", &path, None, "")?;
    assert_eq!(answer.status, 401);
    says(
        &answer.head.to_ascii_lowercase(),
        &["www-authenticate: bearer"],
    );

    assert_eq!(stage.state(&id)?, "pending");
    assert_eq!(stage.database.sql(ROWS)?, "1");
    stage.approve(&id)?;
    wait_for_rows(&stage, "0")
}

#[test]
fn nobody_consents_to_what_they_ask_for() -> Result<()> {
    let setting = Setting::default()
        .rule("{ name: dba, groups: [dba], allow: [{ truncate: [public.archive] }] }");
    let stage = Stage::with(Setting {
        issuers: "agents, staff".to_owned(),
        ..setting
    })?;
    let dana = stage.person("dana", &["dba"])?;
    let mut psql = stage.psql(&dana).spawn()?;
    psql.write(TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    says(
        &stage.approvals(&dana, &["approve", &id])?.stderr,
        &["of their own"],
    );
    assert_eq!(stage.state(&id)?, "pending");
    let dora = stage.person("dora", &["dba"])?;
    stage.approvals(&dora, &["approve", &id])?.ok()?;
    wait_for_rows(&stage, "0")
}

#[test]
fn a_quorum_counts_distinct_people() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .holds(&["{ name: two, actions: [truncate], approvers: [dba, lead], quorum: 2 }"]),
    )?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    let dana = stage.person("dana", &["dba", "lead"])?;
    says(
        &stage.approvals(&dana, &["approve", &id])?.ok()?,
        &["1 of 2"],
    );
    // The same person in two groups, or with two tokens, is one person.
    let again = stage.approvals(&stage.person("dana", &["lead"])?, &["approve", &id])?;
    assert!(!again.success());
    assert_eq!(stage.state(&id)?, "pending");
    assert_eq!(stage.database.sql(ROWS)?, "1");
    let lea = stage.person("lea", &["lead"])?;
    says(
        &stage.approvals(&lea, &["approve", &id])?.ok()?,
        &["approved"],
    );
    wait_for_rows(&stage, "0")
}

#[test]
fn revoking_ends_what_runs_under_the_consent() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: sleeps, groups: [operators], allow: [{ functions: [pg_catalog.pg_sleep] }] }")
            .holds(&["{ name: sleepers, objects: [pg_catalog.pg_sleep], approvers: [dba] }"]),
    )?;
    let mut psql = operator(&stage, "SELECT pg_sleep(60);\n")?;
    let id = request_id(&mut psql, 0)?;
    stage.approve(&id)?;
    let sleepers = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    wait::until("the statement to run", SOON, || {
        Ok((stage.database.sql(sleepers)? == "1").then_some(()))
    })?;
    let dana = stage.person("dana", &["dba"])?;
    stage.approvals(&dana, &["revoke", &id])?.ok()?;
    psql.wait_for("ERROR", SOON)?;
    wait::until("the statement to end", SOON, || {
        Ok((stage.database.sql(sleepers)? == "0").then_some(()))
    })?;
    assert_eq!(stage.state(&id)?, "revoked");
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

#[test]
fn a_restart_loses_no_request_and_no_decision() -> Result<()> {
    let mut stage = Stage::with(Setting::default().section("shutdown: { drain: 0s }"))?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.gateway().terminate()?;
    stage.start_gateway()?;
    // A restart detaches, it does not cancel.
    assert_eq!(stage.state(&id)?, "pending");
    stage.approve(&id)?;
    stage.gateway().terminate()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "approved");
    says(
        &stage
            .agent(&["operators"])?
            .run(&["TRUNCATE archive;"])?
            .stdout,
        &["TRUNCATE TABLE"],
    );
    assert_eq!(stage.state(&id)?, "used");
    Ok(())
}

#[test]
fn a_crash_loses_no_request_and_no_decision() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.gateway().kill()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "pending");
    stage.approve(&id)?;
    stage.gateway().kill()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "approved");
    let mut psql = operator(&stage, TRUNCATE)?;
    psql.wait_for("TRUNCATE TABLE", SOON)?;
    assert_eq!(stage.state(&id)?, "used");
    // What was used before a crash is used after it.
    stage.gateway().kill()?;
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "used");
    let mut psql = operator(&stage, TRUNCATE)?;
    assert_ne!(request_id(&mut psql, 0)?, id);
    Ok(())
}

#[test]
fn what_is_shown_hides_nothing() -> Result<()> {
    let stage = Stage::start()?;
    let trick = "TRUNCATE archive -- \u{202e}evitcani \u{200b}\u{1b}[2J\n;\n";
    let mut psql = operator(&stage, trick)?;
    let id = request_id(&mut psql, 0)?;
    let dana = stage.person("dana", &["dba"])?;
    let shown = stage.approvals(&dana, &["show", &id])?.ok()?;
    says(
        &shown,
        &[
            "TRUNCATE archive -- \\u{202e}evitcani \\u{200b}\\u{1b}[2J",
            "0 of 1",
        ],
    );
    never(&shown, &["\u{202e}", "\u{200b}", "\u{1b}"]);
    let listed = stage.approvals(&dana, &["list"])?.ok()?;
    says(&listed, &[&id, "agents/insights-bot", "billing"]);
    never(&listed, &["\u{202e}", "\u{1b}"]);
    Ok(())
}

#[test]
fn open_requests_are_bounded() -> Result<()> {
    let stage = Stage::with(
        Setting::default().section("approvals: { per_identity_limit: 2, pending_limit: 3 }"),
    )?;
    let mut waiting = Vec::new();
    for n in 0..2 {
        let mut psql = operator(&stage, &format!("TRUNCATE archive /* {n} */;\n"))?;
        request_id(&mut psql, 0)?;
        waiting.push(psql);
    }
    says(
        &stage.agent(&["operators"])?.error("TRUNCATE archive")?,
        &["42501", "too many"],
    );
    let agent = |name: &str| stage.agents.token(name)?.groups(&["operators"]).sign();
    let mut third = stage.psql(&agent("third-bot")?).spawn()?;
    third.write(TRUNCATE)?;
    request_id(&mut third, 0)?;
    says(
        &stage
            .psql(&agent("fourth-bot")?)
            .error("TRUNCATE archive")?,
        &["42501", "too many"],
    );
    Ok(())
}

#[test]
fn a_webhook_is_told_and_signed() -> Result<()> {
    let hook = hook::Hook::start()?;
    let setting = Setting::default().section(&format!(
        "approvals: {{ webhooks: [{{ url: \"{}\", secret: file:gateway.password }}] }}",
        hook.url()
    ));
    let stage = Stage::with(setting)?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    stage.approve(&id)?;
    for state in ["pending", "approved", "used"] {
        let told = hook.wait_for(&id, state)?;
        assert!(
            told.is_signed_with(narrowgate_tests::stage::PASSWORD),
            "{}",
            told.head
        );
    }
    Ok(())
}

#[test]
fn the_api_lists_what_somebody_may_decide_or_has_asked_for() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    let listed = |token: &str| -> Result<Vec<Value>> {
        let answer = http::ask(stage.admin(), "GET", "/v1/approvals", Some(token), "")?;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let list = answer.json()?["approvals"].as_array().cloned();
        list.context("no list")
    };
    assert_eq!(listed(&stage.person("dana", &["dba"])?)?.len(), 1);
    assert_eq!(listed(&stage.token(&["operators"])?)?.len(), 1);
    assert_eq!(listed(&stage.person("lea", &["lead"])?)?.len(), 0);
    let other = stage.agents.token("other-bot")?.sign()?;
    assert_eq!(listed(&other)?.len(), 0);
    let path = format!("/v1/approvals/{id}");
    assert_eq!(
        http::ask(stage.admin(), "GET", &path, Some(&other), "")?.status,
        404
    );
    assert_eq!(
        http::ask(stage.admin(), "GET", &path, None, "")?.status,
        401
    );
    Ok(())
}

/// Somebody who is told by webhook.
mod hook {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::thread;

    use anyhow::Result;
    use narrowgate_tests::stage::SOON;
    use narrowgate_tests::wait;

    /// A listener on a loopback port that takes every delivery.
    pub(super) struct Hook {
        address: SocketAddr,
        deliveries: Arc<Mutex<Vec<Delivery>>>,
    }

    /// A POST as it came.
    #[derive(Debug, Clone)]
    pub(super) struct Delivery {
        pub(super) head: String,
        body: String,
    }

    impl Hook {
        pub(super) fn start() -> Result<Self> {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            let address = listener.local_addr()?;
            let deliveries: Arc<Mutex<Vec<Delivery>>> = Arc::default();
            let kept = deliveries.clone();
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if let Ok(delivery) = take(stream) {
                        kept.lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(delivery);
                    }
                }
            });
            Ok(Self {
                address,
                deliveries,
            })
        }

        pub(super) fn url(&self) -> String {
            format!("http://{}/hook", self.address)
        }

        /// Waits for the delivery about a request that names a state.
        pub(super) fn wait_for(&self, id: &str, state: &str) -> Result<Delivery> {
            wait::until(&format!("{state} of {id}"), SOON, || {
                let deliveries = self
                    .deliveries
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let told = |delivery: &&Delivery| {
                    delivery.body.contains(id) && delivery.body.contains(&format!("\"{state}\""))
                };
                Ok(deliveries.iter().find(told).cloned())
            })
        }
    }

    fn take(mut stream: TcpStream) -> Result<Delivery> {
        stream.set_read_timeout(Some(SOON))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head)?;
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")?;
        Ok(Delivery {
            head,
            body: String::from_utf8(body)?,
        })
    }

    impl Delivery {
        /// Whether `Narrowgate-Signature: t=…,v1=…` is the HMAC-SHA-256 of `t.body`.
        pub(super) fn is_signed_with(&self, secret: &str) -> bool {
            let signature = self.head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("narrowgate-signature")
                    .then(|| value.trim())
            });
            let Some((time, hex)) =
                signature.and_then(|text| text.strip_prefix("t=")?.split_once(",v1="))
            else {
                return false;
            };
            let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
            let signed = format!("{time}.{}", self.body);
            let made =
                jsonwebtoken::crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
            made.is_ok_and(|made| decode(&made).is_some_and(|made| made == hex))
        }
    }

    /// From URL-safe base64 to hexadecimal.
    fn decode(base64: &str) -> Option<String> {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(base64)
            .ok()?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
