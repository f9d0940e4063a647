//! The replay of a session is what the client saw: compared with what psql printed.

use anyhow::{Context, Result, ensure};
use narrowgate_tests::process::Signal;
use narrowgate_tests::psql::Psql;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::Wire;

use crate::session_of;

/// Everything is allowed to `admins`, and nothing is masked or held of theirs.
fn open() -> Setting {
    Setting::default()
        .rule("{ name: all, groups: [admins], allow: [{ everything: true }] }")
        .masks(&["{ match: public.payroll.salary, with: redact, except: [admins] }"])
        .holds(&["{ actions: [reindex], approvers: [dba] }"])
}

/// psql as people use it.
fn plain(stage: &Stage, groups: &[&str]) -> Result<Psql> {
    Ok(stage.agent(groups)?.arg("-vVERBOSITY=default"))
}

/// The replay of the newest session of `insights-bot`, once it has ended.
fn replay(stage: &Stage) -> Result<String> {
    wait::until("the end of the session", SOON, || {
        let told = stage
            .recordings(&["replay", &session_of(stage, "insights-bot")?])?
            .ok()?;
        Ok(told.contains("session ends").then_some(told))
    })
}

/// Holds that what psql printed to standard error is in the replay, in its order, and
/// gives how many lines of it there were.
fn same(printed: &str, told: &str) -> Result<usize> {
    const LABELS: [&str; 6] = ["ERROR", "NOTICE", "WARNING", "DETAIL", "HINT", "CONTEXT"];
    let (mut rest, mut found) = (told, 0);
    for line in printed.lines() {
        let Some((label, words)) = line.split_once(":  ") else {
            continue;
        };
        let Some(label) = LABELS.iter().find(|known| label.ends_with(**known)) else {
            continue;
        };
        let at = rest.match_indices(words).map(|(at, _)| at).find(|at| {
            rest[..*at]
                .lines()
                .last()
                .is_some_and(|before| before.contains(label))
        });
        let at = at.with_context(|| format!("{label} {words}\n{printed}\n{told}"))?;
        rest = &rest[at + words.len()..];
        found += 1;
    }
    Ok(found)
}

#[test]
fn errors_and_notices_are_told_in_the_words_that_the_client_saw() -> Result<()> {
    let stage = Stage::with(open())?;
    let printed = plain(&stage, &["admins"])?.session(&[
        "DO $$ BEGIN RAISE NOTICE 'step %', 1 USING DETAIL = 'the detail', HINT = 'the hint'; END $$;",
        "DO $$ BEGIN RAISE EXCEPTION 'no way' USING DETAIL = 'because', HINT = 'retry'; END $$;",
        "SELECT 1/0;",
        "SELECT nothing FROM invoices;",
        "DROP TABLE IF EXISTS never_there;",
        "SELEC 1;",
        "SET client_encoding TO latin1;",
        "EXECUTE never_prepared;",
        "FETCH ALL FROM never_declared;",
    ])?;
    let told = replay(&stage)?;
    let lines = same(&printed, &told)?;
    ensure!(lines >= 14, "{lines}:\n{printed}");
    says(
        &told,
        &[
            "NOTICE 00000: step 1",
            "ERROR P0001: no way",
            "ERROR 22012: division by zero",
        ],
    );
    // The gateway's own refusals are attempts with a decision.
    for refused in [
        "SET client_encoding",
        "EXECUTE never_prepared",
        "FETCH ALL FROM never_declared",
    ] {
        let attempt = told.split(refused).nth(1).context("no attempt")?;
        ensure!(
            attempt
                .lines()
                .nth(1)
                .is_some_and(|line| line.contains("deny")),
            "{refused}\n{told}"
        );
    }
    Ok(())
}

#[test]
fn denials_are_told_with_rule_and_hint() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: no-pay, groups: [insights], deny: [{ select: [public.payroll] }] }"),
    )?;
    let printed = plain(&stage, &["insights"])?.session(&[
        "SELECT * FROM payroll;",
        "DELETE FROM customers;",
        "COMMENT ON TABLE x IS 'y';",
    ])?;
    let told = replay(&stage)?;
    ensure!(same(&printed, &told)? >= 6, "{printed}");
    says(&told, &["ERROR 42501", "DETAIL: Rule: no-pay."]);
    Ok(())
}

#[test]
fn words_that_are_withheld_from_the_client_are_not_recorded() -> Result<()> {
    let stage = Stage::start()?;
    let printed =
        plain(&stage, &["insights"])?.session(&["SELECT (email || name)::int FROM customers;"])?;
    says(&printed, &["ERROR"]);
    let told = replay(&stage)?;
    ensure!(same(&printed, &told)? >= 1, "{printed}");
    never(&told, &["ada.lindgren", "Ada Lindgren"]);
    Ok(())
}

#[test]
fn where_results_are_not_recorded_the_words_of_the_database_are_not_either() -> Result<()> {
    let stage = Stage::with(Setting {
        recording: ", results: false".to_owned(),
        ..open()
    })?;
    let admin = stage.agent(&["admins"])?;
    admin.session(&[
        "SELECT 'secret-' || 'word';",
        "SELECT ('secret-' || 'word')::int;",
        "DO $$ BEGIN RAISE NOTICE '%', 'secret-' || 'word'; END $$;",
        "SELECT FROM never_there",
    ])?;
    let told = replay(&stage)?;
    says(
        &told,
        &[
            "ERROR 22P02: (not recorded)",
            "NOTICE 00000: (not recorded)",
        ],
    );
    never(&told, &["secret-word"]);
    Ok(())
}

