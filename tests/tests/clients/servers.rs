//! PostgreSQL 14, 16, 17 and 18 beside Debian's 15: what clients get is the same, and what
//! each version brought is seen for what it is.

use anyhow::{Context, Result};
use narrowgate_tests::postgres::{Auth, Builder, Postgres};
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, Setting, Stage};
use narrowgate_tests::wire::{CANCEL_REQUEST, Wire, sqlstate};

use crate::drivers::{asyncpg_at, psycopg_at, sleeping, types_at, wait_for_sleepers};
use crate::tools::described_at;

const COUNT: &str = "SELECT count(*) FROM customers";
/// What nobody may see.
const CANARIES: [&str; 5] = [
    "ada.lindgren@example.com",
    "4111",
    "555 0143",
    "ada.lindgren",
    "seven thousand",
];

fn server(version: u32) -> Builder {
    Postgres::builder().version(version)
}

/// The clients' own tests, and psql's, at a server of this version.
fn served_by(version: u32) -> Result<()> {
    psycopg_at(Database::own(server(version))?)?;
    asyncpg_at(Database::own(server(version))?)?;
    types_at(Database::own(server(version))?)?;
    described_at(Database::own(server(version))?)
}

#[test]
fn postgresql_14_is_served() -> Result<()> {
    served_by(14)
}

#[test]
fn postgresql_16_is_served() -> Result<()> {
    served_by(16)
}

#[test]
fn postgresql_17_is_served() -> Result<()> {
    served_by(17)
}

#[test]
fn postgresql_18_is_served() -> Result<()> {
    served_by(18)
}

#[test]
fn postgresql_18_lets_the_gateway_in_by_every_method() -> Result<()> {
    for auth in [Auth::ScramSha256, Auth::Md5, Auth::Password, Auth::Trust] {
        let stage = Stage::on(Database::own(server(18).auth(auth))?, Setting::default())?;
        assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3", "{auth:?}");
    }
    Ok(())
}

/// PostgreSQL 18 speaks protocol 3.2, whose cancel keys are longer: with it, whichever version
/// the client speaks.
#[test]
fn a_cancel_reaches_postgresql_18_from_clients_of_either_protocol() -> Result<()> {
    let stage = Stage::on(Database::own(server(18))?, sleeping())?;
    for (minor, length) in [(0, 4), (2, 32)] {
        let mut wire = Wire::connect(stage.plain())?;
        let parameters = [("user", "agent"), ("database", "billing")];
        wire.startup((3 << 16) + minor, &parameters)?;
        wire.message()?;
        wire.password(&stage.token(&["insights"])?)?;
        let told = wire.until('Z')?;
        let key = told.iter().find(|message| message.tag == 'K');
        let key = key.context("no key")?.body.clone();
        assert_eq!(key.len(), 4 + length, "3.{minor}");
        wire.query("SELECT pg_sleep(60)")?;
        wait_for_sleepers(&stage, "1")?;
        Wire::connect(stage.plain())?.packet(CANCEL_REQUEST, &key)?;
        assert_eq!(sqlstate(&wire.until('Z')?).as_deref(), Some("57014"));
        wait_for_sleepers(&stage, "0")?;
    }
    // libpq 18 sends its cancel requests within TLS.
    let script = r#"
import os, threading, psycopg
for extra in ["", " min_protocol_version=3.2 max_protocol_version=3.2",
              " max_protocol_version=3.2 sslnegotiation=direct"]:
    with psycopg.connect(os.environ["DSN"] + extra) as connection:
        threading.Timer(1, connection.cancel_safe).start()
        try:
            connection.execute("SELECT pg_sleep(60)")
        except psycopg.errors.QueryCanceled:
            print("cancelled", connection.info.full_protocol_version)
"#;
    let token = stage.token(&["insights"])?;
    let printed = stage.python(&token, script).run()?.ok()?;
    let expected = [30_000, 30_002, 30_002].map(|version| format!("cancelled {version}\n"));
    assert_eq!(printed, expected.concat());
    Ok(())
}

/// Tables of PostgreSQL 18: a column that is computed when it is read, a key of periods.
const MADE_IN_18: &str = "CREATE EXTENSION btree_gist;
    SET ROLE gateway;
    CREATE TABLE prices (id int PRIMARY KEY, net int, gross int GENERATED ALWAYS AS (net * 2) VIRTUAL, seen text);
    INSERT INTO prices VALUES (1, 10), (2, 20);
    CREATE TABLE bookings (room int, during daterange, guest text,
        CONSTRAINT bookings_key PRIMARY KEY (room, during WITHOUT OVERLAPS));
    INSERT INTO bookings VALUES (1, '[2026-01-01,2026-01-10)', 'Ada')";

