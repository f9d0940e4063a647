//! The configuration as run: references resolved, secrets read, TLS set up,
//! filters compiled. Made whole and checked before anything uses it; a change
//! of the file makes another one, and the two are swapped in one step.

mod admin;
mod build;
mod restart;
mod storage;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use narrowgate_config::Secret;
use narrowgate_wasm::Configured;

pub use admin::Admin;
pub use build::{Builder, BuilderError, PlanError, built_in_schemas};
pub use storage::{ApprovalStore, RecordingKey, Recordings, Webhook};

/// Everything that the gateway runs by.
pub struct Plan {
    /// Counts up with every configuration that has come into force, from 1.
    pub generation: u64,
    /// Where clients connect.
    pub listeners: Vec<Arc<Listener>>,
    /// Targets by name.
    pub targets: HashMap<String, Arc<Target>>,
    /// Chains by name.
    pub chains: HashMap<String, Arc<ChainPlan>>,
    /// Issuers of tokens.
    pub issuers: Vec<Arc<Issuer>>,
    /// Bounds.
    pub bounds: Bounds,
    /// How long sessions may go on after SIGTERM.
    pub drain: Duration,
    /// The port for approvers, health and metrics.
    pub admin: Option<Arc<Admin>>,
    /// Where requests for consent are kept.
    pub approvals: ApprovalStore,
    /// Who is told of them.
    pub webhooks: Vec<Arc<Webhook>>,
    /// Where recordings are kept.
    pub recordings: Option<Recordings>,
    /// What the gateway says about itself.
    pub log: narrowgate_config::Log,
    /// Directory of what the gateway keeps for itself.
    pub state_directory: PathBuf,
    /// Every file that was read to make this; a change of one makes another
    /// plan.
    pub files: Vec<PathBuf>,
}

/// Where clients connect.
pub struct Listener {
    /// Its name.
    pub name: String,
    /// Its address.
    pub bind: SocketAddr,
    /// Its protocol.
    pub protocol: Protocol,
    /// Name of the chain that decides.
    pub chain: String,
    /// TLS, if it is offered.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Credentials may come in the clear; only ever true on loopback.
    pub cleartext: bool,
    /// Tokens come by OAUTHBEARER; without it, as passwords.
    pub oauth: Option<Oauth>,
}

/// What a client that has no token is told.
pub struct Oauth {
    /// The discovery document of the issuer that it gets one from.
    pub configuration: String,
    /// The scopes to ask for.
    pub scope: Option<String>,
}

impl Listener {
    /// True if it is the same port: what else differs, a socket takes over.
    pub fn is_at(&self, other: &Self) -> bool {
        self.name == other.name && self.bind == other.bind
    }
}

impl Plan {
    /// What this plan has for the port of a listener.
    pub fn listener_at(&self, listener: &Listener) -> Option<&Arc<Listener>> {
        self.listeners.iter().find(|now| now.is_at(listener))
    }
}

/// A protocol that the gateway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// PostgreSQL.
    Postgres,
}

impl Protocol {
    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
        }
    }
}

/// What agents want to reach.
pub struct Target {
    /// Its name.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Host of the address, without the port.
    pub host: String,
    /// The database, for protocols that have databases.
    pub database: String,
    /// Further databases that may be asked for as `target/database`.
    pub databases: Vec<String>,
    /// TLS towards it.
    pub tls: TargetTls,
    /// A login has to be bound to the TLS connection.
    pub channel_binding: bool,
    /// What the gateway logs in with; the first that fits the groups counts.
    pub credentials: Vec<TargetCredential>,
    /// A role that bypasses the database's own limits is acceptable.
    pub allow_privileged: bool,
    /// Longest time to connect and log in.
    pub connect_timeout: Duration,
    /// How often the catalog is read again.
    pub refresh: Duration,
}

impl Target {
    /// True if sessions may ask for that database.
    pub fn serves(&self, database: &str) -> bool {
        self.database == database || self.databases.iter().any(|other| other == database)
    }
}

/// TLS towards a target.
pub enum TargetTls {
    /// None.
    Disabled,
    /// Always.
    Required(
        Arc<rustls::ClientConfig>,
        rustls::pki_types::ServerName<'static>,
    ),
}

/// A login of the gateway at a target.
pub struct TargetCredential {
    /// Groups it is for; empty: everybody.
    pub groups: Vec<String>,
    /// User name.
    pub username: String,
    /// Password, unless the target asks for none.
    pub password: Option<Secret>,
}

/// A chain, compiled; every worker makes its own instances of it.
pub struct ChainPlan {
    /// Its name.
    pub name: String,
    /// Its filters, the outermost first.
    pub filters: Vec<Arc<Configured>>,
    /// One of its filters records, so what never reaches a filter is recorded
    /// by the host.
    pub records: bool,
}

/// An issuer of tokens.
pub struct Issuer {
    /// Its name.
    pub name: String,
    /// The `iss` of its tokens, and where discovery starts.
    pub url: String,
    /// Audiences that are meant for the gateway.
    pub audiences: Vec<String>,
    /// Claim that lists the groups.
    pub groups_claim: String,
    /// Claim that names the subject.
    pub subject_claim: String,
    /// Groups it may assert.
    pub groups: Vec<String>,
    /// Its subjects are people, who may approve.
    pub people: bool,
    /// Tolerated difference of clocks.
    pub clock_skew: Duration,
    /// Longest accepted lifetime of a token.
    pub lifetime: Duration,
    /// Accepted algorithms; empty: all asymmetric ones.
    pub algorithms: Vec<String>,
    /// Where its keys are.
    pub keys: KeySource,
    /// Authorities that are trusted when its keys are fetched, in PEM; the
    /// public ones if there are none.
    pub ca: Option<Vec<u8>>,
}

impl Issuer {
    /// Where its discovery document is (OpenID Connect Discovery 1.0, section 4).
    pub fn configuration(url: &str) -> String {
        let base = url.trim_end_matches('/');
        format!("{base}/.well-known/openid-configuration")
    }
}

/// Where an issuer's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Found by OpenID Connect discovery.
    Discovery,
    /// At this address.
    Url(String),
    /// In this document, read when the configuration was.
    Document(String),
}

/// Bounds that hold for the whole gateway.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Open connections.
    pub connections: usize,
    /// Open connections of one identity.
    pub connections_per_identity: usize,
    /// Time from accept to a session.
    pub handshake: Duration,
    /// Time without any message from the client.
    pub idle: Duration,
    /// Longest message that is held in memory, in bytes.
    pub message_length: usize,
    /// Longest statement, in bytes.
    pub statement_length: usize,
    /// Bytes that prepared statements, portals and messages under way may take in
    /// one session.
    pub session_memory: usize,
}
