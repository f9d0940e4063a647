//! Running it: checks, explanations, health, metrics, logs.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use narrowgate_tests::binary::narrowgate;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::wire::{Wire, sqlstate};
use narrowgate_tests::{http, wait, workspace};
use serde_json::{Value, json};

/// What `narrowgate check` says to the stage's configuration after a change of its text,
/// beside the file itself, where the gateway that runs has left compiled filters.
fn checked(stage: &Stage, from: &str, to: &str) -> Result<(i32, String)> {
    let yaml = stage.yaml();
    assert!(yaml.contains(from), "{from}");
    let file = stage.path("changed.yaml");
    fs::write(&file, yaml.replacen(from, to, 1))?;
    let output = stage.narrowgate(&["check", &file.display().to_string()])?;
    Ok((output.code(), format!("{}{}", output.stdout, output.stderr)))
}

#[test]
fn check_says_what_is_wrong_and_where() -> Result<()> {
    let stage = Stage::start()?;
    let (code, said) = checked(&stage, "admin:", "admin:")?;
    assert_eq!(code, 0, "{said}");
    says(&said, &["valid", "2 listeners", "1 target", "5 filters"]);
    let yaml = stage.yaml();
    let line_of = |part: &str| {
        1 + yaml
            .lines()
            .position(|line| line.contains(part))
            .unwrap_or_default()
    };
    for (from, to, words) in [
        (
            "catalog_refresh: 1s",
            "catalog_refersh: 1s",
            "unknown key `catalog_refersh`; did you mean `catalog_refresh`?",
        ),
        (
            "chain: guarded, allow",
            "chain: gaurded, allow",
            "there is no chain `gaurded`; did you mean `guarded`?",
        ),
        (
            "filter: approval",
            "filter: aproval",
            "did you mean `approval`?",
        ),
        (
            "password: file:gateway.password",
            "password: the-real-password",
            "secrets are never written",
        ),
        (
            "password: file:gateway.password",
            "password: file:nowhere.password",
            "nowhere.password",
        ),
        ("issuers: [agents] }", "issuers: [agnets] }", "agnets"),
        ("wait: 1m", "wait: soon", "a time from 1s to 7d"),
        ("path: $.phone", "path: phone", "path"),
        ("allow: [{ select:", "allow: [{ selct:", "selct"),
    ] {
        let (code, said) = checked(&stage, from, to)?;
        assert_eq!(code, 1, "{to}: {said}");
        // FILE:LINE:COLUMN: MESSAGE, as compilers write it, so that editors jump there.
        let line = line_of(from);
        let place = format!("{}:{line}:", stage.path("changed.yaml").display());
        let rest = said.lines().find_map(|line| line.strip_prefix(&place));
        let (column, message) = rest
            .and_then(|rest| rest.split_once(": "))
            .with_context(|| format!("{to}: no {place} in {said}"))?;
        says(message, &[words]);
        let text = yaml.replacen(from, to, 1);
        let text = text.lines().nth(line - 1).unwrap_or_default();
        let start = text.find(to).with_context(|| text.to_owned())?;
        // At a key that nobody knows, or at its value.
        let column: usize = column.parse()?;
        assert!(
            (start..start + to.len() + 2).contains(&(column - 1)),
            "{column}: {text}"
        );
        never(&said, &["the-real-password"]);
    }
    Ok(())
}

#[test]
fn errors_are_told_to_programs_too() -> Result<()> {
    let stage = Stage::start()?;
    let config = stage.path("changed.yaml").display().to_string();
    let check = || -> Result<(i32, Value)> {
        let output = stage.narrowgate(&["check", "--json", &config])?;
        Ok((output.code(), serde_json::from_str(&output.stdout)?))
    };
    fs::write(&config, stage.yaml())?;
    assert_eq!(check()?, (0, json!({ "valid": true, "errors": [] })));
    let yaml = stage.yaml().replace("catalog_refresh", "catalog_refersh");
    fs::write(
        &config,
        yaml.replace("chain: guarded, allow", "chain: gaurded, allow"),
    )?;
    let (code, said) = check()?;
    assert_eq!((code, &said["valid"]), (1, &Value::Bool(false)));
    let errors = said["errors"].as_array().context("no errors")?;
    let line = yaml
        .lines()
        .position(|line| line.contains("catalog_refersh"));
    let unknown = errors.last().context("no error")?;
    assert_eq!(errors.len(), 2);
    assert_eq!(unknown["file"], config.as_str());
    assert_eq!(unknown["line"], json!(line.map(|line| line + 1)));
    assert_eq!(unknown["column"], 5);
    assert_eq!(unknown["message"], "unknown key `catalog_refersh`");
    assert_eq!(unknown["suggestion"], "did you mean `catalog_refresh`?");
    assert_eq!(errors[0]["suggestion"], "did you mean `guarded`?");
    Ok(())
}

