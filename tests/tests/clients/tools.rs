//! PostgreSQL's own tools, for an identity that may browse the catalog.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::process::{Output, Process};
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, Setting, Stage};

const COMPLETION: &str = include_str!("../../python/completion.py");

/// `\d` and its relatives.
const DESCRIBE: &[&str] = &[
    "\\d",
    "\\d+",
    "\\d customers",
    "\\d+ customers",
    "\\d+ customer_emails",
    "\\d invoices_pkey",
    "\\dS+ pg_class",
    "\\da",
    "\\dA+",
    "\\dAc",
    "\\dAf",
    "\\dAo",
    "\\dAp",
    "\\db",
    "\\dc+",
    "\\dC+",
    "\\dd",
    "\\dD+",
    "\\ddp",
    "\\dE",
    "\\des",
    "\\det",
    "\\dew",
    "\\df+",
    "\\dF+",
    "\\dFd",
    "\\dFp",
    "\\dFt",
    "\\dg",
    "\\di+",
    "\\dl",
    "\\dL+",
    "\\dm",
    "\\dn+",
    "\\do",
    "\\dO",
    "\\dp",
    "\\dP+",
    "\\dRp",
    "\\drds",
    "\\dRs",
    "\\dconfig",
    "\\ds+",
    "\\dt+",
    "\\dT+",
    "\\du+",
    "\\dv+",
    "\\dx+",
    "\\dX",
    "\\dy",
    "\\l+",
    "\\sf shout",
    "\\sv customer_emails",
    "\\z",
];

fn browsing() -> Setting {
    Setting::default().rule(
        "{ name: browse, groups: [insights], catalog: browse, allow: [{ copy: [public.customers, public.invoices] }] }",
    )
}

fn pg_dump(stage: &Stage, groups: &[&str], arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new("pg_dump");
    command
        .args([
            "--host=localhost",
            "--username=insights-bot",
            "--no-password",
        ])
        .arg(format!("--port={}", stage.tls().port()))
        .args(arguments)
        .arg("billing")
        .env("PGPASSWORD", stage.token(groups)?)
        .env("PGSSLMODE", "verify-full")
        .env("PGSSLROOTCERT", stage.authority());
    Process::run("pg_dump", command, Duration::from_secs(120))
}

#[test]
fn an_allowed_table_is_dumped_masked() -> Result<()> {
    let stage = Stage::with(browsing())?;
    let dump = pg_dump(&stage, &["insights"], &["--table=customers"])?.ok()?;
    says(
        &dump,
        &[
            "CREATE TABLE public.customers (",
            "1\tAda Lindgren\ta***@e***.com\t[redacted]\t",
            "customers_pkey PRIMARY KEY (id)",
        ],
    );
    never(&dump, &["ada.lindgren@example.com", "4111", "555 0143"]);
    let inserts = pg_dump(
        &stage,
        &["insights"],
        &["--table=customers", "--table=invoices", "--inserts"],
    )?
    .ok()?;
    says(
        &inserts,
        &["INSERT INTO public.customers VALUES (1, 'Ada Lindgren', 'a***@e***.com'"],
    );
    never(&inserts, &["ada.lindgren@example.com", "4111", "555 0143"]);
    let schema = pg_dump(&stage, &["insights"], &["--schema-only"])?;
    // Locking the payroll takes what reading it takes.
    says(&schema.stderr, &["payroll"]);
    // Another table, or nobody who may browse.
    for (groups, table) in [("insights", "payroll"), ("clerks", "invoices")] {
        let denied = pg_dump(&stage, &[groups], &[&format!("--table={table}")])?;
        assert!(!denied.success());
        never(&denied.stdout, &["seven thousand", "INSERT", "COPY"]);
    }
    Ok(())
}

#[test]
fn psql_describes_everything() -> Result<()> {
    described_at(Database::shared()?)
}

/// psql's `\d` and its relatives work at a database, whichever it is.
pub(crate) fn described_at(database: Database) -> Result<()> {
    let stage = Stage::on(database, browsing())?;
    let agent = stage.agent(&["insights"])?;
    let owner = stage.database.server().psql(stage.database.name());
    let mut denied = String::new();
    for command in DESCRIBE {
        let shown = agent.run(&[command])?;
        // An older psql does not know every catalog of a newer server.
        if !shown.success() && owner.run(&[command])?.success() {
            denied += &format!("{command}: {}", shown.stderr);
        }
    }
    assert_eq!(denied, "");
    // What others log in with elsewhere is never open.
    says(&agent.run(&["\\deu"])?.stderr, &["42501"]);
    let shown = agent.run(&["\\d+ customers", "\\sf shout"])?.ok()?;
    says(
        &shown,
        &["customers_pkey", "jsonb", "SELECT upper($1) || '!'"],
    );
    Ok(())
}

#[test]
fn psql_completes_names() -> Result<()> {
    let stage = Stage::with(browsing())?;
    let printed = stage
        .python(&stage.token(&["insights"])?, COMPLETION)
        .run()?
        .ok()?;
    assert_eq!(printed, "completed\n");
    Ok(())
}
