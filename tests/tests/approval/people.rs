//! Who decides, what they are shown, and who is told.

use anyhow::{Context, Result};
use narrowgate_tests::hook::Hook;
use narrowgate_tests::http;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Setting, Stage, request_id};
use serde_json::Value;

use crate::{ROWS, TRUNCATE, operator, wait_for_rows};

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
    let hook = Hook::start()?;
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
