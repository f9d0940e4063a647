//! Compiled modules on disk.
//!
//! Loading a compiled module runs what the file holds, so a file counts only if
//! it carries a MAC under a key of this directory, checked on the very bytes
//! that are loaded. The directory is 0700, the key 0600; a file that is not
//! whole, not ours or not of this engine is compiled anew and replaced.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use wasmtime::component::Component;

use crate::Engine;

/// Length of the key and of a MAC.
const MAC: usize = 32;
/// Largest file that is looked at.
const LARGEST: u64 = 512 << 20;

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
    key: [u8; MAC],
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
        if !metadata.is_dir() || !ours(&metadata) {
            return Err(CacheError::Unsafe(directory.to_owned()));
        }
        let path = directory.join("cache.key");
        let key = key(&path).map_err(|error| failed(&path, error))?;
        let key = key.ok_or(CacheError::Unsafe(path))?;
        Ok(Self {
            directory: directory.to_owned(),
            key,
        })
    }

    /// The compiled module of a digest, if the cache has a good one.
    pub(crate) fn get(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let sealed = read(&self.path(engine, digest))?;
        let (mac, module) = sealed.split_at_checked(MAC)?;
        self.mac(digest, module).verify_slice(mac).ok()?;
        deserialize(engine, module)
    }

    /// Keeps a compiled module. That it cannot be kept costs time at the next
    /// start and nothing else.
    pub(crate) fn put(&self, engine: &Engine, digest: &str, component: &Component) {
        let path = self.path(engine, digest);
        let kept = component
            .serialize()
            .map_err(io::Error::other)
            .and_then(|module| {
                let mac = self.mac(digest, &module).finalize().into_bytes();
                let aside = path.with_extension(format!("{}.new", rand::rng().next_u64()));
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&aside)?;
                let written = file.write_all(&mac).and_then(|()| file.write_all(&module));
                written
                    .and_then(|()| fs::rename(&aside, &path))
                    .inspect_err(|_| {
                        let _already_failing = fs::remove_file(&aside);
                    })
            });
        if let Err(error) = kept {
            tracing::warn!(path = %path.display(), %error, "a compiled filter could not be kept");
        }
    }

    /// Where the module of a digest is for this engine.
    fn path(&self, engine: &Engine, digest: &str) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        engine
            .inner()
            .precompile_compatibility_hash()
            .hash(&mut hasher);
        self.directory
            .join(format!("{digest}-{:016x}.cwasm", hasher.finish()))
    }

    /// The MAC of a module, bound to what it was compiled from.
    fn mac(&self, digest: &str, module: &[u8]) -> Hmac<Sha256> {
        // Any length of key will do for HMAC, so this one does.
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key length");
        mac.update(&(digest.len() as u64).to_be_bytes());
        mac.update(digest.as_bytes());
        mac.update(module);
        mac
    }
}

/// Loads a module whose MAC has been verified.
fn deserialize(engine: &Engine, module: &[u8]) -> Option<Component> {
    #[expect(
        unsafe_code,
        reason = "the bytes carry a MAC under a key that only we can read"
    )]
    // SAFETY: these very bytes were made by `Component::serialize` here: their
    // MAC is good under a key that is ours alone. Wasmtime itself refuses those
    // of another version or configuration.
    unsafe { Component::deserialize(engine.inner(), module) }.ok()
}

/// True when the file is ours and nobody else may write to it.
fn ours(metadata: &fs::Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// The whole of a regular file of ours.
fn read(path: &Path) -> Option<Vec<u8>> {
    let file = open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || !ours(&metadata) || metadata.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Opens a file, not what a link at its place leads to.
fn open(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW.bits();
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(path)
}

/// The key, made at first use; `None` when it is not ours alone.
fn key(path: &Path) -> io::Result<Option<[u8; MAC]>> {
    let mut key = [0; MAC];
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => {
            rand::rng().fill_bytes(&mut key);
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(Some(key))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut file = open(path)?;
            let metadata = file.metadata()?;
            if !metadata.is_file() || !ours(&metadata) || metadata.mode() & 0o077 != 0 {
                return Ok(None);
            }
            file.read_exact(&mut key)?;
            Ok(Some(key))
        }
        Err(error) => Err(error),
    }
}
