//! The filters that come with the gateway, and what they are given.

use std::sync::Arc;

use narrowgate_wasm::{Engine, Grant, LoadError, Loader, Module};
use serde_json::Value;

use super::BuilderError;

/// A filter that comes with the gateway.
pub(super) struct BuiltIn {
    /// Its name in the configuration.
    pub(super) name: &'static str,
    /// The component.
    component: &'static [u8],
    /// What it is given; it needs no more than this, and a component that asks
    /// for more is not the one that belongs here.
    pub(super) grants: &'static [Grant],
}

/// All of them.
const ALL: [BuiltIn; 5] = [
    BuiltIn {
        name: "auth",
        component: include_bytes!(concat!(env!("OUT_DIR"), "/auth.wasm")),
        grants: &[
            Grant::Credentials,
            Grant::Identity,
            Grant::Identify,
            Grant::Clock,
        ],
    },
    BuiltIn {
        name: "policy",
        component: include_bytes!(concat!(env!("OUT_DIR"), "/policy.wasm")),
        grants: &[Grant::Identity],
    },
    BuiltIn {
        name: "approval",
        component: include_bytes!(concat!(env!("OUT_DIR"), "/approval.wasm")),
        grants: &[Grant::Identity],
    },
    BuiltIn {
        name: "masking",
        component: include_bytes!(concat!(env!("OUT_DIR"), "/masking.wasm")),
        grants: &[Grant::Identity, Grant::Results],
    },
    BuiltIn {
        name: "recording",
        component: include_bytes!(concat!(env!("OUT_DIR"), "/recording.wasm")),
        grants: &[Grant::Identity, Grant::Record],
    },
];

impl BuiltIn {
    /// The filter of that name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|filter| filter.name == name)
    }

    /// Loads it.
    pub(super) fn load(&self, loader: &Loader) -> Result<Arc<Module>, LoadError> {
        loader.load(self.component, None)
    }
}

/// The JSON Schemas of their configurations, by name.
pub fn schemas() -> Result<Vec<(&'static str, Value)>, BuilderError> {
    let loader = Loader::new(Engine::new()?, None)?;
    let mut schemas = Vec::new();
    for filter in &ALL {
        let module = filter.load(&loader)?;
        let schema = serde_json::from_str(&module.description.schema).map_err(|error| {
            LoadError::Describe(format!("the schema of {}: {error}", filter.name))
        })?;
        schemas.push((filter.name, schema));
    }
    Ok(schemas)
}
