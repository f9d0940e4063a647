//! What a filter is.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{
    Attributes, Batch, BatchOutcome, ConfigError, Connection, Credential, Decision, Description,
    Direction, Effect, Interest, Operation, Session, Shape, Verdict,
};

/// A message that is neither an operation nor a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `postgres.error`, `postgres.notice`, ...
    pub kind: String,
    /// Where it goes.
    pub direction: Direction,
    /// Its fields in order.
    pub fields: Vec<(String, String)>,
}

impl Message {
    /// The first field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, text)| text.as_str())
    }
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageOutcome {
    /// It goes on.
    Pass,
    /// It goes on with these fields.
    Replace(Vec<(String, String)>),
    /// It goes no further.
    Drop,
}

/// A filter. Only the events of its [`DESCRIPTION`](Filter::DESCRIPTION) are
/// sent to it.
pub trait Filter: Sized + 'static {
    /// Its configuration, as the user writes it.
    type Config: DeserializeOwned + JsonSchema;
    /// What it is.
    const DESCRIPTION: Description;

    /// A filter of that configuration.
    fn new(config: Self::Config) -> Result<Self, Vec<ConfigError>>;

    /// A client connects.
    fn connect(&self, _session: &Session, _credential: Option<&Credential>) -> Connection {
        Connection::proceed()
    }

    /// A session goes on: the chain has changed, or its identity has expired.
    fn renew(&self, _session: &Session) -> Verdict {
        Verdict::Proceed
    }

    /// An operation is to be decided.
    fn operation(&self, _session: &Session, _operation: &Operation) -> Decision {
        Decision::proceed()
    }

    /// A message outside of operations passes by.
    fn message(&self, _session: &Session, _message: &Message) -> MessageOutcome {
        MessageOutcome::Pass
    }

    /// A session has ended.
    fn close(&self, _session: &Session, _reason: &str) -> Vec<Effect> {
        Vec::new()
    }
}

/// Follows one operation from its decision to its end.
pub trait Exchange {
    /// Something is about to flow.
    fn begin(&mut self, _shape: &Shape) -> Interest {
        Interest::Nothing
    }

    /// It flows.
    fn batch(&mut self, _batch: &Batch) -> BatchOutcome {
        BatchOutcome::Pass
    }

    /// An error or a notice of the operation.
    fn message(&mut self, _message: &Message) -> MessageOutcome {
        MessageOutcome::Pass
    }

    /// The operation has ended.
    fn end(&mut self, _outcome: &Attributes) -> Vec<Effect> {
        Vec::new()
    }
}