fn at_18() -> Result<Stage> {
    let database = Database::own(server(18))?;
    database.sql(MADE_IN_18)?;
    let setting = Setting::default()
        .holds(&[])
        .rule(
            "{ name: writes, groups: [insights], allow: [{ select: [public.prices, public.bookings], \
             insert: [public.prices, public.bookings], update: [public.prices, public.customers], \
             delete: [public.prices], merge: [public.prices, public.customers], copy: [public.prices] }] }",
        )
        .rule(
            "{ name: builds, groups: [admins], allow: [{ actions: [create, alter, drop], objects: [public.new*, \
             public.prices, \"public.prices.**\", \"public.new*.**\"] }, { select: [public.prices, \"public.new*\"] }] }",
        );
    Stage::on(database, setting)
}

#[test]
fn what_postgresql_18_brought_is_seen_for_what_it_is() -> Result<()> {
    let stage = at_18()?;
    let agent = stage.agent(&["insights"])?;
    let mut other = String::new();
    for (statement, rows) in [
        ("SELECT gross FROM prices ORDER BY id", "20\n40"),
        (
            "UPDATE prices SET net = 11 WHERE id = 1 RETURNING old.gross, new.gross",
            "20|22",
        ),
        (
            "UPDATE prices SET net = 10 WHERE id = 1 RETURNING WITH (OLD AS o, NEW AS n) o.net, n.*",
            "11|1|10|20|",
        ),
        (
            "INSERT INTO prices VALUES (3, 30) RETURNING old.id, new.id",
            "|3",
        ),
        (
            "DELETE FROM prices WHERE id = 3 RETURNING old.net, new.net",
            "30|",
        ),
        (
            "WITH merged (action, before, after) AS (\
             MERGE INTO prices p USING (VALUES (1, 15), (4, 40)) AS v (id, net) ON p.id = v.id \
             WHEN MATCHED THEN UPDATE SET net = v.net WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.net) \
             WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING merge_action(), old.net, new.net) \
             SELECT * FROM merged ORDER BY action",
            "DELETE|20|\nINSERT||40\nUPDATE|10|15",
        ),
        (
            "SELECT during FROM bookings WHERE room = 1",
            "[2026-01-01,2026-01-10)",
        ),
        (
            "SELECT uuid_extract_version(uuidv7()), uuid_extract_version(uuidv4())",
            "7|4",
        ),
        (
            "SELECT casefold('STRASSE' COLLATE \"C\"), reverse('ab'::bytea)",
            "strasse|\\x6261",
        ),
        (
            "SELECT crc32('The quick'::bytea) = crc32c('The quick'::bytea)",
            "f",
        ),
        (
            "SELECT array_sort(ARRAY[3,1,2]), array_reverse(ARRAY[1,2])",
            "{1,2,3}|{2,1}",
        ),
        ("SELECT gamma(5), to_bin(5), 0x1F, 1_000", "24|101|31|1000"),
        (
            "SELECT json_value('{\"a\": [1, 2]}', '$.a[1]' RETURNING int), json_exists('{\"a\": 1}', '$.a')",
            "2|t",
        ),
        (
            "SELECT t.* FROM JSON_TABLE('[{\"a\": 1}, {\"a\": 2}]', '$[*]' COLUMNS (n FOR ORDINALITY, a int PATH '$.a')) t",
            "1|1\n2|2",
        ),
        (
            "SELECT any_value(id), name FROM customers WHERE id = 1 GROUP BY name",
            "1|Ada Lindgren",
        ),
        (
            "SELECT old.email, new.email FROM (SELECT 1) x, customers old, customers new WHERE old.id = 1 AND new.id = 1",
            "a***@e***.com|a***@e***.com",
        ),
        (
            "UPDATE customers SET name = name WHERE id = 1 RETURNING old.email, new.card, old.name",
            "a***@e***.com|[redacted]|Ada Lindgren",
        ),
        (
            "MERGE INTO customers c USING (VALUES (1)) AS v (id) ON c.id = v.id WHEN MATCHED THEN UPDATE SET name = c.name \
             RETURNING merge_action(), old.email, new.phone",
            "UPDATE|a***@e***.com|",
        ),
    ] {
        let told = agent.clone().arg("-Atq").run(&[statement])?;
        let shown = told.stdout.trim_end_matches('\n');
        if shown != rows {
            other += &format!("{statement}\n{shown}\n{}\n", told.stderr);
        }
    }
    assert_eq!(other, "");
    // Periods that overlap are an error of the database, like any other.
    says(
        &agent.error("INSERT INTO bookings VALUES (1, '[2026-01-05,2026-01-06)', 'Bela')")?,
        &["23P01", "bookings_key"],
    );
    // Behind a masked path, one name for the row is like another.
    for statement in [
        "UPDATE customers SET name = name WHERE id = 1 RETURNING old, new",
        "UPDATE customers SET name = name WHERE id = 1 RETURNING WITH (OLD AS o) to_jsonb(o), o.profile ->> 'phone'",
        "SELECT t.* FROM customers, JSON_TABLE(profile, '$' COLUMNS (p text PATH '$.phone')) t",
        "SELECT json_value(profile, '$.phone'), json_query(profile, '$'), json_serialize(profile) FROM customers",
        "SELECT json_arrayagg(email), json_objectagg(id: email) FROM customers",
        "SELECT json_exists(profile, '$ ? (@.phone == \"+1 202 555 0143\")') FROM customers",
        "SELECT casefold(email), crc32(email::bytea), reverse(card::bytea) FROM customers",
        "SELECT array_sort(array_agg(email)), array_reverse(array_agg(card)), any_value(email) FROM customers",
        "MERGE INTO prices p USING customers c ON p.id = c.id WHEN MATCHED THEN UPDATE SET seen = c.email RETURNING new.seen",
        "UPDATE prices SET seen = c.email FROM customers c WHERE c.id = prices.id RETURNING new.seen",
        "INSERT INTO prices (id, seen) SELECT 9, email FROM customers LIMIT 1 RETURNING new.seen",
        "SELECT seen FROM prices",
    ] {
        let told = agent.run(&[statement])?;
        never(&format!("{}{}", told.stdout, told.stderr), &CANARIES);
    }
    // What no rule allows is denied under its new name too.
    for statement in [
        "UPDATE payroll SET secret = secret RETURNING old.secret",
        "MERGE INTO payroll USING (VALUES (1)) v ON true WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING old.secret",
        "SELECT * FROM pg_get_loaded_modules()",
        "SELECT * FROM pg_aios",
        "ALTER TABLE prices ADD CONSTRAINT net_there NOT NULL net NOT VALID",
        "COPY payroll FROM STDIN (ON_ERROR ignore, LOG_VERBOSITY silent)",
        "EXPLAIN (ANALYZE, SERIALIZE TEXT, MEMORY) SELECT secret FROM payroll",
        "VACUUM (ONLY_DATABASE_STATS)",
        "ANALYZE ONLY payroll",
        "CREATE TABLE new_bookings (LIKE payroll)",
    ] {
        let told = agent.run(&[statement])?;
        if !told.stderr.contains("42501") {
            other += &format!("{statement}\n{}{}\n", told.stdout, told.stderr);
        }
    }
    assert_eq!(other, "");
    Ok(())
}

