//! Ways around a mask: questions, copies, errors, names that change.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Setting, Stage};

use crate::{SECRETS, hidden, writing};

#[test]
fn a_masked_column_is_no_oracle() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "SELECT name FROM customers WHERE email LIKE 'ada%'",
        "SELECT name FROM customers WHERE email = 'bela@okafor.example'",
        "SELECT name FROM customers WHERE phone IS NULL",
        "SELECT name FROM customers ORDER BY email",
        "SELECT name FROM customers ORDER BY lower(email)",
        "SELECT name, email FROM customers ORDER BY 2",
        "SELECT count(*) FROM customers GROUP BY email",
        "SELECT DISTINCT email FROM customers",
        "SELECT count(DISTINCT email) FROM customers",
        "SELECT name FROM customers JOIN (VALUES ('bela@okafor.example')) v(e) ON email = e",
        "SELECT a.name FROM customers a JOIN customers b USING (email)",
        "SELECT CASE WHEN email LIKE 'a%' THEN 1 ELSE 0 END FROM customers",
        "SELECT count(*) FILTER (WHERE email LIKE 'a%') FROM customers",
        "SELECT email LIKE 'a%' FROM customers",
        "SELECT email > 'b' FROM customers",
        "SELECT name FROM customers LIMIT (SELECT length(email) - 22 FROM customers WHERE id = 1)",
        "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM customer_emails e WHERE e.id = c.id AND e.email LIKE 'a%')",
        "SELECT name FROM customers WHERE profile ->> 'phone' LIKE '+1%'",
        "SELECT name FROM customers WHERE profile @> '{\"phone\": \"+1 202 555 0143\"}'",
        "SELECT row_number() OVER (ORDER BY email), name FROM customers",
        "SELECT email FROM customers UNION SELECT 'bela@okafor.example'",
        "SELECT email FROM customers INTERSECT SELECT 'bela@okafor.example'",
        "SELECT count(*) FROM customers HAVING max(email) > 'c'",
        "SELECT 1 / (ascii(email) - 97) FROM customers WHERE id = 1",
        "SELECT name FROM customers WHERE (email, id) > ('b', 0)",
        "SELECT name FROM customers c WHERE c::text LIKE '%ada%'",
    ] {
        let output = agent.clone().arg("-At").run(&[statement])?;
        let said = format!("{}{}", output.stdout, output.stderr);
        never(&said, &["Ada", "Bela", "Chen", "|1\n", "22012"]);
        // Denied, or nothing but masked values.
        let masked = output
            .stdout
            .lines()
            .all(|line| line.is_empty() || line == "[redacted]");
        assert!(
            output.stderr.contains("42501") || masked,
            "{statement}:\n{said}"
        );
    }
    Ok(())
}

#[test]
fn equality_with_a_constant_may_be_allowed() -> Result<()> {
    let stage = Stage::with(Setting::default().masks(&[
        "{ match: public.customers.email, with: partial, predicates: equality }",
        "{ match: public.customers.card, with: redact, predicates: allow }",
    ]))?;
    let agent = stage.agent(&["insights"])?;
    let found = "SELECT name, email FROM customers WHERE email = 'bela@okafor.example'";
    assert_eq!(agent.query(found)?, "Bela Okafor|b***@o***.example");
    says(
        &agent.error("SELECT name FROM customers WHERE email LIKE 'bela%'")?,
        &["42501"],
    );
    says(
        &agent.error("SELECT name FROM customers ORDER BY email")?,
        &["42501"],
    );
    assert_eq!(
        agent.query("SELECT count(*) FROM customers WHERE card LIKE '4%'")?,
        "1"
    );
    Ok(())
}

