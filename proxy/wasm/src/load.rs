//! From a component's bytes to a module that is ready to be configured.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use narrowgate_chain::Events;

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, InstancePre, Linker};

use crate::contract::{self, ContractError};
use crate::powers::Powers;
use crate::v0_1::{self, Data};
use crate::{Cache, Engine, Grants, UnknownGrant};

/// Largest component, in bytes.
const LARGEST: usize = 64 << 20;
/// What a core module begins with; a component has another version there.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// What a filter says about itself.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// JSON Schema of its configuration.
    pub schema: String,
    /// Events it wants.
    pub events: Vec<String>,
    /// Grants it cannot work without.
    pub grants: Vec<String>,
    /// What it is able to do with an event.
    pub powers: Vec<String>,
    /// JSON pointers to references of secrets in its configuration.
    pub secrets: Vec<String>,
}

/// Why a component cannot be a filter.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is too large.
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    /// It is not the one that was pinned.
    #[error("its digest is sha256:{found}, not the one that is pinned")]
    Digest {
        /// What it is.
        found: String,
    },
    /// It is a core module.
    #[error(
        "it is a core module; make a component of it with \
         `narrowgate-componentize IN.wasm OUT.wasm` or `wasm-tools component new`"
    )]
    CoreModule,
    /// It does not compile.
    #[error("it is not a component that can be compiled: {0}")]
    Compile(String),
    /// It is no filter of a contract that this gateway has.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// It does not link.
    #[error("it does not fit the contract: {0}")]
    Link(String),
    /// Asking what it is went wrong.
    #[error("it cannot be described: {0}")]
    Describe(String),
    /// It asks for a grant that does not exist.
    #[error("it asks for what does not exist: {0}")]
    Grant(#[from] UnknownGrant),
    /// It wants an event that it cannot be asked about, and so might be relied
    /// on for nothing.
    #[error("it wants the event \"{0}\", which is none or which it does not export")]
    Event(String),
}

/// A component that is a filter.
pub struct Module {
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it says about itself.
    pub description: Description,
    /// Grants it cannot work without.
    pub needs: Grants,
    /// Events it wants, all of which it exports.
    pub(crate) events: Events,
    /// What it says it is able to do.
    pub(crate) powers: Powers,
    /// Ready to be instantiated.
    pub(crate) pre: InstancePre<Data>,
    /// What it exports.
    pub(crate) exports: v0_1::Exports,
    /// The engine it was compiled by.
    pub(crate) engine: Engine,
}

/// Loads components, each once.
pub struct Loader {
    engine: Engine,
    cache: Option<Cache>,
    linker: Linker<Data>,
    /// What has been loaded and is in use, by digest.
    modules: Mutex<HashMap<String, Weak<Module>>>,
}

impl Loader {
    /// A loader, with a cache on disk if there is to be one.
    pub fn new(engine: Engine, cache: Option<Cache>) -> Result<Self, LoadError> {
        let linker = v0_1::linker(&engine).map_err(|error| LoadError::Link(error.to_string()))?;
        Ok(Self {
            engine,
            cache,
            linker,
            modules: Mutex::default(),
        })
    }

    /// Loads a component. `pinned` is the SHA-256 that it has to have.
    pub fn load(&self, bytes: &[u8], pinned: Option<&[u8; 32]>) -> Result<Arc<Module>, LoadError> {
        if bytes.len() > LARGEST {
            return Err(LoadError::TooLarge);
        }
        let digest = Sha256::digest(bytes);
        let found = hex::encode(digest);
        if pinned.is_some_and(|pinned| pinned[..] != digest[..]) {
            return Err(LoadError::Digest { found });
        }
        if let Some(module) = self.loaded().get(&found).and_then(Weak::upgrade) {
            return Ok(module);
        }
        if bytes.starts_with(CORE_MODULE) {
            return Err(LoadError::CoreModule);
        }
        let component = self.compile(bytes, &found)?;
        contract::check(self.engine.inner(), &component)?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(|error| LoadError::Link(format!("{error:#}")))?;
        let exports = v0_1::Exports::of(&pre)?;
        let description = v0_1::describe(&self.engine, &pre, &exports)?;
        let needs = Grants::parse(description.grants.iter().map(String::as_str))?;
        let module = Arc::new(Module {
            digest: found.clone(),
            events: wanted(&description, exports.events())?,
            powers: Powers::parse(description.powers.iter().map(String::as_str)),
            description,
            needs,
            pre,
            exports,
            engine: self.engine.clone(),
        });
        let mut loaded = self.loaded();
        loaded.retain(|_, module| module.strong_count() > 0);
        loaded.insert(found, Arc::downgrade(&module));
        Ok(module)
    }

    /// What has been loaded.
    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<Module>>> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compiles a component, or takes it from the cache.
    fn compile(&self, bytes: &[u8], digest: &str) -> Result<Component, LoadError> {
        if let Some(found) = self
            .cache
            .as_ref()
            .and_then(|cache| cache.get(&self.engine, digest))
        {
            return Ok(found);
        }
        let component = Component::new(self.engine.inner(), bytes)
            .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        if let Some(cache) = &self.cache {
            cache.put(&self.engine, digest, &component);
        }
        Ok(component)
    }
}

/// The events that a filter wants, of those that it exports.
fn wanted(description: &Description, exported: Events) -> Result<Events, LoadError> {
    let mut events = Events::default();
    for word in &description.events {
        let (wanted, exported) = match word.as_str() {
            "connect" => (&mut events.connect, exported.connect),
            "renew" => (&mut events.renew, exported.renew),
            "operation" => (&mut events.operation, exported.operation),
            "message" => (&mut events.message, exported.message),
            "close" => (&mut events.close, exported.close),
            _ => return Err(LoadError::Event(word.clone())),
        };
        if !exported {
            return Err(LoadError::Event(word.clone()));
        }
        *wanted = true;
    }
    Ok(events)
}
