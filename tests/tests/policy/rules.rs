//! Who may do what: rules, their limits, and what no rule lifts.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Setting, Stage};
use narrowgate_tests::wire::Wire;

#[test]
fn what_no_rule_allows_is_denied_and_the_session_goes_on() -> Result<()> {
    let stage = Stage::start()?;
    let said = stage.agent(&["insights"])?.session(&[
        "SELECT name FROM customers WHERE id = 1;",
        "SELECT * FROM payroll;",
        "DELETE FROM customers;",
        "SELECT 'still' || ' here';",
    ])?;
    says(
        &said,
        &[
            "Ada Lindgren",
            "still here",
            "ERROR:  42501: ",
            "payroll is not allowed, or does not exist",
        ],
    );
    says(&said, &["DETAIL:  No rule allows it.", "HINT:  "]);
    never(&said, &["Edda", "seven thousand"]);
    assert_eq!(stage.database.sql("SELECT count(*) FROM customers")?, "3");
    Ok(())
}

#[test]
fn what_does_not_exist_is_not_told_from_what_is_forbidden() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    let forbidden = agent.error("SELECT * FROM payroll")?;
    let absent = agent.error("SELECT * FROM nowhere")?;
    assert_eq!(forbidden.replace("payroll", "nowhere"), absent);
    for statement in ["SELECT nothing FROM customers", "SELECT nope(1)"] {
        let error = agent.error(statement)?;
        says(&error, &["42501"]);
        never(&error, &["does not exist"]);
    }
    Ok(())
}

#[test]
fn an_explicit_denial_wins_and_is_named() -> Result<()> {
    let stage = Stage::with(Setting::default().rule(
        "{ name: no-cards, groups: [insights], deny: [{ select: ['public.customers(card)'] }] }",
    ))?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(
        agent.query("SELECT name FROM customers WHERE id = 1")?,
        "Ada Lindgren"
    );
    for statement in ["SELECT card FROM customers", "SELECT * FROM customers"] {
        says(
            &agent.error(statement)?,
            &["42501", "DETAIL:  Rule: no-cards."],
        );
    }
    Ok(())
}

#[test]
fn columns_are_allowed_one_by_one() -> Result<()> {
    let stage = Stage::with(Setting::default().rules(&[
        "{ name: names, groups: [insights], allow: [{ select: ['public.customers(id, name)'] }] }",
    ]))?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(
        agent.query("SELECT name FROM customers WHERE id = 2")?,
        "Bela Okafor"
    );
    for statement in [
        "SELECT phone FROM customers",
        "SELECT * FROM customers",
        "SELECT customers FROM customers",
        "SELECT name FROM customers WHERE phone IS NOT NULL",
        "SELECT name FROM customers ORDER BY phone",
        "SELECT count(phone) FROM customers",
        "SELECT c.name FROM customers c JOIN customers d USING (phone)",
        "WITH x AS (SELECT phone FROM customers) SELECT count(*) FROM x",
    ] {
        let error = agent.error(statement)?;
        says(&error, &["42501"]);
        never(&error, &["555 0143"]);
    }
    Ok(())
}

#[test]
fn rules_are_for_groups_subjects_claims_and_targets() -> Result<()> {
    let stage = Stage::with(Setting::default().rules(&[
        "{ name: elsewhere, targets: ['other-*'], allow: [{ select: ['**'] }] }",
        "{ name: one-bot, subjects: [agents/insights-bot], allow: [{ select: [public.invoices] }] }",
        "{ name: prod, claims: { env: [prod] }, allow: [{ select: [public.archive] }] }",
    ]))?;
    let token = |subject: &str, env: &str| stage.agents.token(subject)?.claim("env", env).sign();
    let ours = stage.psql(&token("insights-bot", "test")?);
    let prod = stage.psql(&token("other-bot", "prod")?);
    assert_eq!(ours.query("SELECT count(*) FROM invoices")?, "3");
    assert_eq!(prod.query("SELECT count(*) FROM archive")?, "1");
    says(&ours.error("SELECT count(*) FROM archive")?, &["42501"]);
    says(&prod.error("SELECT count(*) FROM invoices")?, &["42501"]);
    says(&prod.error("SELECT count(*) FROM customers")?, &["42501"]);
    Ok(())
}

#[test]
fn functions_are_doors_that_need_a_rule() -> Result<()> {
    let setting = Setting::default()
        .rule("{ name: shouting, groups: [insights], allow: [{ functions: [public.shout] }] }");
    // What a function of one's own returns is masked otherwise: it may be anything.
    let masking = vec!["exempt: [{ groups: [insights] }]".to_owned()];
    let stage = Stage::with(Setting { masking, ..setting })?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(
        agent.query("SELECT shout(name) FROM customers WHERE id = 1")?,
        "ADA LINDGREN!"
    );
    assert_eq!(
        agent.query("SELECT upper(name) FROM customers WHERE id = 1")?,
        "ADA LINDGREN"
    );
    for statement in [
        "SELECT headcount()",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT query_to_xml('SELECT * FROM payroll', true, true, '')",
        "SELECT table_to_xml('payroll', true, true, '')",
        "SELECT set_config('search_path', 'evil', false)",
        "SELECT current_setting('data_directory')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_terminate_backend(1)",
        "SELECT nextval('x')",
        "CALL headcount()",
        "DO $$ BEGIN PERFORM * FROM payroll; END $$",
        "CREATE FUNCTION leak() RETURNS text LANGUAGE sql AS 'SELECT secret FROM payroll'",
    ] {
        says(&agent.error(statement)?, &["42501"]);
    }
    Ok(())
}