#[test]
fn a_bad_configuration_opens_no_port() -> Result<()> {
    let stage = Stage::dark(Database::shared()?, Setting::default())?;
    stage.write(&stage.yaml().replace("catalog_refresh", "catalog_refersh"))?;
    let output = narrowgate(&["run", &stage.config().display().to_string()])?;
    assert_eq!(output.code(), 1);
    says(&output.stderr, &["catalog_refersh"]);
    assert!(!stage.path("recordings").exists());
    Ok(())
}

#[test]
fn explain_tells_what_would_happen_and_which_rule_says_so() -> Result<()> {
    let stage = Stage::with(Setting::default().rule(
        "{ name: no-cards, groups: [insights], deny: [{ select: ['public.customers(card)'] }] }",
    ))?;
    let config = stage.config().display().to_string();
    let explain = |groups: &str, sql: &str| {
        narrowgate(&[
            "explain",
            "--config",
            &config,
            "--target",
            "billing",
            "--issuer",
            "agents",
            "--subject",
            "insights-bot",
            "--groups",
            groups,
            sql,
        ])
    };
    let allowed = explain("insights", "SELECT name, email FROM customers")?;
    assert_eq!(allowed.code(), 0, "{}", allowed.stderr);
    says(
        &allowed.stdout,
        &[
            "agents/insights-bot",
            "public.customers",
            "read (",
            "rule: read",
        ],
    );
    says(&allowed.stdout, &["result columns: email", "it would run"]);
    let denied = explain("insights", "SELECT card FROM customers")?;
    assert_eq!(denied.code(), 1);
    says(
        &denied.stdout,
        &[
            "DENY",
            "rule: no-cards",
            "it would not run: policy stops it",
        ],
    );
    let nothing = explain("insights", "SELECT * FROM payroll")?;
    assert_eq!(nothing.code(), 1);
    says(&nothing.stdout, &["no rule allows it"]);
    let held = explain("operators", "TRUNCATE archive")?;
    assert_eq!(held.code(), 0);
    says(
        &held.stdout,
        &[
            "HOLD: consent of 1 of dba",
            "rule: destructive",
            "once people have consented",
        ],
    );
    let masked = explain(
        "insights",
        "SELECT name FROM customers WHERE email LIKE 'a%'",
    )?;
    assert_eq!(masked.code(), 1);
    says(&masked.stdout, &["masking stops it"]);
    // Programs are told in JSON.
    let output = narrowgate(&[
        "explain",
        "--json",
        "--config",
        &config,
        "--target",
        "billing",
        "--issuer",
        "agents",
        "--subject",
        "insights-bot",
        "--groups",
        "insights",
        "SELECT card FROM customers",
    ])?;
    assert_eq!(output.code(), 1);
    let told: Value = serde_json::from_str(&output.stdout)?;
    says(&told.to_string(), &["no-cards", "public.customers", "card"]);
    // Nothing of it was done or asked for.
    assert_eq!(stage.requests("all")?.len(), 0);
    let minted = explain("dba", "SELECT 1")?;
    assert_eq!(minted.code(), 2);
    says(&minted.stderr, &["may not assert the group `dba`"]);
    Ok(())
}

#[test]
fn the_schema_is_whole() -> Result<()> {
    let schema: Value = serde_json::from_str(&narrowgate(&["schema"])?.ok()?)?;
    for key in [
        "issuers",
        "listeners",
        "targets",
        "chains",
        "recordings",
        "admin",
        "limits",
    ] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    // What each built-in filter takes is in it: references lead there.
    let policy = &schema["$defs"]["policy"]["properties"]["rules"];
    let rule = policy["items"]["$ref"].as_str().context("no rules")?;
    let rule = schema
        .pointer(rule.strip_prefix('#').unwrap_or_default())
        .context("a reference that leads nowhere")?;
    for key in [
        "name", "groups", "subjects", "targets", "allow", "deny", "rows", "rate",
    ] {
        assert!(rule["properties"][key].is_object(), "{key}");
    }
    for filter in ["auth", "approval", "masking", "recording"] {
        assert!(
            schema["$defs"][filter]["properties"].is_object(),
            "{filter}"
        );
    }
    let entries = schema["$defs"]["FilterEntry"]["allOf"].to_string();
    says(&entries, &["\"const\":\"policy\"", "#/$defs/policy"]);
    Ok(())
}

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
fn the_command_line_tells_itself() -> Result<()> {
    let help = narrowgate(&["--help"])?.ok()?;
    says(
        &help,
        &[
            "run",
            "check",
            "explain",
            "schema",
            "approvals",
            "recordings",
        ],
    );
    says(&narrowgate(&["version"])?.ok()?, &["narrowgate 0."]);
    assert_eq!(
        narrowgate(&["check", "/nowhere/narrowgate.yaml"])?.code(),
        1
    );
    Ok(())
}

