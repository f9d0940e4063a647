//! Results: in every format, by origin, by path and by what values look like.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};

use crate::{SECRETS, hidden, writing};

const BINARY: &str = include_str!("../../python/binary.py");
const COPY_OUT: &str = include_str!("../../python/copy_out.py");

#[test]
fn masked_columns_keep_their_shape() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    // Whether it is NULL would tell something about a masked value, too.
    assert_eq!(
        agent.query("SELECT phone IS NULL FROM customers WHERE id = 1")?,
        ""
    );
    let rows = agent.query("SELECT name, email, card, phone FROM customers ORDER BY id")?;
    let expected = "\
Ada Lindgren|a***@e***.com|[redacted]|
Bela Okafor|b***@o***.example|[redacted]|
Chen Moreau|c***@e***.org|[redacted]|";
    assert_eq!(rows, expected);
    let profile = agent.query("SELECT profile FROM customers WHERE id = 1")?;
    says(
        &profile,
        &[
            "\"plan\": \"pro\"",
            "\"seats\": 12",
            "\"phone\": \"[redacted]\"",
        ],
    );
    Ok(())
}

#[test]
fn text_and_binary_formats_are_masked_alike() -> Result<()> {
    let stage = Stage::start()?;
    let printed = stage
        .python(&stage.token(&["insights"])?, BINARY)
        .run()?
        .ok()?;
    never(&printed, &SECRETS);
    for kind in [
        "psycopg False False",
        "psycopg True True",
        "cursor",
        "asyncpg",
        "asyncpg cursor",
    ] {
        let rows: Vec<&str> = printed
            .lines()
            .filter(|line| line.starts_with(&format!("{kind} (")))
            .collect();
        assert_eq!(rows.len(), 3, "{kind}:\n{printed}");
        says(
            &rows.join("\n"),
            &["'a***@e***.com'", "'[redacted]'", "None", "seats"],
        );
    }
    Ok(())
}

#[test]
fn copies_are_masked_in_every_format() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: copies, groups: [insights], allow: [{ copy: [public.customers] }] }"),
    )?;
    let printed = stage
        .python(&stage.token(&["insights"])?, COPY_OUT)
        .run()?
        .ok()?;
    never(&printed, &SECRETS);
    says(
        &printed,
        &[
            "1\tAda Lindgren\ta***@e***.com\t[redacted]\t\\N\t",
            r#""2","Bela Okafor","b***@o***.example","[redacted]",,"#,
            "'3';'Chen Moreau';'c***@e***.org';'[redacted]';;",
            "a***@e***.com\t1",
            "(1, 'Ada Lindgren', 'a***@e***.com', '[redacted]', None, ",
        ],
    );
    Ok(())
}

#[test]
fn a_value_is_followed_wherever_it_goes() -> Result<()> {
    let stage = Stage::with(writing())?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "SELECT * FROM customers",
        "SELECT email FROM customer_emails",
        "SELECT * FROM customer_emails",
        "SELECT lower(email) FROM customers",
        "SELECT email || '' FROM customers",
        "SELECT email::bytea FROM customers",
        "SELECT email::varchar(5) FROM customers",
        "SELECT substr(email, 1, 3), substr(email, 4) FROM customers",
        "SELECT left(email, 12) FROM customers",
        "SELECT reverse(email) FROM customers",
        "SELECT upper(email) FROM customers",
        "SELECT encode(convert_to(email, 'UTF8'), 'escape') FROM customers",
        "SELECT md5(email) FROM customers",
        "SELECT length(email) FROM customers",
        "SELECT (SELECT email FROM customers WHERE id = 1)",
        "SELECT x FROM (SELECT email AS x FROM customers) y",
        "WITH x AS (SELECT email e FROM customers) SELECT e FROM x",
        "WITH RECURSIVE x(e, n) AS (SELECT email, 1 FROM customers UNION ALL SELECT e, n + 1 FROM x WHERE n < 2) SELECT * FROM x",
        "SELECT email FROM customers UNION ALL SELECT note FROM invoices",
        "SELECT note FROM archive UNION SELECT email FROM customers",
        "SELECT row_to_json(c) FROM customers c",
        "SELECT to_jsonb(c) FROM customers c",
        "SELECT jsonb_build_object('e', email) FROM customers",
        "SELECT json_agg(c) FROM customers c",
        "SELECT c FROM customers c",
        "SELECT c::text FROM customers c",
        "SELECT (c).email FROM customers c",
        "SELECT (c).* FROM customers c",
        "SELECT row(email, card) FROM customers",
        "SELECT array_agg(email) FROM customers",
        "SELECT string_agg(email, ',') FROM customers",
        "SELECT min(email), max(card) FROM customers",
        "SELECT unnest(array_agg(email)) FROM customers",
        "SELECT format('%s', email) FROM customers",
        "SELECT concat(email, card) FROM customers",
        "SELECT coalesce(phone, email) FROM customers",
        "SELECT shout(email) FROM customers",
        "SELECT l.e FROM customers c, LATERAL (SELECT c.email AS e) l",
        "SELECT v FROM customers c, LATERAL (VALUES (c.email)) AS t(v)",
        "VALUES ((SELECT email FROM customers LIMIT 1))",
        "TABLE customers",
        "SELECT a.email FROM customers a JOIN customers b ON a.id = b.id",
        "SELECT first_value(email) OVER (PARTITION BY id) FROM customers",
        "SELECT xmlelement(name x, email) FROM customers",
        "SELECT email FROM ONLY customers",
        "SELECT \"email\" FROM \"public\".\"customers\"",
        "SELECT e FROM customers AS t(a, b, e)",
        "SELECT ascii(email), ascii(substr(email, 2)) FROM customers",
        "EXPLAIN (ANALYZE, VERBOSE) SELECT email FROM customers",
    ] {
        hidden(&agent, statement);
    }
    Ok(())
}