#[test]
fn settings_that_change_what_names_mean_stay() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "SET search_path = evil",
        "SET LOCAL search_path TO evil",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET client_encoding = 'SJIS'",
        "SET NAMES 'LATIN1'",
        "SET standard_conforming_strings = off",
        "SET session_replication_role = replica",
    ] {
        says(&agent.error(statement)?, &["42501"]);
    }
    let said = agent.session(&[
        "SET statement_timeout = '9s';",
        "SHOW statement_timeout;",
        "SET datestyle TO 'German';",
        "SHOW datestyle;",
        "SHOW search_path;",
    ])?;
    says(&said, &["9s", "German"]);
    never(&said, &["ERROR"]);
    Ok(())
}

#[test]
fn browsing_the_catalog_takes_a_rule() -> Result<()> {
    let mut stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    let denied = agent.run(&["\\d customers"])?;
    says(&denied.stderr, &["42501"]);
    stage.edit(|setting| {
        let browse = "{ name: browse, groups: [insights], catalog: browse }";
        setting.rules.push(browse.to_owned());
    })?;
    let shown = agent
        .run(&["\\d customers", "\\dt", "\\df", "\\dn", "\\l"])?
        .ok()?;
    says(
        &shown,
        &["customers_pkey", "jsonb", "payroll", "headcount", "public"],
    );
    // What holds data or secrets of others is never open.
    for statement in [
        "SELECT histogram_bounds FROM pg_stats",
        "SELECT * FROM pg_statistic",
        "SELECT rolpassword FROM pg_authid",
        "SELECT query FROM pg_stat_activity",
        "SELECT * FROM pg_shadow",
    ] {
        says(&agent.error(statement)?, &["42501"]);
    }
    Ok(())
}

#[test]
fn results_are_cut_off_at_a_number_of_rows() -> Result<()> {
    let stage = Stage::with(Setting::default().rules(&[
        "{ name: few, groups: [insights], allow: [{ select: [public.customers] }], rows: 2 }",
    ]))?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query("SELECT id FROM customers LIMIT 2")?, "1\n2");
    let said = agent.session(&["SELECT id FROM customers;", "SELECT 'on' || 'wards';"])?;
    says(&said, &["ERROR:  53400: ", "onwards"]);
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    try:
        print(len(connection.execute("SELECT id FROM customers", prepare=True).fetchall()))
    except psycopg.Error as error:
        print(error.sqlstate)
    print(len(connection.execute("SELECT id FROM customers WHERE id < 3").fetchall()))
"#;
    let printed = stage
        .python(&stage.token(&["insights"])?, script)
        .run()?
        .ok()?;
    assert_eq!(printed, "53400\n2\n");
    Ok(())
}

#[test]
fn an_identity_has_a_rate_over_all_its_sessions() -> Result<()> {
    let stage = Stage::with(Setting::default().rules(&[
        "{ name: slowly, groups: [insights], allow: [{ select: [public.customers] }], \
         rate: { operations: 3, per: 1h } }",
    ]))?;
    let agent = stage.agent(&["insights"])?;
    for _ in 0..3 {
        assert_eq!(agent.query("SELECT count(*) FROM customers")?, "3");
    }
    says(
        &agent.error("SELECT count(*) FROM customers")?,
        &["53400", "slowly"],
    );
    let other = stage
        .agents
        .token("other-bot")?
        .groups(&["insights"])
        .sign()?;
    assert_eq!(
        stage.psql(&other).query("SELECT count(*) FROM customers")?,
        "3"
    );
    Ok(())
}

#[test]
fn names_cannot_be_shadowed() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "CREATE TEMP TABLE customers AS SELECT * FROM invoices",
        "SELECT * INTO TEMP stolen FROM invoices",
        "CREATE SCHEMA evil",
        "CREATE VIEW leak AS SELECT * FROM payroll",
        "ALTER TABLE invoices RENAME TO customers",
        "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        "CREATE CAST (text AS bytea) WITHOUT FUNCTION",
    ] {
        says(&agent.error(statement)?, &["42501"]);
    }
    Ok(())
}

#[test]
fn a_rule_that_allows_everything_lets_the_unknown_through() -> Result<()> {
    let setting =
        Setting::default().rule("{ name: all, groups: [admins], allow: [{ everything: true }] }");
    let masking = vec!["exempt: [{ groups: [admins] }]".to_owned()];
    let stage = Stage::with(Setting { masking, ..setting })?;
    let admin = stage.agent(&["admins"])?;
    assert_eq!(admin.query("SELECT headcount()")?, "2");
    admin.query("CREATE TEMP TABLE scratch (id int)")?;
    admin.query("DO $$ BEGIN PERFORM 1; END $$")?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["admins"])?)?;
    wire.tagged('F', &[0, 0, 0, 89, 0, 0, 0, 0, 0, 0])?;
    assert!(wire.until('Z')?.iter().any(|message| message.tag == 'V'));
    Ok(())
}
