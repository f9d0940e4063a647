//! One filter of a chain: loaded, given its secrets and grants, configured.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use narrowgate_config::{FilterEntry, FilterRef, pointer_child};
use narrowgate_wasm::{
    Cache, Configured, Engine, Grants, HostServices, Limits, LoadError, Loader, Module, Setup,
    Tokens,
};
use sha2::{Digest, Sha256};

use super::BuilderError;
use super::built_in::BuiltIn;
use super::faults::Faults;
use super::files::Files;
use super::secrets;

/// Largest component, in bytes.
const COMPONENT: u64 = 64 << 20;
/// Directory of compiled filters, in the state directory.
const COMPILED: &str = "filters";

/// Loads and configures filters.
pub(super) struct Filters {
    /// Compiles components, each once.
    loader: Loader,
    /// What filters may ask the host for.
    services: HostServices,
    /// Workers that share what a filter may have as a whole.
    workers: usize,
    /// Filters of the configuration in force, by [`key`].
    known: HashMap<[u8; 32], Arc<Configured>>,
    /// Filters of the configuration that is being made.
    new: HashMap<[u8; 32], Arc<Configured>>,
}

/// Where a filter stands in the configuration, as JSON pointers.
pub(super) struct Place {
    /// Its entry.
    pub(super) filter: String,
    /// Its own configuration.
    pub(super) config: String,
    /// What the filter is called in its chain.
    pub(super) name: String,
}

impl Filters {
    pub(super) fn new(
        tokens: Arc<dyn Tokens>,
        state: Option<&Path>,
        workers: usize,
    ) -> Result<Self, BuilderError> {
        let cache = state.map(|state| Cache::open(&state.join(COMPILED)));
        Ok(Self {
            loader: Loader::new(Engine::new()?, cache.transpose()?)?,
            services: HostServices {
                tokens,
                offset_minutes: local_offset,
            },
            workers: workers.max(1),
            known: HashMap::new(),
            new: HashMap::new(),
        })
    }

    /// What was made is in force now; what it no longer needs goes.
    pub(super) fn settle(&mut self) {
        self.known = std::mem::take(&mut self.new);
    }

    /// The filter of an entry.
    pub(super) fn filter(
        &mut self,
        entry: &FilterEntry,
        place: &Place,
        files: &mut Files,
        faults: &mut Faults<'_>,
    ) -> Option<Arc<Configured>> {
        let built_in = match &entry.filter {
            FilterRef::BuiltIn(name) => Some(BuiltIn::of(name)?),
            FilterRef::File(_) => None,
        };
        let module = match built_in {
            Some(built_in) => faults.take(&place.filter, "filter", built_in.load(&self.loader))?,
            None => self.load(entry, place, files, faults)?,
        };
        let grants = match built_in {
            Some(built_in) => built_in.grants.iter().map(|grant| grant.as_str()).collect(),
            None => entry
                .grants
                .iter()
                .map(|grant| grant.as_str())
                .collect::<Vec<_>>(),
        };
        let setup = Setup {
            name: place.name.clone(),
            config: secrets::resolve(&module, entry, place, files, faults)?,
            grants: granted(&grants, place, faults)?,
            limits: self.limits(entry),
            shared: built_in.is_some() || entry.shared,
            trusted: built_in.is_some(),
            services: self.services.clone(),
        };
        let key = key(&module, &setup, &grants);
        let known = self.new.get(&key).or_else(|| self.known.get(&key)).cloned();
        let configured = match known {
            Some(known) => known,
            None => configure(module, setup, place, faults)?,
        };
        self.new.insert(key, configured.clone());
        Some(configured)
    }

    /// The module of a filter in a file.
    fn load(
        &self,
        entry: &FilterEntry,
        place: &Place,
        files: &mut Files,
        faults: &mut Faults<'_>,
    ) -> Option<Arc<Module>> {
        let path = entry.filter.path(files.dir())?;
        files.saw(path.clone());
        let read = read(&path).map_err(|error| format!("`{}`: {error}", entry.filter));
        let bytes = faults.take(&place.filter, "filter", read)?;
        let pinned = entry.digest.as_ref().map(|digest| digest.bytes());
        match self.loader.load(&bytes, pinned) {
            Ok(module) => Some(module),
            Err(error) => {
                let member = match error {
                    LoadError::Digest { .. } => "digest",
                    _ => "filter",
                };
                let at = pointer_child(&place.filter, member);
                faults.add(&at, format!("`{}`: {error}", entry.filter), None);
                None
            }
        }
    }

    /// The bounds of one filter on one worker.
    fn limits(&self, entry: &FilterEntry) -> Limits {
        let limits = &entry.limits;
        let instances = usize::try_from(limits.instances).unwrap_or(usize::MAX);
        Limits {
            memory: entry.memory().len(),
            timeout: limits.timeout.get(),
            instances: instances.div_ceil(self.workers),
        }
    }
}

/// Minutes that the local time is ahead of UTC at present.
fn local_offset() -> i32 {
    TimeZone::system().to_offset(Timestamp::now()).seconds() / 60
}

/// What a filter is called in logs, metrics and recordings.
pub(super) fn name(entry: &FilterEntry) -> String {
    match &entry.filter {
        FilterRef::BuiltIn(name) => (*name).to_owned(),
        FilterRef::File(path) => path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
    }
}

/// The grants of these words.
fn granted(words: &[&str], place: &Place, faults: &mut Faults<'_>) -> Option<Grants> {
    match Grants::parse(words.iter().copied()) {
        Ok(grants) => Some(grants),
        Err(error) => {
            let index = words.iter().position(|word| *word == error.0).unwrap_or(0);
            let at = format!("{}/grants/{index}", place.filter);
            faults.add(&at, error, None);
            None
        }
    }
}

/// Has a filter check its configuration. What it says is placed in the file.
fn configure(
    module: Arc<Module>,
    setup: Setup,
    place: &Place,
    faults: &mut Faults<'_>,
) -> Option<Arc<Configured>> {
    let missing = setup.grants.missing(module.needs);
    if !missing.is_empty() {
        let needed = missing.join(", ");
        let message = format!("`{}` cannot work without the grants {needed}", setup.name);
        let suggestion = format!("add `grants: [{needed}]`, if it may have them");
        faults.add(
            &pointer_child(&place.filter, "grants"),
            message,
            Some(suggestion),
        );
        return None;
    }
    match Configured::new(module, setup) {
        Ok(configured) => Some(Arc::new(configured)),
        Err(errors) => {
            for (pointer, message) in errors {
                faults.add(&format!("{}{pointer}", place.config), message, None);
            }
            None
        }
    }
}

/// What makes a filter the same as another. A digest, since the configuration
/// holds secrets.
fn key(module: &Module, setup: &Setup, grants: &[&str]) -> [u8; 32] {
    let Limits {
        memory,
        timeout,
        instances,
    } = setup.limits;
    let bounds = format!("{memory} {timeout:?} {instances} {}", setup.shared);
    let mut hash = Sha256::new();
    for part in [
        &module.digest,
        &setup.name,
        &setup.config,
        &grants.join(","),
        &bounds,
    ] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// A component's bytes.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(COMPONENT + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
