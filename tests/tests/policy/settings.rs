//! Settings: one allow-list, whatever way they are asked for, and nothing that the gateway
//! reads by changes unseen.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Setting, Stage};

/// What changes how text is read, what names mean or whose rights apply, with a value.
const READ_BY: [(&str, &str); 12] = [
    ("standard_conforming_strings", "off"),
    ("client_encoding", "SQL_ASCII"),
    ("backslash_quote", "on"),
    ("escape_string_warning", "off"),
    ("array_nulls", "off"),
    ("transform_null_equals", "on"),
    ("search_path", "pg_temp"),
    ("role", "postgres"),
    ("session_authorization", "postgres"),
    ("session_replication_role", "replica"),
    ("check_function_bodies", "off"),
    ("local_preload_libraries", "evil"),
];

/// The ways of asking for one.
const WAYS: [&str; 9] = [
    "SET NAME TO 'VALUE'",
    "SET SESSION NAME = 'VALUE'",
    "SET LOCAL NAME TO 'VALUE'",
    "SET \"NAME\" = 'VALUE'",
    "SELECT set_config('NAME', 'VALUE', false)",
    "SELECT pg_catalog.set_config('na' || 'me', 'VALUE', true)",
    "SELECT set_config(name, 'VALUE', false) FROM pg_settings WHERE name = 'NAME'",
    "ALTER ROLE gateway SET NAME = 'VALUE'",
    "ALTER DATABASE billing SET NAME = 'VALUE'",
];

#[test]
fn what_the_gateway_reads_by_cannot_be_changed_in_any_way() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    let mut all = Vec::new();
    for (name, value) in READ_BY {
        let asked = WAYS.map(|way| way.replace("NAME", name).replace("VALUE", value) + ";");
        all.extend(asked);
    }
    all.extend([
        "PREPARE p(text, text) AS SELECT set_config($1, $2, false);".to_owned(),
        "SET NAMES 'LATIN1';".to_owned(),
        "SET SCHEMA 'pg_temp';".to_owned(),
        "SET ROLE postgres;".to_owned(),
        "SET SESSION AUTHORIZATION postgres;".to_owned(),
        "ALTER SYSTEM SET jit = off;".to_owned(),
    ]);
    let count = all.len();
    let statements: Vec<&str> = all.iter().map(String::as_str).collect();
    let said = agent.session(
        &[
            &statements[..],
            &["SELECT email, 'alive' FROM customers WHERE id = 1;"],
        ]
        .concat(),
    )?;
    assert_eq!(said.matches("ERROR:  42501").count(), count, "{said}");
    says(&said, &["a***@e***.com|alive"]);
    for (name, value) in READ_BY {
        for options in [
            format!("-c {name}={value}"),
            format!("-c{name}={value}"),
            format!("--{}={value}", name.replace('_', "-")),
            format!("-c \\{name}={value}"),
        ] {
            let refused = agent.clone().env("PGOPTIONS", &options);
            says(&refused.error("SELECT 1")?, &["FATAL"]);
        }
    }
    Ok(())
}

#[test]
fn what_may_be_set_may_be_asked_for_at_the_start_and_comes_back_where_it_was() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?.env(
        "PGOPTIONS",
        "-c work_mem=5MB --bytea-output=escape -c datestyle=ISO,\\ DMY",
    );
    let said = agent.session(&[
        "SELECT 'start'; SHOW work_mem; SHOW bytea_output; SHOW datestyle;",
        "SET work_mem = '6MB'; SELECT set_config('bytea_output', 'hex', false);",
        "BEGIN; SET LOCAL work_mem = '7MB'; SAVEPOINT s; SET work_mem = '8MB'; ROLLBACK TO s;",
        "SELECT 'savepoint'; SHOW work_mem; ROLLBACK;",
        "SELECT 'rollback'; SHOW work_mem; SHOW bytea_output;",
        "SET work_mem TO DEFAULT; RESET bytea_output;",
        "SELECT 'reset'; SHOW work_mem; SHOW bytea_output;",
        "SET work_mem = '9MB'; RESET ALL; SELECT 'all'; SHOW work_mem;",
        "SET work_mem = '9MB';",
        "DISCARD ALL;",
        "SELECT 'discarded'; SHOW work_mem;",
    ])?;
    never(&said, &["ERROR"]);
    says(
        &said,
        &[
            "start\n5MB\nescape\nISO, DMY",
            "savepoint\n7MB",
            "rollback\n6MB\nhex",
            "reset\n5MB\nescape",
            "all\n5MB",
            "discarded\n5MB",
        ],
    );
    Ok(())
}

#[test]
fn the_path_stays_pinned_through_every_way_back() -> Result<()> {
    // The role and the database have ideas of their own, which hold for nobody here.
    let stage = Stage::with(Setting::default())?;
    stage.database.sql(&format!(
        "ALTER ROLE gateway IN DATABASE {0} SET standard_conforming_strings = off;
         ALTER DATABASE {0} SET client_encoding = 'LATIN1'",
        stage.database.name()
    ))?;
    let agent = stage.agent(&["insights"])?;
    let path = "SHOW search_path; SHOW standard_conforming_strings; SHOW client_encoding;";
    let said = agent.session(&[
        path,
        "SET search_path = '';",
        "SELECT email FROM public.customers WHERE id = 1;",
        "RESET search_path;",
        path,
        "BEGIN; SET LOCAL search_path = ''; ROLLBACK;",
        path,
        "BEGIN; SELECT set_config('search_path', '', false); SAVEPOINT s; SET search_path TO DEFAULT; ROLLBACK TO s; COMMIT; RESET ALL;",
        path,
        "RESET standard_conforming_strings; RESET client_encoding; SET NAMES DEFAULT; DISCARD ALL;",
        path,
        "SELECT email, 'alive' FROM customers WHERE id = 1;",
    ])?;
    never(&said, &["ERROR", "ada.lindgren"]);
    assert_eq!(
        said.matches("public, pg_temp\non\nUTF8").count(),
        5,
        "{said}"
    );
    says(&said, &["a***@e***.com|alive"]);
    Ok(())
}
