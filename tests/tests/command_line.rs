//! What the command line says to a configuration, and about itself.

use std::fs;

use anyhow::{Context, Result};
use narrowgate_tests::binary::narrowgate;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, Setting, Stage};
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
    // What cannot be read is neither right nor wrong.
    for command in ["check", "run"] {
        let output = narrowgate(&[command, "/nowhere/narrowgate.yaml"])?;
        assert_eq!(output.code(), 2);
        says(
            &output.stderr,
            &["/nowhere/narrowgate.yaml: cannot be read"],
        );
    }
    Ok(())
}
