//! Running it: health, metrics, logs, a filter of one's own.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use narrowgate_tests::binary::narrowgate;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::{http, wait, workspace};
use serde_json::{Value, json};

const COUNT: &str = "SELECT count(*) FROM customers";

#[test]
fn health_readiness_and_metrics_are_told() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    agent.query("SELECT count(*) FROM customers")?;
    agent.error("SELECT * FROM payroll")?;
    stage.psql("no-token").error("SELECT 1")?;
    assert_eq!(http::get(stage.admin(), "/healthz")?.status, 200);
    assert_eq!(http::get(stage.admin(), "/readyz")?.status, 200);
    assert_eq!(http::get(stage.admin(), "/nowhere")?.status, 404);
    assert_eq!(
        http::ask(stage.admin(), "POST", "/metrics", None, "")?.status,
        405
    );
    let operations = |verdict: &str| {
        let series =
            format!("narrowgate_operations_total{{target=\"billing\",verdict=\"{verdict}\"}}");
        stage.metric(&series)
    };
    assert_eq!(operations("allowed")?, "1");
    wait::until("the sessions to end", SOON, || {
        let open = stage.metric("narrowgate_sessions{listener=\"tls\"}")?;
        Ok((open == "0").then_some(()))
    })?;
    let metrics = http::get(stage.admin(), "/metrics")?.body;
    says(
        &metrics,
        &[
            "narrowgate_sessions_accepted_total{listener=\"tls\"} 2",
            "narrowgate_sessions_refused_total{listener=\"tls\"",
            "narrowgate_decision_seconds_count 2",
            "narrowgate_catalog_loads_total 1",
            "narrowgate_configuration_generation 1",
        ],
    );
    let head = http::get(stage.admin(), "/metrics")?.head;
    says(&head, &["application/openmetrics-text"]);
    assert!(metrics.ends_with("# EOF\n"));
    assert_eq!(operations("forbidden")?, "1");
    // No text and no value is in a metric.
    never(&metrics, &["payroll", "customers", "Ada"]);
    Ok(())
}

#[test]
fn logs_are_json_where_it_is_wanted_and_hold_no_secret() -> Result<()> {
    let mut stage = Stage::with(Setting::default().section("log: { format: json, level: debug }"))?;
    let token = stage.token(&["insights"])?;
    stage
        .psql(&token)
        .query("SELECT name FROM customers WHERE id = 1")?;
    stage
        .psql(&token)
        .error("SELECT * FROM payroll WHERE secret = 'hush'")?;
    stage.psql("no.token.atall").error("SELECT 1")?;
    stage.gateway().terminate()?;
    let log = stage.gateway().log();
    assert!(log.lines().count() > 3);
    // What is said of an operation is said within it and its session.
    let denied = log.lines().find(|line| line.contains("\"denied\""));
    let denied: Value = serde_json::from_str(denied.unwrap_or_default())?;
    assert_eq!(denied.pointer("/span/name"), Some(&json!("operation")));
    assert_eq!(denied.pointer("/span/action"), Some(&json!("select")));
    assert_eq!(denied.pointer("/spans/0/name"), Some(&json!("session")));
    assert_eq!(denied.pointer("/spans/0/target"), Some(&json!("billing")));
    for line in log.lines() {
        let line: Value = serde_json::from_str(line)?;
        assert!(
            line.get("level").is_some() && line.get("timestamp").is_some(),
            "{line}"
        );
    }
    never(
        &log,
        &[
            &token,
            "the-real-password",
            "hush",
            "Ada Lindgren",
            "no.token.atall",
        ],
    );
    Ok(())
}

#[test]
fn two_gateways_do_not_share_a_state() -> Result<()> {
    let stage = Stage::start()?;
    let config = stage.config();
    let other = config.with_file_name("other.yaml");
    let mut yaml = stage.yaml();
    for address in [stage.tls(), stage.plain(), stage.admin()] {
        let free = narrowgate_tests::ports::free_address()?;
        yaml = yaml.replace(&address.to_string(), &free.to_string());
    }
    fs::write(&other, yaml)?;
    let output = narrowgate(&["run", &other.display().to_string()])?;
    assert!(!output.success());
    says(&output.stderr, &["in use"]);
    Ok(())
}

