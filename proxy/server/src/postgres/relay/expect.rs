//! What a client is owed, in the order of its messages.

use std::collections::VecDeque;
use std::rc::Rc;

use narrowgate_codec::postgres::frontend::Target;

use super::super::error::Report;
use super::Running;
use super::names::{Portal, Prepared};

/// One message's answers.
pub(super) enum Expect {
    /// A Query: the results of its statements, then ReadyForQuery.
    Query(VecDeque<Box<Running>>),
    /// A Parse: ParseComplete.
    Parse(Rc<Prepared>, Option<Box<Running>>),
    /// A Bind: BindComplete.
    Bind(Rc<Portal>),
    /// A Describe: a description. The client has not asked for a hidden one.
    Describe {
        /// What is described.
        of: Described,
        /// The answer is for the gateway alone.
        hidden: bool,
    },
    /// An Execute: rows, then its end.
    Execute(Rc<Portal>),
    /// A Close: CloseComplete.
    Close(Target),
    /// A Sync: ReadyForQuery.
    Sync,
    /// A FunctionCall: its result, then ReadyForQuery.
    FunctionCall(Box<Running>),
    /// A question of the gateway's own: its answers, then ReadyForQuery.
    Own,
    /// A failing statement whose answers are for the gateway alone: it undoes what
    /// the client was told had failed.
    Undo {
        /// In the simple protocol: ReadyForQuery follows.
        simple: bool,
    },
    /// A denial: in place of the error that a failing statement brings about.
    Denied {
        /// What the client is told.
        report: Report,
        /// In the simple protocol: ReadyForQuery follows.
        simple: bool,
    },
}

/// What a Describe is about.
#[derive(Clone)]
pub(super) enum Described {
    /// A statement.
    Statement(Rc<Prepared>),
    /// A portal.
    Portal(Rc<Portal>),
}

impl Expect {
    /// True for messages of the extended protocol that an error makes void.
    pub(super) fn is_extended(&self) -> bool {
        match self {
            Self::Query(_) | Self::Sync | Self::FunctionCall(_) | Self::Own => false,
            Self::Denied { simple, .. } | Self::Undo { simple } => !simple,
            Self::Parse(..)
            | Self::Bind(_)
            | Self::Describe { .. }
            | Self::Execute(_)
            | Self::Close(_) => true,
        }
    }
}
