//! The configuration as it is written. The documentation of each field is the
//! reference: the JSON Schema is generated from it, and the schema is what a
//! file is checked against.

mod admin;
mod approvals;
mod chain;
mod issuer;
mod limits;
mod listener;
mod log;
mod recordings;
mod shutdown;
mod target;
mod tls;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

pub use admin::Admin;
pub use approvals::{ApprovalEvent, ApprovalStore, Approvals, Webhook};
pub use chain::{Chain, FilterConfig, FilterEntry, FilterLimits};
pub use issuer::{Algorithm, Audiences, Issuer};
pub use limits::Limits;
pub use listener::{Listener, Oauth, Protocol};
pub use log::{Log, LogFormat, LogLevel};
pub use recordings::{Recordings, Retention, Sync};
pub use shutdown::Shutdown;
pub use target::{Credential, Target, TargetTls, TlsMode};
pub use tls::ServerTls;

use crate::value::Name;

/// Configuration of a Narrowgate gateway.
///
/// Unknown keys are errors everywhere. Paths are relative to the directory of
/// the file. Secrets are written by reference only: `env:NAME` or `file:path`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Issuers of the OpenID Connect tokens that identify agents and people.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub issuers: Vec<Issuer>,

    /// Where clients connect.
    #[schemars(length(min = 1, max = 256))]
    pub listeners: Vec<Listener>,

    /// What agents want to reach.
    #[schemars(length(min = 1, max = 10_000))]
    pub targets: Vec<Target>,

    /// Chains of filters by name. Every operation runs through the chain of the
    /// listener it came by.
    #[schemars(extend("minProperties" = 1, "propertyNames" = { "format": "name" }))]
    pub chains: BTreeMap<Name, Chain>,

    /// Requests for the consent of a person.
    #[serde(default)]
    pub approvals: Approvals,

    /// Where recordings are kept. Needed if a chain has the filter `recording`.
    pub recordings: Option<Recordings>,

    /// Listener for approvers, health and metrics. Without it there is none.
    pub admin: Option<Admin>,

    /// Bounds that hold for the whole gateway.
    #[serde(default)]
    pub limits: Limits,

    /// What the gateway says about itself, on standard error.
    #[serde(default)]
    pub log: Log,

    /// How the gateway ends.
    #[serde(default)]
    pub shutdown: Shutdown,

    /// Directory of what the gateway keeps for itself: approvals and compiled
    /// filters. Made with mode 0700.
    #[serde(default = "state_directory")]
    #[schemars(length(min = 1))]
    pub state_directory: PathBuf,
}

fn state_directory() -> PathBuf {
    Path::new("./state").to_owned()
}