#[test]
fn an_office_that_is_closed_serves_nobody() -> Result<()> {
    let hours = |from: u64, to: u64, more: &str| -> Result<String> {
        let filter = workspace::filter("office-hours")?;
        Ok(format!(
            "{{ filter: {}, config: {{ from: {from}, to: {to} }}{more} }}",
            filter.display()
        ))
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    // Twelve hours from now, so that no hour that begins meanwhile opens it.
    let from = (now / 3600 + 12) % 24;
    let closed = hours(from, from + 1, ", grants: [clock]")?;
    let mut stage = Stage::with(Setting::default().filter(&closed))?;
    let agent = stage.agent(&["insights"])?;
    let error = agent.error(COUNT)?;
    says(
        &error,
        &[
            "42501",
            "the office is closed",
            "DETAIL:  Rule: office-hours.",
        ],
    );
    says(
        &error,
        &[&format!(
            "HINT:  Come back between {from}:00 and {}:00.",
            from + 1
        )],
    );
    let open = hours(0, 24, ", grants: [clock]")?;
    stage.edit(|setting| setting.filters = vec![open])?;
    assert_eq!(agent.query(COUNT)?, "3");
    // What it was not granted, and hours that are none, are errors of the configuration.
    for (filter, words) in [
        (hours(8, 18, "")?, "clock"),
        (hours(18, 8, ", grants: [clock]")?, "has to be after `from`"),
    ] {
        let setting = Setting::default().filter(&filter);
        let file = stage.path("other.yaml");
        fs::write(&file, stage.yaml_of(&setting))?;
        let checked = stage.narrowgate(&["check", &file.display().to_string()])?;
        assert_eq!(checked.code(), 1, "{filter}");
        says(&checked.stderr, &[words, "other.yaml:"]);
    }
    Ok(())
}

#[test]
fn filters_are_told_the_gateway_s_time_zone() -> Result<()> {
    let filter = workspace::filter("office-hours")?;
    let noon = format!(
        "{{ filter: {}, config: {{ from: 11, to: 14 }}, grants: [clock] }}",
        filter.display()
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let hour = i64::try_from(now / 3600 % 24)?;
    let mut stage = Stage::dark(Database::shared()?, Setting::default().filter(&noon))?;
    // As POSIX has it, a zone's number is what is to be added to its time for UTC.
    stage.start_gateway_in(&format!("HERE{:+}", hour - 12))?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query(COUNT)?, "3");
    stage.gateway().terminate()?;
    stage.start_gateway_in(&format!("THERE{:+}", hour - 18))?;
    says(&agent.error(COUNT)?, &["the office is closed"]);
    Ok(())
}

#[test]
fn a_filter_may_look_at_what_is_copied_in() -> Result<()> {
    let censor = format!(
        "{{ filter: {}, config: {{ word: forbidden }}, grants: [input] }}",
        workspace::hostile_filter("censor")?.display()
    );
    let stage = Stage::with(Setting::default().filter(&censor))?;
    let clerk = stage.agent(&["clerks"])?;
    let said = clerk.session(&[
        "COPY invoices FROM STDIN;",
        "2001\t1\t1\ta # b",
        "2002\t1\t1\tc",
        "\\.",
        "COPY invoices FROM STDIN;",
        "2003\t1\t1\tgood",
        "2004\t1\t1\tforbidden",
        "\\.",
        "SELECT 'still ' || 'there';",
    ])?;
    says(
        &said,
        &[
            "COPY 2",
            "ERROR:  42501: a word that is not copied",
            "DETAIL:  Rule: censor.",
            "still there",
        ],
    );
    let notes = "SELECT string_agg(note, ',' ORDER BY id) FROM invoices WHERE id > 2000";
    assert_eq!(stage.database.sql(notes)?, "a * b,c");
    // What is recorded is what the database got.
    let told = stage.recordings(&["list", "--json"])?.ok()?;
    let told: Value = serde_json::from_str(&told)?;
    let id = told["sessions"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let told = stage.recordings(&["replay", &id])?.ok()?;
    says(&told, &[">> 2001\t1\t1\ta * b"]);
    never(&told, &["a # b", "forbidden\n"]);

    // A value that is too large for a batch is shown in pieces.
    let script = r##"
import os, psycopg
with psycopg.connect(os.environ["DSN"]) as connection:
    try:
        with connection.cursor().copy("COPY invoices FROM STDIN") as copy:
            copy.write(b"3001\t1\t1\t" + b"#" * (20 << 20) + b"\n")
    except psycopg.Error as error:
        print(error)
    connection.commit()
"##;
    stage
        .python(&stage.token(&["clerks"])?, script)
        .run()?
        .ok()?;
    let large = "SELECT note = repeat('*', 20 << 20) FROM invoices WHERE id = 3001";
    assert_eq!(stage.database.sql(large)?, "t");
    Ok(())
}
