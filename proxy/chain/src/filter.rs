//! What a filter is to the chain, wherever it runs.

use std::sync::Arc;

use crate::{
    Attributes, Batch, BatchOutcome, Effect, Identity, Interest, Message, MessageOutcome,
    Operation, Session, Shape, Verdict,
};

/// The events a filter wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// A client connects.
    pub connect: bool,
    /// A session goes on.
    pub renew: bool,
    /// An operation is decided.
    pub operation: bool,
    /// A message outside of operations.
    pub message: bool,
    /// A session has ended.
    pub close: bool,
}

/// What a client presents.
pub struct Credential {
    /// `bearer`, `password`, `certificate`.
    pub kind: &'static str,
    /// The credential; given only to filters with the grant `credentials`.
    pub value: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A filter's answer to `connect`.
#[derive(Debug)]
pub struct Connection {
    /// Whether the session may begin.
    pub verdict: Verdict,
    /// Who it is.
    pub identity: Option<Identity>,
    /// What else to do.
    pub effects: Vec<Effect>,
}

/// A filter's answer to `operation`.
#[derive(Debug)]
pub struct Decision<E> {
    /// Whether it may run.
    pub verdict: Verdict,
    /// What else to do.
    pub effects: Vec<Effect>,
    /// Follows the operation, if the filter wants that.
    pub exchange: Option<E>,
    /// The answer stands, see [`Standing`](crate::Standing).
    pub stands: bool,
}

/// Why a filter could not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It ran into a trap.
    Trap,
    /// It took longer than its bound.
    Timeout,
    /// It wanted more memory than its bound.
    Memory,
    /// Its answer makes no sense.
    Answer,
    /// It did what it has no grant or power for.
    Grant,
    /// No instance could be had.
    Instances,
}

impl FaultKind {
    /// The word for metrics and recordings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Answer => "answer",
            Self::Grant => "grant",
            Self::Instances => "instances",
        }
    }
}

/// A filter could not answer; what it was asked about is denied.
#[derive(Clone, Debug, thiserror::Error)]
#[error("filter {filter}: {message}")]
pub struct Fault {
    /// Name of the filter.
    pub filter: String,
    /// What kind of fault.
    pub kind: FaultKind,
    /// For the log. It may quote the guest and is not shown to clients.
    pub message: String,
}

/// A filter of a chain.
///
/// Futures need not be `Send`: a session never leaves its core.
#[expect(async_fn_in_trait, reason = "sessions stay on their core")]
pub trait Filter {
    /// Follows an operation.
    type Exchange: Exchange;

    /// Its name in the chain.
    fn name(&self) -> &str;
    /// The events it wants; others are not sent to it.
    fn events(&self) -> Events;
    /// A client connects.
    async fn connect(
        &self,
        session: &Arc<Session>,
        credential: Option<&Credential>,
    ) -> Result<Connection, Fault>;
    /// The session goes on.
    async fn renew(&self, session: &Arc<Session>) -> Result<Verdict, Fault>;
    /// An operation is to be decided.
    async fn operation(
        &self,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
    ) -> Result<Decision<Self::Exchange>, Fault>;
    /// Follows an operation about which it has given an answer that stands, with
    /// an exchange. It is asked for that when there is something to show to it.
    fn follow(&self, session: &Arc<Session>, operation: &Arc<Operation>) -> Self::Exchange;
    /// A message outside of operations passes by.
    async fn message(
        &self,
        session: &Arc<Session>,
        message: &Message,
    ) -> Result<MessageOutcome, Fault>;
    /// The session has ended.
    async fn close(&self, session: &Arc<Session>, reason: &str) -> Result<Vec<Effect>, Fault>;
}

/// Follows one operation from its decision to its end.
#[expect(async_fn_in_trait, reason = "sessions stay on their core")]
pub trait Exchange {
    /// Something is about to flow.
    async fn begin(&mut self, shape: &Shape) -> Result<Interest, Fault>;
    /// It flows.
    async fn batch(&mut self, batch: &Batch<'_>) -> Result<BatchOutcome, Fault>;
    /// An error or a notice of the operation.
    async fn message(&mut self, message: &Message) -> Result<MessageOutcome, Fault>;
    /// The operation has ended. Nothing is called afterwards.
    async fn end(&mut self, outcome: &Attributes) -> Result<Vec<Effect>, Fault>;
}
