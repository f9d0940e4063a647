//! An initialised data folder, made once and copied for each server: initdb takes a
//! second, a copy a few dozen milliseconds.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::owner::Owner;
use crate::process::Process;
use crate::workspace;

const WITHIN: Duration = Duration::from_secs(120);

/// Makes `data` a fresh data folder of `owner`, encoding UTF8.
pub(super) fn copy(data: &Path, owner: &Owner, binaries: &Path) -> Result<()> {
    let cache = workspace::cache();
    fs::create_dir_all(&cache)?;
    let version = version(binaries)?;
    let template = cache.join(format!("postgres-{version}-{}", owner.id()));

    // Test processes run side by side; one makes the template, the others wait for it.
    let lock = File::create(cache.join("postgres.lock"))?;
    lock.lock()?;
    if !template.exists() {
        initialise(&template, owner, binaries)?;
    }
    drop(lock);
    copy_folder(&template, data)
}

/// `15.8`, from `initdb (PostgreSQL) 15.8 (Debian …)`.
fn version(binaries: &Path) -> Result<String> {
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb.arg("--version");
    let printed = Process::run("initdb", initdb, WITHIN)?.ok()?;
    let version = printed.split_whitespace().nth(2);
    Ok(version
        .context("initdb does not tell its version")?
        .to_owned())
}

/// Runs initdb where its user may write, then moves the result to its place in one step.
fn initialise(template: &Path, owner: &Owner, binaries: &Path) -> Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("narrowgate-initdb-")
        .tempdir()?;
    owner.take(folder.path())?;
    let data = folder.path().join("data");
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
        .args(["--locale=C.UTF-8", "--no-sync", "--pgdata"])
        .arg(&data)
        .current_dir(folder.path());
    owner.run_as(&mut initdb);
    Process::run("initdb", initdb, WITHIN)?.ok()?;

    let aside = template.with_extension("new");
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    copy_folder(&data, &aside)?;
    Ok(fs::rename(&aside, template)?)
}

/// With owners, modes and times, which PostgreSQL looks at.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let mut copy = Command::new("cp");
    copy.args(["-a", "--reflink=auto"]).arg(from).arg(to);
    Process::run("cp", copy, WITHIN)?.ok()?;
    Ok(())
}
