//! The session an event belongs to.

use std::rc::Rc;

use crate::bindings::narrowgate::filter as wit;
use crate::{Value, attribute};

/// Who is acting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Name of the issuer in the configuration.
    pub issuer: String,
    /// Subject, unique at that issuer.
    pub subject: String,
    /// Groups that the issuer asserts.
    pub groups: Vec<String>,
    /// When it ends, in seconds since 1970-01-01 UTC.
    pub expires: u64,
    /// The verified claims as a JSON object.
    pub claims: String,
}

/// A session. What it says is read once and kept until it changes.
#[derive(Clone, Debug)]
pub struct Session<'a> {
    pub(crate) inner: Rc<Inner>,
    /// The host's side of it; natively there is none.
    pub(crate) handle: Option<&'a wit::sessions::Session>,
}

/// What is known of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inner {
    pub(crate) number: u64,
    pub(crate) revision: u32,
    pub(crate) id: String,
    pub(crate) listener: String,
    pub(crate) protocol: String,
    pub(crate) target: String,
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) encrypted: bool,
    pub(crate) identity: Option<Identity>,
    /// The attributes of a test; from the host they are asked for.
    pub(crate) attributes: Vec<(String, Value)>,
}

impl Session<'_> {
    /// Number, unique while the gateway runs; with [`revision`](Self::revision)
    /// a key for whatever is worked out from a session.
    pub fn number(&self) -> u64 {
        self.inner.number
    }

    /// Counts up whenever identity or attributes change.
    pub fn revision(&self) -> u32 {
        self.inner.revision
    }

    /// Identifier as it stands in recordings and logs.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Name of the listener.
    pub fn listener(&self) -> &str {
        &self.inner.listener
    }

    /// `postgres`, `http`, `kubernetes`, `ssh`, `mcp`.
    pub fn protocol(&self) -> &str {
        &self.inner.protocol
    }

    /// Name of the target.
    pub fn target(&self) -> &str {
        &self.inner.target
    }

    /// Address and port of the client.
    pub fn client(&self) -> &str {
        &self.inner.client
    }

    /// The user name that the client gave; it gives no right.
    pub fn user(&self) -> &str {
        &self.inner.user
    }

    /// True when client and gateway talk over TLS.
    pub fn encrypted(&self) -> bool {
        self.inner.encrypted
    }

    /// The identity, once a filter has set it.
    pub fn identity(&self) -> Option<&Identity> {
        self.inner.identity.as_ref()
    }

    /// A session attribute that this filter may have set at an earlier event.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        match self.handle {
            Some(handle) => handle.attribute(name).map(crate::glue::value),
            None => attribute(&self.inner.attributes, name).cloned(),
        }
    }
}
