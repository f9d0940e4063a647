//! Compiled modules on disk.
//!
//! Loading a compiled module runs what the file holds, so a file counts only if
//! it carries a MAC under a key of this directory, checked on the very bytes
//! that are loaded. The directory is 0700, the key 0600; a file that is not
//! whole, not ours or not of this engine is compiled anew and replaced.

mod files;
mod key;
mod sealed;

use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use wasmtime::component::Component;

use self::key::Key;
use crate::Engine;

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The directory or the key cannot be used.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Somebody else could write there.
    #[error("{0} belongs to somebody else, or others may write to it")]
    Unsafe(PathBuf),
}

/// A directory of compiled modules.
pub struct Cache {
    directory: PathBuf,
    key: Key,
}

impl Cache {
    /// Opens the directory, and makes it if it is not there.
    pub fn open(directory: &Path) -> Result<Self, CacheError> {
        let failed = |path: &Path, error| CacheError::Io {
            path: path.to_owned(),
            error,
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|error| failed(directory, error))?;
        let metadata = fs::symlink_metadata(directory).map_err(|error| failed(directory, error))?;
        if !metadata.is_dir() || !files::ours(&metadata) {
            return Err(CacheError::Unsafe(directory.to_owned()));
        }
        let path = directory.join("cache.key");
        let key = Key::open(&path).map_err(|error| failed(&path, error))?;
        Ok(Self {
            directory: directory.to_owned(),
            key: key.ok_or(CacheError::Unsafe(path))?,
        })
    }

    /// The compiled module of a digest, if the cache has a good one.
    pub(crate) fn get(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let name = name(engine, digest);
        let file = files::read(&self.directory.join(&name))?;
        let module = self.key.verified(&name, &file)?;
        sealed::deserialize(engine, module)
    }

    /// Keeps a compiled module. That it cannot be kept costs time at the next
    /// start and nothing else.
    pub(crate) fn put(&self, engine: &Engine, digest: &str, component: &Component) {
        let name = name(engine, digest);
        let path = self.directory.join(&name);
        let kept = component
            .serialize()
            .map_err(io::Error::other)
            .and_then(|module| replace(&path, &self.key.seal(&name, &module), &module));
        if let Err(error) = kept {
            tracing::warn!(path = %path.display(), %error, "a compiled filter could not be kept");
        }
    }
}

/// The file of a digest for this engine: its version and all that its settings
/// mean for compiled code are in its hash.
fn name(engine: &Engine, digest: &str) -> String {
    let mut hasher = DefaultHasher::new();
    let compatibility = engine.inner().precompile_compatibility_hash();
    compatibility.hash(&mut hasher);
    format!("{digest}-{:016x}.cwasm", hasher.finish())
}

/// Puts a file in the place of what is there, in one step.
fn replace(path: &Path, mac: &[u8], module: &[u8]) -> io::Result<()> {
    let aside = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)?;
    file.write_all(mac)
        .and_then(|()| file.write_all(module))
        .and_then(|()| fs::rename(&aside, path))
        .inspect_err(|_| {
            // The first error is the one that tells.
            let _removed = fs::remove_file(&aside);
        })
}

#[cfg(test)]
mod tests;
