//! What a statement does, in the words that rules are written in.

use std::fmt;

/// The action of a statement; [`Action::as_str`] gives the lower-case word of configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    Select,
    Insert,
    Update,
    Delete,
    Merge,
    Truncate,
    Create,
    Alter,
    Drop,
    Grant,
    Revoke,
    Copy,
    Lock,
    Vacuum,
    Analyze,
    Cluster,
    Reindex,
    Checkpoint,
    Call,
    Do,
    Set,
    Show,
    Begin,
    Commit,
    Rollback,
    Savepoint,
    Release,
    /// `PREPARE TRANSACTION`, `COMMIT PREPARED`, `ROLLBACK PREPARED`.
    TwoPhase,
    Prepare,
    Execute,
    Deallocate,
    Declare,
    Fetch,
    Move,
    Close,
    Listen,
    Unlisten,
    Notify,
    Discard,
    Explain,
    Comment,
    Refresh,
    Load,
    /// An empty statement.
    Empty,
    /// Anything else, by its command tag in lower case.
    Other(String),
}

impl Action {
    /// The word that configuration uses.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Merge => "merge",
            Self::Truncate => "truncate",
            Self::Create => "create",
            Self::Alter => "alter",
            Self::Drop => "drop",
            Self::Grant => "grant",
            Self::Revoke => "revoke",
            Self::Copy => "copy",
            Self::Lock => "lock",
            Self::Vacuum => "vacuum",
            Self::Analyze => "analyze",
            Self::Cluster => "cluster",
            Self::Reindex => "reindex",
            Self::Checkpoint => "checkpoint",
            Self::Call => "call",
            Self::Do => "do",
            Self::Set => "set",
            Self::Show => "show",
            Self::Begin => "begin",
            Self::Commit => "commit",
            Self::Rollback => "rollback",
            Self::Savepoint => "savepoint",
            Self::Release => "release",
            Self::TwoPhase => "two_phase",
            Self::Prepare => "prepare",
            Self::Execute => "execute",
            Self::Deallocate => "deallocate",
            Self::Declare => "declare",
            Self::Fetch => "fetch",
            Self::Move => "move",
            Self::Close => "close",
            Self::Listen => "listen",
            Self::Unlisten => "unlisten",
            Self::Notify => "notify",
            Self::Discard => "discard",
            Self::Explain => "explain",
            Self::Comment => "comment",
            Self::Refresh => "refresh",
            Self::Load => "load",
            Self::Empty => "empty",
            Self::Other(tag) => tag,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