#[test]
fn numbers_computed_from_a_masked_column_are_masked_too() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "SELECT length(email) FROM customers WHERE id = 1",
        "SELECT ascii(email) FROM customers WHERE id = 1",
    ] {
        let said = hidden(&agent, statement);
        never(&said, &["24", "97"]);
    }
    Ok(())
}

#[test]
fn a_path_inside_json_is_masked_however_it_is_read() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    for statement in [
        "SELECT profile FROM customers",
        "SELECT profile -> 'phone' FROM customers",
        "SELECT profile ->> 'phone' FROM customers",
        "SELECT profile #>> '{phone}' FROM customers",
        "SELECT profile['phone'] FROM customers",
        "SELECT profile::text FROM customers",
        "SELECT jsonb_each(profile) FROM customers",
        "SELECT key, value FROM customers, jsonb_each_text(profile)",
        "SELECT jsonb_path_query(profile, '$.*') FROM customers",
        "SELECT jsonb_pretty(profile) FROM customers",
        "SELECT jsonb_build_array(profile) FROM customers",
        "SELECT row_to_json(c) FROM customers c",
        "SELECT profile || '{}' FROM customers",
        "SELECT profile - 'plan' FROM customers",
        "SELECT jsonb_object_agg(id, profile) FROM customers",
        "SELECT jsonb_set(profile, '{x}', profile -> 'phone') FROM customers",
        "SELECT p.phone FROM customers, jsonb_to_record(profile) AS p(phone text)",
    ] {
        hidden(&agent, statement);
    }
    Ok(())
}

