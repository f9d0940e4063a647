//! What can go wrong with an approval.

use super::request::State;

/// A bound on open requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// All requests of the gateway.
    Gateway,
    /// The requests of one identity.
    Identity,
}

/// Why the store refused; none of these carries text of an operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such request.
    #[error("there is no approval request {0}")]
    NotFound(String),
    /// The request is not in a state that allows this.
    #[error("approval request {id} is {state}")]
    State {
        /// The request.
        id: String,
        /// Its state.
        state: State,
    },
    /// The requester tried to decide.
    #[error("nobody decides on a request of their own")]
    OwnRequest,
    /// The decider's issuer does not vouch for people.
    #[error("only people approve: this token's issuer is not marked `people: true`")]
    NotAPerson,
    /// The decider is in none of the approver groups.
    #[error("the approver is in none of the groups that may decide this request")]
    NotAnApprover,
    /// The same person decided before.
    #[error("this approver has already decided; a quorum counts distinct people")]
    AlreadyDecided,
    /// What is to be executed is not what was approved.
    #[error("the operation differs from the one that approval request {0} was approved for")]
    Changed(String),
    /// Too many open requests.
    #[error("too many open approval requests of {}", match .0 {
        Limit::Gateway => "this gateway",
        Limit::Identity => "this identity",
    })]
    TooMany(Limit),
    /// The operation is too large to be kept and shown.
    #[error("an operation of {0} bytes is too large to ask approval for")]
    TooLarge(usize),
    /// The caller's request makes no sense.
    #[error("invalid approval request: {0}")]
    Invalid(&'static str),
    /// Another gateway uses the store.
    #[error("the approval store is in use by another gateway")]
    Locked,
    /// The store's directory or file cannot be used.
    #[error("approval store: {0}")]
    Io(#[from] std::io::Error),
    /// The database refused.
    #[error("approval store: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database holds something this version did not write.
    #[error("approval store: unreadable {0}")]
    Corrupt(&'static str),
    /// The store has been shut down.
    #[error("the approval store is closed")]
    Closed,
}