#[test]
fn copies_both_ways_are_told() -> Result<()> {
    let stage = Stage::start()?;
    let printed = plain(&stage, &["clerks"])?.session(&[
        "COPY invoices (id, customer_id, amount) FROM STDIN;",
        "2001\t1\t10.5",
        "2002\t2\t20.5",
        "\\.",
        "COPY (SELECT id, customer_id, amount FROM invoices WHERE id > 2000 ORDER BY id) TO STDOUT;",
        "COPY invoices (id, customer_id, amount) FROM STDIN;",
        "2003\tnonsense\t1",
        "\\.",
    ])?;
    let told = replay(&stage)?;
    ensure!(same(&printed, &told)? >= 1, "{printed}");
    says(
        &told,
        &[
            ">> 2001\t1\t10.5",
            ">> 2002\t2\t20.5",
            "COPY 2",
            ">> 2003\tnonsense\t1",
        ],
    );
    let sent_back = told.split("TO STDOUT").nth(1).context("no copy")?;
    for line in printed.lines().filter(|line| line.starts_with("200")) {
        ensure!(sent_back.contains(line), "{line}\n{told}");
    }
    let stage = Stage::with(Setting {
        recording: ", parameters: false".to_owned(),
        ..Setting::default()
    })?;
    plain(&stage, &["clerks"])?.session(&[
        "COPY invoices (id, customer_id, amount) FROM STDIN;",
        "2001\t1\t10.5",
        "\\.",
    ])?;
    never(&replay(&stage)?, &["2001"]);
    Ok(())
}

#[test]
fn notifications_are_told() -> Result<()> {
    let stage = Stage::with(open())?;
    let printed = plain(&stage, &["admins"])?.session(&[
        "LISTEN news;",
        "NOTIFY news, 'hello there';",
        "SELECT 1;",
    ])?;
    let heard = printed
        .lines()
        .find(|line| line.contains("Asynchronous notification"));
    let process = heard.and_then(|line| line.rsplit("PID ").next());
    let process = process.context("nothing heard")?.trim_end_matches('.');
    let told =
        format!("notification on news with payload hello there from server process {process}");
    says(&replay(&stage)?, &[&told]);
    Ok(())
}

#[test]
fn the_result_of_a_function_call_is_told() -> Result<()> {
    let stage = Stage::with(open())?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["admins"])?)?;
    // int4pl, OID 177: 20 + 22, as text.
    let arguments = b"\0\0\0\xb1\0\0\0\x02\0\0\0\x0220\0\0\0\x0222\0\0";
    wire.tagged('F', arguments)?;
    let answers = wire.until('Z')?;
    ensure!(
        answers
            .iter()
            .any(|message| message.body == b"\0\0\0\x0242"),
        "{answers:?}"
    );
    drop(wire);
    let told = replay(&stage)?;
    let (_, result) = told
        .split_once("SELECT pg_catalog.int4pl($1, $2)")
        .context("no call")?;
    says(result, &["$1 = 20", "$2 = 22", "  42"]);
    Ok(())
}

#[test]
fn what_is_not_there_is_an_attempt_too() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    for (tag, body) in [
        ('E', &b"gone\0\0\0\0\0"[..]),
        ('B', b"\0gone\0\0\0\0\0\0\0"),
        ('D', b"Pgone\0"),
    ] {
        wire.tagged(tag, body)?;
        wire.tagged('S', b"")?;
        wire.until('Z')?;
    }
    wire.tagged('Q', b"SELECT '\xff'\0")?;
    wire.until('Z')?;
    drop(wire);
    let told = replay(&stage)?;
    says(
        &told,
        &[
            "Execute of portal \"gone\"",
            "Bind of statement \"gone\"",
            "Describe of portal \"gone\"",
        ],
    );
    says(&told, &["34000", "26000", "22021", "does not exist"]);
    Ok(())
}

#[test]
fn what_runs_or_is_held_when_a_session_ends_has_an_end() -> Result<()> {
    let stage = Stage::with(open())?;
    let mut psql = stage.agent(&["admins"])?.spawn()?;
    psql.write("SELECT pg_sleep(60);\n")?;
    wait::until("the statement to run", SOON, || {
        let count = stage.database.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'",
        )?;
        Ok((count == "1").then_some(()))
    })?;
    psql.signal(Signal::KILL)?;
    let told = replay(&stage)?;
    let (_, end) = told.split_once("pg_sleep(60)").context("no attempt")?;
    says(end, &["cancelled"]);

    let stage = Stage::start()?;
    let mut psql = stage.agent(&["operators"])?.spawn()?;
    psql.write("SELECT 1 AS first \\; TRUNCATE archive;\n")?;
    narrowgate_tests::stage::request_id(&mut psql, 0)?;
    psql.signal(Signal::KILL)?;
    let told = replay(&stage)?;
    let (_, end) = told.split_once("  hold").context("not held")?;
    says(end, &["NOTICE", "skipped", "cancelled"]);
    Ok(())
}