#[test]
fn what_is_beside_a_masked_path_is_readable() -> Result<()> {
    let database = Database::shared()?;
    database.sql(
        "CREATE VIEW plans AS SELECT id, profile -> 'plan' AS plan, profile -> 'phone' AS contact FROM customers;
         GRANT SELECT ON plans TO gateway",
    )?;
    let setting =
        writing().rule("{ name: plans, groups: [insights], allow: [{ select: [public.plans] }] }");
    let stage = Stage::on(database, setting)?;
    let agent = stage.agent(&["insights"])?;
    for (statement, shown) in [
        (
            "SELECT profile ->> 'plan' FROM customers WHERE id = 1",
            "pro",
        ),
        (
            "SELECT profile -> 'seats' FROM customers WHERE id = 1",
            "12",
        ),
        (
            "SELECT profile['plan'] FROM customers WHERE id = 1",
            "\"pro\"",
        ),
        (
            "SELECT upper(profile ->> 'plan') || '!' FROM customers WHERE id = 2",
            "FREE!",
        ),
        (
            "SELECT (profile -> 'seats')::int + 1 FROM customers WHERE id = 3",
            "41",
        ),
        (
            "SELECT p ->> 'plan' FROM (SELECT profile AS p FROM customers WHERE id = 2) x",
            "free",
        ),
        ("SELECT plan FROM plans WHERE id = 2", "\"free\""),
        (
            "SELECT name FROM customers WHERE profile ->> 'plan' = 'free'",
            "Bela Okafor",
        ),
        (
            "SELECT id FROM customers ORDER BY (profile -> 'seats')::int DESC LIMIT 1",
            "3",
        ),
        (
            "SELECT profile ->> 'plan', count(*) FROM customers GROUP BY 1 ORDER BY 1",
            "free|1\npro|2",
        ),
    ] {
        assert_eq!(agent.query(statement)?, shown, "{statement}");
    }
    for statement in [
        "SELECT profile ->> 'phone', profile -> 'phone' FROM customers",
        "SELECT contact FROM plans",
        "SELECT profile -> 0, profile ->> id::text FROM customers",
        "SELECT (profile -> ('ph' || 'one')) FROM customers",
        "SELECT jsonb_build_array(profile) -> 0 -> 'phone' FROM customers",
        "SELECT to_jsonb(c) -> 'profile' ->> 'phone' FROM customers c",
        "SELECT (profile || jsonb_build_object('plan', profile -> 'phone')) ->> 'plan' FROM customers",
        "SELECT jsonb_set(profile, '{plan}', profile -> 'phone') -> 'plan' FROM customers",
        "SELECT coalesce(profile -> 'plan', profile -> 'phone') FROM customers",
        "SELECT name FROM customers WHERE profile ->> 'phone' LIKE '+1%'",
        "UPDATE invoices SET note = profile ->> 'phone' FROM customers RETURNING note",
    ] {
        hidden(&agent, statement);
    }
    let stored = "UPDATE invoices SET note = profile ->> 'plan' FROM customers \
                  WHERE customer_id = customers.id AND invoices.id = 1001 RETURNING note";
    assert_eq!(agent.query(stored)?, "pro\nUPDATE 1");
    Ok(())
}

#[test]
fn a_trusted_function_shows_what_its_arguments_may() -> Result<()> {
    let database = Database::shared()?;
    database.sql(
        "CREATE VIEW loud AS SELECT id, shout(name) AS name, shout(email) AS mail FROM customers;
         GRANT SELECT ON loud TO gateway",
    )?;
    let setting = Setting::default().rule(
        "{ name: calls, groups: [insights], allow: [{ functions: [public.shout, public.headcount], \
         select: [public.loud] }] }",
    );
    let trusting = Setting {
        masking: vec!["trusted_functions: [public.shout]".to_owned()],
        ..setting.clone()
    };
    let mut stage = Stage::on(database, setting)?;
    let agent = stage.agent(&["insights"])?;
    let shout = "SELECT shout(shout(name)) FROM customers WHERE id = 1";
    let view = "SELECT name FROM loud WHERE id = 1";
    let found = "SELECT id FROM customers WHERE shout(name) = 'BELA OKAFOR!'";
    says(&agent.error(shout)?, &["42501"]);
    says(&agent.error(found)?, &["42501"]);
    assert_eq!(agent.query(view)?, "[redacted]");
    stage.edit(|setting| *setting = trusting)?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query(shout)?, "ADA LINDGREN!!");
    assert_eq!(agent.query(view)?, "ADA LINDGREN!");
    assert_eq!(agent.query(found)?, "2");
    // The others show what they showed before, and what is masked stays masked.
    assert_eq!(agent.query("SELECT headcount()")?, "");
    for statement in [
        "SELECT shout(email) FROM customers",
        "SELECT mail FROM loud",
        "SELECT shout(headcount()::text)",
        "SELECT shout(profile ->> 'phone') FROM customers",
        "SELECT id FROM customers WHERE shout(email) LIKE 'A%'",
    ] {
        never(&hidden(&agent, statement), &["ADA", "2!"]);
    }
    Ok(())
}

#[test]
fn what_it_looks_like_is_masked_in_any_column() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .detector("email")
            .detector("{ detector: card, with: partial }"),
    )?;
    stage
        .database
        .sql("UPDATE archive SET note = 'card 4111 1111 1111 1111 of ada.lindgren@example.com'")?;
    let agent = stage.agent(&["insights"])?;
    let note = hidden(&agent, "SELECT note FROM invoices WHERE id = 1003");
    says(&note, &["[email] asked about it"]);
    says(
        &hidden(&agent, "SELECT note FROM archive"),
        &["card ", " of [email]"],
    );
    assert_eq!(
        agent.query("SELECT note FROM invoices WHERE id = 1002")?,
        "free plan"
    );
    Ok(())
}