#[test]
fn definitions_of_postgresql_18_take_a_rule() -> Result<()> {
    let stage = at_18()?;
    let admin = stage.agent(&["admins"])?;
    for statement in [
        "ALTER TABLE prices ALTER COLUMN gross SET EXPRESSION AS (net * 3)",
        "ALTER TABLE prices ADD CONSTRAINT net_there NOT NULL net NOT VALID",
        "ALTER TABLE prices VALIDATE CONSTRAINT net_there",
        "ALTER TABLE prices ALTER CONSTRAINT net_there NO INHERIT",
        "ALTER TABLE prices ADD CONSTRAINT cheap CHECK (net < 100) NOT ENFORCED",
        "CREATE TABLE new_terms (id int, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS))",
        "CREATE TABLE new_uses (id int, during daterange, FOREIGN KEY (id, PERIOD during) REFERENCES new_terms)",
        "CREATE TABLE new_sums (a int, b int GENERATED ALWAYS AS (a + 1))",
        "ALTER TABLE new_sums DROP COLUMN b",
        "CREATE INDEX new_index ON new_terms (id)",
        "DROP TABLE new_uses, new_terms, new_sums",
    ] {
        let told = admin.run(&[statement])?;
        assert!(told.success(), "{statement}: {}", told.stderr);
    }
    assert_eq!(admin.query("SELECT gross FROM prices WHERE id = 2")?, "60");
    Ok(())
}