#[test]
fn masked_values_cannot_be_laundered() -> Result<()> {
    let stage = Stage::with(writing())?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "UPDATE invoices SET note = email FROM customers WHERE customer_id = customers.id",
        "UPDATE customers SET name = email",
        "UPDATE customers SET name = lower(email)",
        "UPDATE customers SET (name, phone) = (SELECT email, 'x' FROM customers LIMIT 1)",
        "INSERT INTO invoices SELECT id, id, 0, email FROM customers",
        "INSERT INTO invoices VALUES (1, 1, 0, (SELECT email FROM customers WHERE id = 1))",
        "INSERT INTO customers VALUES (1, 'x', 'x', '', '', '{}') ON CONFLICT (id) DO UPDATE SET name = customers.email",
        "CREATE TABLE stolen AS SELECT email FROM customers",
        "SELECT email INTO stolen FROM customers",
        "CREATE VIEW v AS SELECT email AS e FROM customers",
        "CREATE MATERIALIZED VIEW v AS SELECT email AS e FROM customers",
        "SELECT set_config('application_name', email, false) FROM customers",
        "SELECT pg_notify('leak', email) FROM customers",
        "WITH x AS (UPDATE customers SET name = email RETURNING name) SELECT * FROM x",
        "WITH x AS (INSERT INTO invoices SELECT 9, 1, 0, email FROM customers LIMIT 1 RETURNING note) SELECT note FROM x",
        "MERGE INTO invoices i USING customers c ON i.customer_id = c.id WHEN MATCHED THEN UPDATE SET note = c.email",
    ] {
        let said = hidden(&agent, statement);
        says(&said, &["42501"]);
    }
    let copies = "SELECT count(*) FROM invoices, customers WHERE note LIKE '%@%' AND note = email";
    assert_eq!(stage.database.sql(copies)?, "0");
    assert_eq!(
        stage
            .database
            .sql("SELECT name FROM customers WHERE id = 1")?,
        "Ada Lindgren"
    );
    // RETURNING is a result like any other.
    let returned = hidden(
        &agent,
        "UPDATE customers SET name = 'Ada L.' WHERE id = 1 RETURNING name, email",
    );
    says(&returned, &["Ada L.|a***@e***.com"]);
    Ok(())
}

#[test]
fn errors_and_notices_do_not_quote_values() -> Result<()> {
    let stage = Stage::with(writing())?;
    let agent = stage.agent(&["insights"])?;
    let taken = "INSERT INTO customers VALUES (9, 'x', 'bela@okafor.example', '', '', '{}')";
    // The agent names the value itself; the server's DETAIL would confirm it.
    let said = agent.error(taken)?;
    says(&said, &["23505"]);
    never(&said, &["DETAIL", "Key (email)"]);
    for statement in [
        "SELECT email::int FROM customers",
        "SELECT card::numeric FROM customers",
        "SELECT ('x' || email)::date FROM customers",
        "UPDATE customers SET profile = NULL WHERE id = 1",
    ] {
        let said = hidden(&agent, statement);
        never(&said, &["DETAIL:  Failing"]);
        says(&said, &["ERROR"]);
    }
    Ok(())
}

#[test]
fn columns_that_swap_names_past_the_gateway_are_not_mistaken() -> Result<()> {
    let stage = Stage::with(Setting {
        // Longer than anything takes: afterwards, a rule is for what has the name then.
        catalog_refresh: "1h".to_owned(),
        ..Setting::default()
    })?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(
        agent.query("SELECT name FROM customers WHERE id = 1")?,
        "Ada Lindgren"
    );
    stage.database.sql(
        "ALTER TABLE customers RENAME name TO other; ALTER TABLE customers RENAME email TO name; \
         ALTER TABLE customers RENAME other TO email",
    )?;
    // At once: what comes back is not the column that was predicted.
    hidden(&agent, "SELECT name FROM customers WHERE id = 1");
    Ok(())
}

#[test]
fn columns_that_swap_names_within_a_transaction_are_not_mistaken() -> Result<()> {
    let stage = Stage::with(Setting::default().rule(
        "{ name: alters, groups: [insights], allow: [{ actions: [alter], objects: [public.customers] }] }",
    ))?;
    let said = stage.agent(&["insights"])?.session(&[
        "BEGIN;",
        "ALTER TABLE customers RENAME name TO other;",
        "ALTER TABLE customers RENAME email TO name;",
        "SELECT name FROM customers;",
        "ROLLBACK;",
    ])?;
    never(&said, &SECRETS);
    Ok(())
}

#[test]
fn notifications_are_masked_for_those_whom_columns_are_masked_for() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: talk, groups: [insights], allow: [{ actions: [listen, notify] }] }"),
    )?;
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    connection.execute("LISTEN leak")
    print("listening", flush=True)
    for notify in connection.notifies(timeout=20, stop_after=1):
        print("heard", notify.channel, notify.payload, flush=True)
"#;
    let mut listener = stage.python(&stage.token(&["insights"])?, script).spawn()?;
    listener.wait_for("listening", SOON)?;
    stage
        .database
        .sql("SELECT pg_notify('leak', email) FROM customers WHERE id = 1")?;
    listener.wait_for("heard leak", SOON)?;
    never(&listener.stdout(), &SECRETS);
    Ok(())
}
