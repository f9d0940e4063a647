//! Messages that are neither operation nor batch.

/// Which way something travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the target to the client.
    ToClient,
    /// From the client to the target.
    ToTarget,
}

/// An error, a notice, a notification, a changed setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `postgres.error`, `postgres.notice`, `postgres.notification`,
    /// `postgres.parameter-status` ...
    pub kind: &'static str,
    /// Where it goes.
    pub direction: Direction,
    /// Fields in order, under the protocol's own names.
    pub fields: Vec<(String, String)>,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageOutcome {
    /// It goes on.
    Pass,
    /// It goes on with these fields.
    Replace(Vec<(String, String)>),
    /// It goes no further.
    Drop,
}
