//! Chains of filters.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::pointer;
use crate::value::{ByteSize, Digest, FilterRef, HumanDuration, Name};

/// The filters that every operation runs through, the outermost first: forward
/// on the way to the target, in reverse on the way back.
///
/// Written as the list of its filters, or as a mapping where it is `open`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(from = "Written")]
#[schemars(!from, with = "Written")]
pub struct Chain {
    /// It may lack a filter that identifies clients, or one that denies.
    pub open: bool,
    /// Its filters, the outermost first.
    pub filters: Vec<FilterEntry>,
    /// It was written as a mapping, so its filters are one level deeper.
    mapped: bool,
}

/// The two ways to write a chain.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    /// The filters, the outermost first.
    List(#[schemars(length(min = 1, max = 64))] Vec<FilterEntry>),
    /// The filters, and what is said about them as a whole.
    Mapping(Mapping),
}

/// A chain with something to say about it as a whole.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChainMapping")]
struct Mapping {
    /// Accept that nothing in the chain identifies clients, or that nothing in
    /// it can deny an operation.
    #[serde(default)]
    open: bool,
    /// The filters, the outermost first.
    #[schemars(length(min = 1, max = 64))]
    filters: Vec<FilterEntry>,
}

/// A filter in a chain.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterEntry {
    /// Which filter.
    pub filter: FilterRef,

    /// What its file must be; a file with another digest is not loaded. For
    /// filters in files only.
    pub digest: Option<Digest>,

    /// Its own configuration, which it checks itself.
    #[serde(default)]
    pub config: FilterConfig,

    /// What it may see and do beyond the metadata of operations, such as
    /// `text`, `results` or `clock`. Built-in filters have what they need.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub grants: Vec<Name>,

    /// Serve all sessions with a few instances, so that one session's data can
    /// be in the memory of an instance that serves another. For filters in
    /// files; built-in filters keep nothing and are shared.
    #[serde(default)]
    pub shared: bool,

    /// Bounds of each of its instances.
    #[serde(default)]
    pub limits: FilterLimits,
}

/// Bounds of the instances of a filter.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilterLimits {
    /// Most memory of an instance; if it is left out 16MiB, for a built-in
    /// filter 64MiB.
    #[schemars(extend("x-minimum" = "1MiB", "x-maximum" = "256MiB"))]
    pub memory: Option<ByteSize>,

    /// Longest time of a call, on the wall clock. The operation is denied then
    /// and the instance thrown away.
    #[schemars(extend("x-minimum" = "1ms", "x-maximum" = "10s"))]
    pub timeout: HumanDuration,

    /// Most instances at a time, in the whole gateway.
    #[schemars(range(min = 1, max = 100_000))]
    pub instances: u32,
}

/// Configuration of a filter, of whatever shape the filter asks for.
///
/// `Debug` shows nothing of it: what a user's filter takes for a key is not
/// known here.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FilterConfig(pub serde_json::Value);

impl FilterEntry {
    /// Most memory of an instance.
    pub fn memory(&self) -> ByteSize {
        let usual = match self.filter {
            FilterRef::BuiltIn(_) => ByteSize::mib(64),
            FilterRef::File(_) => ByteSize::mib(16),
        };
        self.limits.memory.unwrap_or(usual)
    }
}

impl Chain {
    /// JSON pointer of the filter at `index` of this chain, which is named
    /// `name`.
    pub fn filter_pointer(&self, name: &str, index: usize) -> String {
        let mut at = pointer::child("/chains", name);
        if self.mapped {
            at = pointer::child(&at, "filters");
        }
        pointer::child(&at, index)
    }

    /// JSON pointer of that filter's configuration: a filter's own pointers go
    /// after it.
    pub fn config_pointer(&self, name: &str, index: usize) -> String {
        pointer::child(&self.filter_pointer(name, index), "config")
    }
}

impl From<Written> for Chain {
    fn from(written: Written) -> Self {
        match written {
            Written::List(filters) => Self {
                open: false,
                filters,
                mapped: false,
            },
            Written::Mapping(Mapping { open, filters }) => Self {
                open,
                filters,
                mapped: true,
            },
        }
    }
}

impl Default for FilterLimits {
    fn default() -> Self {
        Self {
            memory: None,
            timeout: HumanDuration::millis(250),
            instances: 1000,
        }
    }
}

impl Default for FilterConfig {
    fn default() -> Self {
        Self(serde_json::Value::Object(serde_json::Map::new()))
    }
}

impl fmt::Debug for FilterConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FilterConfig(…)")
    }
}
