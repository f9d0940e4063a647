//! Compiled filters, kept from gateway to gateway: compiling them takes seconds, and
//! every test starts a gateway of its own.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace;

/// More files than this, and the older builds among them go.
const MOST: usize = 64;

/// Gives a state directory what has been compiled before. The files are of no use without the
/// key beside them, which is copied along.
pub(super) fn lend(state: &Path) -> Result<()> {
    let _locked = lock()?;
    copy_new(&kept()?, &state.join("filters"))
}

/// Keeps what a gateway has compiled.
pub(super) fn keep(state: &Path) -> Result<()> {
    let _locked = lock()?;
    let kept = kept()?;
    if fs::read_dir(&kept)?.count() > MOST {
        fs::remove_dir_all(&kept)?;
    }
    copy_new(&state.join("filters"), &self::kept()?)
}

/// The folder, with the key that all gateways of the tests seal their files with.
fn kept() -> Result<PathBuf> {
    let folder = workspace::cache().join("compiled");
    private(&folder)?;
    let key = folder.join("cache.key");
    if !key.exists() {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(key)?.write_all(&rand::random::<[u8; 32]>())?;
    }
    Ok(folder)
}

fn lock() -> Result<File> {
    fs::create_dir_all(workspace::cache())?;
    let lock = File::create(workspace::cache().join("compiled.lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Copies the files that are not there, with their modes.
fn copy_new(from: &Path, to: &Path) -> Result<()> {
    private(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        // What is being written has another ending and is left alone.
        let whole = entry
            .path()
            .extension()
            .is_some_and(|end| end == "cwasm" || end == "key");
        if whole && !copy.exists() {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

fn private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
        .create(folder)
        .with_context(|| folder.display().to_string())
}
