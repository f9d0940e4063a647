//! From a component's bytes to a module that is ready to be configured.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, InstancePre, Linker};

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
    /// It imports what the contract does not have.
    #[error("it imports {0}, which filters are not given")]
    Import(String),
    /// It does not export the contract.
    #[error(
        "it does not export narrowgate:filter/descriptor@0.1.0, so it is no filter of this contract"
    )]
    NoFilter,
    /// It does not link.
    #[error("it does not fit the contract: {0}")]
    Link(String),
    /// Asking what it is went wrong.
    #[error("it cannot be described: {0}")]
    Describe(String),
    /// It asks for a grant that does not exist.
    #[error("it asks for what does not exist: {0}")]
    Grant(#[from] UnknownGrant),
}

/// A component that is a filter.
pub struct Module {
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it says about itself.
    pub description: Description,
    /// Grants it cannot work without.
    pub needs: Grants,
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
    /// What has been loaded, by digest.
    modules: Mutex<HashMap<String, Arc<Module>>>,
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
        let known = self
            .modules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&found)
            .cloned();
        if let Some(module) = known {
            return Ok(module);
        }
        if bytes.starts_with(CORE_MODULE) {
            return Err(LoadError::CoreModule);
        }
        let component = self.compile(bytes, &found)?;
        self.check_imports(&component)?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(|error| LoadError::Link(format!("{error:#}")))?;
        let exports = v0_1::Exports::of(&pre).ok_or(LoadError::NoFilter)?;
        let description = v0_1::describe(&self.engine, &pre, &exports)?;
        let needs = Grants::parse(description.grants.iter().map(String::as_str))?;
        let module = Arc::new(Module {
            digest: found.clone(),
            description,
            needs,
            pre,
            exports,
            engine: self.engine.clone(),
        });
        self.modules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(found, module.clone());
        Ok(module)
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

    /// Names the first import that the contract does not have: clearer than
    /// what linking would say.
    fn check_imports(&self, component: &Component) -> Result<(), LoadError> {
        let engine = self.engine.inner();
        let foreign = component
            .component_type()
            .imports(engine)
            .map(|(name, _)| name.to_owned())
            .find(|name| !v0_1::IMPORTS.contains(&name.as_str()));
        foreign.map_or(Ok(()), |name| Err(LoadError::Import(name)))
    }
}
