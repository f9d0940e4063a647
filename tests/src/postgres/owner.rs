//! Who runs a PostgreSQL server, and which one.
//!
//! PostgreSQL refuses to run as root, so root's tests run it as the user `postgres` that
//! Debian's package makes. Everybody else runs it as themselves.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::template::copy_folder;
use crate::workspace;

/// The user a server runs as; `None` when that is the user we are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    switch_to: Option<(u32, u32)>,
}

/// The user for servers on this machine.
pub(super) fn of_servers() -> Result<Owner> {
    if !rustix::process::getuid().is_root() {
        return Ok(Owner { switch_to: None });
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    let ids = ids.context("root cannot run PostgreSQL, and there is no user postgres")?;
    Ok(Owner {
        switch_to: Some(ids),
    })
}

/// The folder of `postgres` and `initdb`: of a version under `tests/servers`, or else what
/// `NARROWGATE_POSTGRES_BIN` names, or else the newest of Debian's.
pub(super) fn binaries(version: Option<u32>) -> Result<PathBuf> {
    if let Some(version) = version {
        let packages = workspace::root().join("tests/servers/node_modules");
        let binaries = packages.join(format!("postgres-{version}/native/bin"));
        ensure!(
            binaries.join("initdb").exists(),
            "{} is not there: make setup installs it",
            binaries.display()
        );
        return Ok(binaries);
    }
    if let Some(named) = std::env::var_os("NARROWGATE_POSTGRES_BIN") {
        return Ok(PathBuf::from(named));
    }
    let mut versions = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed")? {
        let folder = entry?.path();
        let version = folder
            .file_name()
            .and_then(|name| name.to_str()?.parse::<u32>().ok());
        let binaries = folder.join("bin");
        if let Some(version) = version
            && binaries.join("initdb").exists()
        {
            versions.push((version, binaries));
        }
    }
    let newest = versions
        .into_iter()
        .max()
        .context("PostgreSQL's server is not installed")?;
    Ok(newest.1)
}

impl Owner {
    /// Has `command` run as this user. (The groups of root are dropped along.)
    pub(super) fn run_as(self, command: &mut Command) {
        if let Some((user, group)) = self.switch_to {
            command.uid(user).gid(group);
        }
    }

    /// Where this user runs what is in `binaries`: in place, or in a copy inside of `folder`,
    /// since a checkout may be closed to others.
    pub(super) fn reach(self, binaries: PathBuf, folder: &Path) -> Result<PathBuf> {
        if self.switch_to.is_none() || !binaries.starts_with(workspace::root()) {
            return Ok(binaries);
        }
        let whole = binaries.parent().context("binaries in no folder")?;
        copy_folder(whole, &folder.join("server"))?;
        Ok(folder.join("server/bin"))
    }

    /// Gives a file or folder to this user.
    pub(super) fn take(self, path: &Path) -> Result<()> {
        let Some((user, group)) = self.switch_to else {
            return Ok(());
        };
        chown(path, Some(user), Some(group)).with_context(|| path.display().to_string())
    }

    /// Tells the users of cached folders apart.
    pub(super) fn id(self) -> u32 {
        self.switch_to
            .map_or_else(|| rustix::process::getuid().as_raw(), |(user, _)| user)
    }
}
