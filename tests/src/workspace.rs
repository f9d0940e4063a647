//! Where things are in this repository.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The repository's top folder.
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// What `make setup` and the tests keep from run to run.
pub fn cache() -> PathBuf {
    root().join(".cache")
}

/// The components that `make guests` builds: `auth.wasm`, `policy.wasm`, …
pub fn filters() -> PathBuf {
    root().join("target/filters")
}

/// The component of a built-in or example filter, by its folder's name.
///
/// # Errors
/// When it has not been built.
pub fn filter(name: &str) -> Result<PathBuf> {
    built(filters().join(name).with_extension("wasm"), "make guests")
}

/// The component of a guest under `tests/guests`, by its folder's name.
///
/// # Errors
/// When it has not been built.
pub fn hostile_filter(name: &str) -> Result<PathBuf> {
    let hostile = filters().join("hostile");
    built(hostile.join(name).with_extension("wasm"), "make guests")
}

/// The gateway: what `NARROWGATE_BIN` names, or else the binary beside the
/// running test in cargo's target folder.
///
/// # Errors
/// When it has not been built.
pub fn binary() -> Result<PathBuf> {
    if let Some(named) = env::var_os("NARROWGATE_BIN") {
        return built(PathBuf::from(named), "its build");
    }
    // target/debug/deps/TEST-HASH → target/debug/narrowgate
    let test = env::current_exe()?;
    let profile = test.ancestors().nth(2).unwrap_or(Path::new("."));
    built(profile.join("narrowgate"), "make build")
}

fn built(path: PathBuf, by: &str) -> Result<PathBuf> {
    if !path.is_file() {
        bail!("{} is not there: {by} makes it", path.display());
    }
    Ok(std::path::absolute(path)?)
}
