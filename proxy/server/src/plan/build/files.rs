//! Reading the files and secrets that a configuration refers to, and keeping
//! track of which they are.

use std::path::{Path, PathBuf};

use narrowgate_config::{
    Endpoint, EndpointError, FileError, FileRef, Loaded, Secret, SecretError, SecretRef,
};

/// Longest certificate chain or key set, in bytes.
const DOCUMENT: usize = 1 << 20;

/// Reads files beside the configuration.
pub(super) struct Files {
    /// Where relative paths start.
    dir: PathBuf,
    /// What was read, or could not be.
    seen: Vec<PathBuf>,
}

impl Files {
    /// Only the configuration itself has been read.
    pub(super) fn new(loaded: &Loaded) -> Self {
        let mut files = Self {
            dir: loaded.dir.clone(),
            seen: Vec::new(),
        };
        files.saw(std::path::absolute(&loaded.path).unwrap_or_else(|_| loaded.path.clone()));
        files
    }

    /// A certificate, authority or key set.
    pub(super) fn read(&mut self, file: &FileRef) -> Result<Vec<u8>, FileError> {
        self.saw(file.path(&self.dir));
        file.read(&self.dir, DOCUMENT)
    }

    /// A secret.
    pub(super) fn secret(&mut self, reference: &SecretRef) -> Result<Secret, SecretError> {
        if let SecretRef::File(file) = reference {
            self.saw(file.path(&self.dir));
        }
        reference.resolve(&self.dir)
    }

    /// The URL of a webhook.
    pub(super) fn endpoint(&mut self, endpoint: &Endpoint) -> Result<Secret, EndpointError> {
        if let Endpoint::Secret(SecretRef::File(file)) = endpoint {
            self.saw(file.path(&self.dir));
        }
        endpoint.resolve(&self.dir)
    }

    /// A path of the configuration, absolute.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        // Components leave out the dots of `./recordings`.
        self.dir.join(path).components().collect()
    }

    /// Where relative paths start.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file that a change of makes another plan.
    pub(super) fn saw(&mut self, path: PathBuf) {
        if !self.seen.contains(&path) {
            self.seen.push(path);
        }
    }

    /// Everything that was read.
    pub(super) fn into_seen(self) -> Vec<PathBuf> {
        self.seen
    }
}