#[test]
fn masks_are_for_groups() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .masks(&["{ match: public.customers.email, with: redact, except: [admins] }"])
            .rule("{ name: admins, groups: [admins], allow: [{ select: [public.customers] }] }"),
    )?;
    let email = "SELECT email FROM customers WHERE id = 2";
    assert_eq!(stage.agent(&["insights"])?.query(email)?, "[redacted]");
    assert_eq!(
        stage.agent(&["admins"])?.query(email)?,
        "bela@okafor.example"
    );
    Ok(())
}

#[test]
fn a_hash_is_the_same_for_the_same_value_and_tells_nothing() -> Result<()> {
    let stage = Stage::with(Setting {
        masking: vec!["key: file:gateway.password".to_owned()],
        ..Setting::default().masks(&["{ match: public.customers.email, with: hash }"])
    })?;
    let agent = stage.agent(&["insights"])?;
    let email = "SELECT email FROM customers WHERE id = 1";
    let hash = agent.query(email)?;
    never(&hash, &SECRETS);
    assert!(hash.len() >= 16, "{hash}");
    assert_eq!(
        agent.query("SELECT email FROM customer_emails WHERE id = 1")?,
        hash
    );
    assert_ne!(
        agent.query("SELECT email FROM customers WHERE id = 2")?,
        hash
    );
    Ok(())
}

#[test]
fn a_statement_prepared_before_is_masked_at_every_execution() -> Result<()> {
    let mut stage =
        Stage::with(Setting::default().masks(&["{ match: public.customers.card, with: redact }"]))?;
    let script = include_str!("../../python/prepared.py");
    let mut client = stage.python(&stage.token(&["insights"])?, script).spawn()?;
    client.write("first\n")?;
    client.wait_for("first [('Ada Lindgren', 'ada.lindgren@example.com')", SOON)?;
    // A mask that comes later counts for what was prepared before.
    stage.edit(|setting| {
        setting
            .masks
            .push("{ match: public.customers.email, with: partial }".to_owned());
    })?;
    client.write("second\nthird\n")?;
    client.wait_for("second [('Ada Lindgren', 'a***@e***.com')", SOON)?;
    client.wait_for("third [('Ada Lindgren', 'a***@e***.com')", SOON)
}

#[test]
fn a_large_value_is_masked_whole() -> Result<()> {
    let stage = Stage::start()?;
    stage
        .database
        .sql("UPDATE customers SET card = repeat('4111 ', 1000000) WHERE id = 1")?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(
        agent.query("SELECT card FROM customers WHERE id = 1")?,
        "[redacted]"
    );
    stage.database.sql(
        "UPDATE customers SET profile = jsonb_build_object('x', repeat('y', 3000000), 'phone', '555 0143') \
         WHERE id = 1",
    )?;
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"]) as connection:
    for binary in (False, True):
        profile = connection.execute(
            "SELECT profile FROM customers WHERE id = 1", binary=binary).fetchone()[0]
        print(None if profile is None else {k: v[:12] if isinstance(v, str) else v
              for k, v in profile.items()} if isinstance(profile, dict) else profile)
"#;
    let printed = stage
        .python(&stage.token(&["insights"])?, script)
        .run()?
        .ok()?;
    never(&printed, &SECRETS);
    assert_eq!(printed.lines().count(), 2, "{printed}");
    Ok(())
}

#[test]
fn a_statement_prepared_twice_is_masked_where_no_results_are_recorded() -> Result<()> {
    let stage = Stage::with(Setting {
        recording: ", results: false".to_owned(),
        ..Setting::default()
    })?;
    let script = r#"
import asyncio, os, ssl, asyncpg
async def main():
    connection = await asyncpg.connect(
        host="localhost", port=int(os.environ["PORT"]), ssl=ssl.create_default_context(cafile=os.environ["CA"]),
        user="insights-bot", password=os.environ["TOKEN"], database="billing")
    query = "SELECT id, email FROM customers WHERE id <= $1 ORDER BY id"
    one, two = await connection.prepare(query), await connection.prepare(query)
    for _ in range(2):
        for statement in one, two:
            print([tuple(row) for row in await statement.fetch(2)])
    async with connection.transaction():
        print([tuple(row) async for row in two.cursor(2, prefetch=1)])
    print(await connection.fetchval("SELECT count(*) FROM invoices"), await one.fetchval(1, column=1))
asyncio.run(main())
"#;
    let token = stage.token(&["insights"])?;
    let printed = stage.python(&token, script).run()?.ok()?;
    let masked = "[(1, 'a***@e***.com'), (2, 'b***@o***.example')]\n";
    assert_eq!(printed, format!("{}3 a***@e***.com\n", masked.repeat(5)));
    Ok(())
}