const COUNT: &str = "SELECT count(*) FROM customers";

#[test]
fn a_hangup_brings_what_is_written_into_force() -> Result<()> {
    let mut stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    agent.query(COUNT)?;
    let before = stage.generation()?;
    stage.gateway().reload()?;
    stage
        .gateway()
        .wait_for_log("SIGHUP: reading the configuration again", SOON)?;
    wait::until("the reload", SOON, || {
        Ok((stage.generation()? > before).then_some(()))
    })?;
    assert_eq!(
        stage.metric("narrowgate_reloads_total{outcome=\"applied\"}")?,
        "1"
    );
    assert_eq!(agent.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn a_long_statement_is_refused_and_its_session_goes_on() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { statement_length: 1KiB }"))?;
    let long = format!("SELECT '{}'", "x".repeat(1100));
    let said = stage.agent(&["insights"])?.session(&[
        &format!("{long};"),
        &format!("PREPARE long AS {long};"),
        "SELECT 'on' || 'wards';",
    ])?;
    says(
        &said,
        &[
            "ERROR:  54000: the statement is longer than 1024 bytes",
            "HINT:  Split it",
            "onwards",
        ],
    );
    assert_eq!(said.matches("54000").count(), 2);
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    try:
        connection.execute("SELECT %s, '" + "x" * 1100 + "'", ["y"], prepare=True)
    except psycopg.Error as error:
        print(error.sqlstate)
    # What comes as a parameter is no part of the statement.
    print(len(connection.execute("SELECT %s::text", ["x" * 100_000]).fetchone()[0]))
"#;
    let printed = stage
        .python(&stage.token(&["insights"])?, script)
        .run()?
        .ok()?;
    assert_eq!(printed, "54000\n100000\n");
    Ok(())
}

#[test]
fn one_identity_cannot_take_every_connection() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { connections_per_identity: 1 }"))?;
    let token = stage.token(&["insights"])?;
    let first = Wire::login(stage.plain(), "billing", &token)?;
    let mut second = Wire::connect(stage.plain())?;
    second.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    second.message()?;
    second.password(&token)?;
    let told = second.until('E')?;
    let error = told.last().context("nothing was told")?;
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    assert_eq!(sqlstate(&told).as_deref(), Some("53300"));
    says(
        &error.field('M').unwrap_or_default(),
        &["too many connections of this identity"],
    );
    assert!(second.is_closed());
    let other = stage
        .agents
        .token("other-bot")?
        .groups(&["insights"])
        .sign()?;
    assert_eq!(stage.psql(&other).query(COUNT)?, "3");
    drop(first);
    wait::until("room", SOON, || Ok(stage.psql(&token).query(COUNT).ok()))?;
    Ok(())
}

#[test]
fn connections_are_bounded_and_make_room_when_they_end() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { connections: 2 }"))?;
    let token = stage.token(&["insights"])?;
    let first = Wire::login(stage.plain(), "billing", &token)?;
    let _second = Wire::login(stage.plain(), "billing", &token)?;
    assert!(!stage.psql(&token).run(&[COUNT])?.success());
    let refused = "narrowgate_sessions_refused_total{listener=\"tls\",reason=\"limit\"}";
    assert_eq!(stage.metric(refused)?, "1");
    drop(first);
    wait::until("room", SOON, || Ok(stage.psql(&token).query(COUNT).ok()))?;
    Ok(())
}

#[test]
fn a_session_that_says_nothing_is_ended_with_the_reason() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { idle: 1s, handshake: 500ms }"))?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    let told = wire.until('E')?;
    let error = told.last().context("nothing was told")?;
    assert_eq!(error.field('V').as_deref(), Some("FATAL"));
    assert_eq!(sqlstate(&told).as_deref(), Some("57P05"));
    says(&error.field('M').unwrap_or_default(), &["idle for 1s"]);
    assert!(wire.is_closed());
    // Nobody comes in without a token, or stays at the door.
    let mut halfway = Wire::connect(stage.plain())?;
    halfway.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    assert_eq!(sqlstate(&halfway.until('E')?).as_deref(), Some("57014"));
    assert!(halfway.is_closed());
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
