//! What a target holds that undermines its masking rules, and who is told.

use anyhow::{Context, Result};
use narrowgate_tests::postgres::Postgres;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, Setting, Stage};
use serde_json::Value;

/// A stage whose gateway has left compiled filters, which a check uses.
fn stage() -> Result<Stage> {
    let server = Postgres::builder().setting("wal_level", "logical");
    let mut setting = Setting::default();
    setting
        .masks
        .push("{ match: public.customers.emial, with: redact }".to_owned());
    setting
        .masking
        .push("trusted_functions: [public.shout, public.mails]".to_owned());
    Stage::on(Database::own(server)?, setting)
}

/// What `check --target` says: its exit code, and what it prints.
fn checked(stage: &Stage, more: &[&str]) -> Result<(i32, String)> {
    let config = stage.config().display().to_string();
    let all = [&["check", "--target", "billing"], more, &[&config]].concat();
    let output = stage.narrowgate(&all)?;
    Ok((output.code(), format!("{}{}", output.stdout, output.stderr)))
}

/// The findings as (certainty, what, why, rules), without that about the mistyped rule.
fn findings(stage: &Stage) -> Result<(i32, Vec<[String; 4]>)> {
    let (code, said) = checked(stage, &["--json"])?;
    let said: Value = serde_json::from_str(&said).context(said)?;
    let mut found = Vec::new();
    let findings = said.get("findings").and_then(Value::as_array);
    for finding in findings.context("no findings")? {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        if !finding["what"].to_string().contains("emial") {
            let rules = finding["rules"].to_string();
            found.push([text("certainty"), text("what"), text("why"), rules]);
        }
    }
    Ok((code, found))
}

/// What is made, what is found (certainty, what, part of why, part of the rules), and how it
/// is taken away again.
const CASES: &[(&str, &[[&str; 4]], &str)] = &[
    (
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO invoices VALUES (0, 0, 0, NEW.email); RETURN NEW; END';
         CREATE TRIGGER keeper AFTER INSERT ON customers FOR EACH ROW EXECUTE FUNCTION keep()",
        &[["certain", "trigger keeper on public.customers calling public.keep", "names", "customers.email"]],
        "DROP FUNCTION keep CASCADE",
    ),
    (
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO invoices VALUES (0, 0, 0, NEW::text); RETURN NEW; END';
         CREATE TRIGGER keeper AFTER INSERT ON customers FOR EACH ROW EXECUTE FUNCTION keep();
         CREATE TRIGGER elsewhere AFTER INSERT ON archive FOR EACH ROW EXECUTE FUNCTION keep();
         CREATE TRIGGER off AFTER DELETE ON customers FOR EACH ROW EXECUTE FUNCTION keep();
         ALTER TABLE customers DISABLE TRIGGER off",
        &[["possible", "trigger keeper on public.customers", "whole rows", "customers.phone"]],
        "DROP FUNCTION keep CASCADE",
    ),
    (
        "CREATE RULE copying AS ON UPDATE TO customers DO ALSO
            INSERT INTO invoices VALUES (0, 0, 0, OLD.card);
         CREATE RULE harmless AS ON DELETE TO archive DO ALSO NOTHING",
        &[["certain", "rule copying on public.customers", "names", "customers.card"]],
        "DROP RULE copying ON customers; DROP RULE harmless ON archive",
    ),
    (
        "CREATE VIEW mails AS SELECT id, email AS mail FROM customers;
         CREATE MATERIALIZED VIEW kept AS SELECT id, mail FROM mails",
        &[["possible", "column public.kept.mail of a materialised view", "copy", "customers.email"]],
        "DROP VIEW mails CASCADE",
    ),
    (
        "ALTER TABLE customers ADD domain text GENERATED ALWAYS AS (split_part(email, '@', 2)) STORED,
            ADD twice integer GENERATED ALWAYS AS (id * 2) STORED",
        &[["certain", "generated column public.customers.domain", "split_part", "customers.email"]],
        "ALTER TABLE customers DROP domain, DROP twice",
    ),
    (
        "CREATE EXTENSION postgres_fdw; CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw;
         CREATE FOREIGN TABLE again (id integer, mail text OPTIONS (column_name 'email')) SERVER loop
            OPTIONS (schema_name 'public', table_name 'customers')",
        &[
            ["certain", "column public.again.mail of a foreign table", "public.customers.email", "customers.email"],
            ["possible", "extension postgres_fdw", "past", "[]"],
            ["possible", "foreign table public.again", "loop of postgres_fdw", "[]"],
        ],
        "DROP EXTENSION postgres_fdw CASCADE",
    ),
    (
        "CREATE FUNCTION mails() RETURNS SETOF text LANGUAGE sql AS 'SELECT email FROM customers';
         CREATE FUNCTION sweep() RETURNS void LANGUAGE sql SECURITY DEFINER AS
            'INSERT INTO invoices SELECT 0, 0, 0, c::text FROM customers c';
         CREATE FUNCTION secretly() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS
            'SELECT count(*) FROM customers';
         REVOKE EXECUTE ON FUNCTION secretly FROM PUBLIC;
         CREATE FUNCTION aside() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS
            'SELECT count(*) FROM archive'",
        &[
            ["certain", "function public.mails", "shown as it is", "trusted_functions: public.mails"],
            ["possible", "function public.sweep", "owner's rights", "customers.email"],
        ],
        "DROP FUNCTION mails, sweep, secretly, aside",
    ),
    (
        "CREATE PUBLICATION all_of_it FOR TABLE customers, invoices;
         CREATE PUBLICATION some_of_it FOR TABLE customers (id, name)",
        &[["certain", "publication all_of_it of public.customers", "subscribers", "customers.card"]],
        "DROP PUBLICATION all_of_it, some_of_it",
    ),
    (
        "SELECT pg_create_logical_replication_slot('spy', 'pgoutput')",
        &[["possible", "logical replication slot spy (pgoutput)", "every change", "[]"]],
        "SELECT pg_drop_replication_slot('spy')",
    ),
    (
        "CREATE EXTENSION dblink; CREATE EXTENSION file_fdw; CREATE EXTENSION pg_trgm",
        &[
            ["possible", "extension dblink", "past", "[]"],
            ["possible", "extension file_fdw", "past", "[]"],
        ],
        "DROP EXTENSION dblink, file_fdw, pg_trgm",
    ),
    (
        "ALTER ROLE gateway BYPASSRLS CREATEROLE; GRANT pg_read_server_files, pg_read_all_data TO gateway",
        &[
            ["certain", "role gateway", "bypasses row security", "[]"],
            ["certain", "role gateway", "is a member of pg_read_server_files", "[]"],
            ["certain", "role gateway", "may create roles", "[]"],
        ],
        "ALTER ROLE gateway NOBYPASSRLS NOCREATEROLE; REVOKE pg_read_server_files, pg_read_all_data FROM gateway",
    ),
    (
        "ALTER ROLE gateway SUPERUSER",
        &[["certain", "role gateway", "is a superuser", "[]"]],
        "ALTER ROLE gateway NOSUPERUSER",
    ),
];

