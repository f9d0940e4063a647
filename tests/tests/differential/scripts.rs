//! Scripts that psql runs past the gateway and through it, before a chain that allows
//! everything: what it prints has to be the same, byte for byte.
//!
//! Each way has a server of its own, made alike, so that numbers that the server gives out
//! are the same, too. `scripts/` holds the scripts; what they leave out, because it may
//! differ, they say themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use narrowgate_tests::postgres::{Auth, Postgres};
use narrowgate_tests::process::Process;
use narrowgate_tests::psql::Psql;
use narrowgate_tests::stage::{Database, PASSWORD, Setting, Stage};
use narrowgate_tests::workspace;

/// Longer than any script takes on a busy machine.
const WITHIN: Duration = Duration::from_secs(120);
/// Statements that went through the gateway at least.
const STATEMENTS: u64 = 1_500;
/// Errors that the gateway knows without asking: of the grammar and of what is no UTF-8, of names
/// of prepared statements and cursors, of a transaction that has failed.
const OWN: [&str; 5] = ["42601:", "22021:", "26000:", "34000:", "25P02:"];
/// Lines around a difference that are shown.
const AROUND: usize = 3;

/// A database of a superuser's on a server of its own.
fn database() -> Result<Database> {
    let database = Database::own(
        Postgres::builder()
            .auth(Auth::Password)
            .setting("max_prepared_transactions", 2),
    )?;
    let server = database.server();
    server.sql("postgres", "ALTER ROLE gateway SUPERUSER")?;
    server.sql("postgres", "CREATE DATABASE scripts OWNER gateway")?;
    Ok(database)
}

/// The gateway before one, allowing everything.
pub(crate) fn gateway() -> Result<Stage> {
    let mut setting = Setting::default()
        .rules(&["{ name: all, allow: [{ everything: true }] }"])
        .holds(&[])
        .target("allow_privileged: true")
        .target("databases: [scripts]");
    // The filter has to have something to do, for others.
    setting.masks = vec!["{ match: public.nothing.masked, groups: [clerks] }".to_owned()];
    Stage::on(database()?, setting)
}

#[test]
fn scripts_say_the_same_by_the_gateway_and_past_it() -> Result<()> {
    let direct = database()?;
    let stage = gateway()?;
    let past = Psql::to(direct.server().address())
        .user("gateway")
        .password(PASSWORD)
        .database("scripts")
        .sslmode("disable");
    let through = stage
        .plain_psql(&stage.token(&["insights"])?)
        .database("billing/scripts");
    let mut differences = Vec::new();
    for script in scripts()? {
        let (past, through) = thread::scope(|scope| {
            let past = scope.spawn(|| run(&past, &script));
            let through = run(&through, &script);
            (past.join(), through)
        });
        let past = past.map_err(|_| anyhow::anyhow!("psql's thread has ended"))??;
        let through = through?;
        for (stream, past, through) in [
            ("stdout", &past.0, &through.0),
            ("stderr", &past.1, &through.1),
        ] {
            if let Some(difference) = difference(past, through) {
                let name = script.file_stem().unwrap_or_default().display();
                differences.push(format!("{name}, {stream}:\n{difference}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    if std::env::var_os("NARROWGATE_SCRIPT").is_some() {
        return Ok(());
    }
    let allowed = "narrowgate_operations_total{target=\"billing\",verdict=\"allowed\"}";
    let count: u64 = stage.metric(allowed)?.parse()?;
    assert!(count >= STATEMENTS, "only {count} statements");
    Ok(())
}

fn scripts() -> Result<Vec<PathBuf>> {
    let folder = workspace::root().join("tests/tests/differential/scripts");
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut scripts = entries.collect::<Result<Vec<_>>>()?;
    scripts.sort();
    // One alone, while it is being written.
    if let Ok(only) = std::env::var("NARROWGATE_SCRIPT") {
        scripts.retain(|script| script.file_stem().is_some_and(|stem| *stem == *only));
    }
    Ok(scripts)
}

/// What psql prints for a script, on either stream.
fn run(psql: &Psql, script: &Path) -> Result<(String, String)> {
    let folder = tempfile::tempdir()?;
    let mut command = psql.command();
    command
        .args(["-v", "ON_ERROR_STOP=0", "-v", "VERBOSITY=default", "-f"])
        .arg(script.file_name().context("a script has a name")?)
        .current_dir(script.parent().unwrap_or(Path::new(".")))
        // Where a script may put what it copies.
        .env("COPIED", folder.path().join("copied"))
        .env("PGTZ", "UTC")
        .env("PGAPPNAME", "script")
        .env("LC_ALL", "C.UTF-8");
    let output = Process::run("psql", command, WITHIN)?;
    Ok((output.stdout, output.stderr))
}

/// The first lines that differ, with those around them.
fn difference(past: &str, through: &str) -> Option<String> {
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (past, through) = (without_own(&lines(past), &lines(through)), lines(through));
    if past == through {
        return None;
    }
    let pairs = past.iter().zip(&through);
    let same = pairs.take_while(|(a, b)| a == b).count();
    let around = |lines: &[String]| {
        let from = same.saturating_sub(AROUND);
        let lines: Vec<&str> = lines
            .iter()
            .skip(from)
            .take(2 * AROUND + 1)
            .map(String::as_str)
            .collect();
        lines.join("\n")
    };
    Some(format!(
        "--- past\n{}\n--- through\n{}",
        around(&past),
        around(&through)
    ))
}

/// The lines past the gateway without those that say where in the server's source an error
/// was raised, where the gateway raises the same error without asking the server.
fn without_own(past: &[String], through: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut own = false;
    for line in past {
        if let Some((_, error)) = line.split_once("ERROR:  ") {
            own = OWN.iter().any(|code| error.starts_with(code));
        }
        let missing = through.get(kept.len()) != Some(line);
        if !(own && missing && line.starts_with("LOCATION:")) {
            kept.push(line.clone());
        }
    }
    kept
}
