//! The configuration as written: YAML, validated, with positions.
//!
//! [`load`] reads a file, checks it against the [`schema`] and for what the
//! schema cannot tell, and returns the [`Config`] or every error it found, each
//! with line, column and what to do about it. Secrets stay references
//! ([`SecretRef`]) until they are resolved; what the gateway runs by is made
//! from this elsewhere.

mod check;
mod document;
mod error;
mod fault;
mod load;
mod model;
mod pointer;
mod positions;
mod schema;
mod shape;
mod suggest;
mod value;

pub use error::{Error, Errors, MAX_ERRORS};
pub use load::{Loaded, load, parse};
pub use model::{
    Admin, Algorithm, ApprovalEvent, ApprovalStore, Approvals, Audiences, Chain, Config,
    Credential, FilterConfig, FilterEntry, FilterLimits, Issuer, Limits, Listener, Log, LogFormat,
    LogLevel, Oauth, Protocol, Recordings, Retention, ServerTls, Shutdown, Sync, Target, TargetTls,
    TlsMode, Webhook,
};
pub use pointer::child as pointer_child;
pub use positions::{Position, Positions};
pub use schema::schema;
pub use suggest::did_you_mean;
pub use value::{
    Bind, ByteSize, Database, Digest, Endpoint, EndpointError, FileError, FileRef, FilterRef,
    HostPort, HumanDuration, IssuerUrl, KeySet, Label, Name, Refused, Secret, SecretError,
    SecretRef,
};