#[test]
fn each_thing_that_undermines_a_rule_is_named_with_it() -> Result<()> {
    let stage = stage()?;
    assert_eq!(findings(&stage)?, (0, Vec::new()));
    for (made, expected, undone) in CASES {
        stage.database.sql(made)?;
        let (code, found) = findings(&stage)?;
        assert_eq!(code, 1, "{made}");
        assert_eq!(found.len(), expected.len(), "{made}: {found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            for (found, expected) in found.iter().zip(expected) {
                says(found, &[expected]);
            }
        }
        stage.database.sql(undone)?;
    }
    // Nothing is left over to be found.
    assert_eq!(findings(&stage)?, (0, Vec::new()));
    Ok(())
}

#[test]
fn what_is_found_is_told_in_words_and_a_rule_that_names_nothing_is_noted() -> Result<()> {
    let stage = stage()?;
    let (code, said) = checked(&stage, &[])?;
    assert_eq!(code, 0, "{said}");
    says(
        &said,
        &[
            "note: ",
            "rule public.customers.emial (chain guarded)",
            "names no column",
            "billing: nothing undermines the rules for it (5 masked columns)",
        ],
    );
    stage
        .database
        .sql("CREATE MATERIALIZED VIEW kept AS SELECT email FROM customers")?;
    let (code, said) = checked(&stage, &[])?;
    assert_eq!(code, 1, "{said}");
    says(
        &said,
        &[
            "possible: ",
            "undermines public.customers.email (chain guarded)",
            "remedy     mask this column by its own name as well",
            "2 findings (0 certain)",
        ],
    );
    // What was advised helps.
    let yaml = stage.yaml().replace("customers.emial", "kept.email");
    stage.write(&yaml)?;
    let (code, said) = checked(&stage, &[])?;
    assert_eq!(code, 0, "{said}");
    Ok(())
}

#[test]
fn what_could_not_be_looked_at_is_not_called_clean() -> Result<()> {
    let stage = stage()?;
    let yaml = stage.yaml();
    stage.write(&yaml.replace("database: ", "databases: [nowhere]\n    database: "))?;
    let (code, said) = checked(&stage, &[])?;
    assert_eq!(code, 2, "{said}");
    says(&said, &["target billing, database nowhere", "3D000"]);
    let config = stage.config().display().to_string();
    let output = stage.narrowgate(&["check", "--target", "biling", &config])?;
    assert_eq!(output.code(), 2);
    says(
        &output.stderr,
        &["there is no target `biling`; did you mean `billing`?"],
    );
    // A configuration that is wrong is wrong before anybody connects.
    stage.write(&yaml.replace("catalog_refresh", "catalog_refersh"))?;
    assert_eq!(checked(&stage, &[])?.0, 1);
    Ok(())
}
