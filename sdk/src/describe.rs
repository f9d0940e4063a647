//! What a filter says about itself.

/// An event that a filter may want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client connects.
    Connect,
    /// A session goes on.
    Renew,
    /// An operation is decided.
    Operation,
    /// A message outside of operations.
    Message,
    /// A session has ended.
    Close,
}

/// What a filter may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Set the identity.
    Identify,
    /// Deny.
    Deny,
    /// Hold for approval.
    Hold,
    /// Change results and messages.
    Edit,
}

/// A filter's description.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) events: &'static [Event],
    pub(crate) grants: &'static [&'static str],
    pub(crate) powers: &'static [Power],
    pub(crate) secrets: &'static [&'static str],
}

impl Description {
    /// A filter of that name that wants nothing and can do nothing.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            version: "0.1.0",
            events: &[],
            grants: &[],
            powers: &[],
            secrets: &[],
        }
    }

    /// Its version.
    #[must_use]
    pub const fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// The events it wants.
    #[must_use]
    pub const fn events(mut self, events: &'static [Event]) -> Self {
        self.events = events;
        self
    }

    /// The grants it cannot work without: `credentials`, `identity`,
    /// `identify`, `text`, `parameters`, `results`, `input`, `rewrite`, `record`, `clock`.
    #[must_use]
    pub const fn grants(mut self, grants: &'static [&'static str]) -> Self {
        self.grants = grants;
        self
    }

    /// What it is able to do.
    #[must_use]
    pub const fn powers(mut self, powers: &'static [Power]) -> Self {
        self.powers = powers;
        self
    }

    /// JSON pointers to references of secrets in its configuration.
    #[must_use]
    pub const fn secrets(mut self, secrets: &'static [&'static str]) -> Self {
        self.secrets = secrets;
        self
    }
}

impl Event {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Renew => "renew",
            Self::Operation => "operation",
            Self::Message => "message",
            Self::Close => "close",
        }
    }
}

impl Power {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Deny => "deny",
            Self::Hold => "hold",
            Self::Edit => "edit",
        }
    }
}
