//! What a statement does to the session: transactions, prepared statements, cursors, settings, channels, COPY.

use super::Statement;

/// The session-level effect of a statement. Names are as the server knows them: folded and unquoted.
#[derive(Debug, Clone)]
pub enum Control {
    None,
    Begin {
        read_only: Option<bool>,
    },
    Commit {
        chain: bool,
    },
    Rollback {
        chain: bool,
    },
    Savepoint(String),
    RollbackTo(String),
    Release(String),
    /// `PREPARE TRANSACTION`, `COMMIT PREPARED` or `ROLLBACK PREPARED`.
    TwoPhase,
    /// SQL `PREPARE`. The inner statement's relations, functions, predicates and flows are also the outer's.
    Prepare {
        name: String,
        inner: Box<Statement>,
    },
    /// SQL `EXECUTE`, also inside EXPLAIN and CREATE TABLE AS.
    Execute {
        name: String,
    },
    /// `None` is `DEALLOCATE ALL`.
    Deallocate(Option<String>),
    Declare {
        cursor: String,
        hold: bool,
        binary: bool,
        inner: Box<Statement>,
    },
    Fetch {
        cursor: String,
        how: CursorMove,
    },
    /// `None` is `CLOSE ALL`.
    CloseCursor(Option<String>),
    /// SET, RESET, SET TRANSACTION…; what changes is in [`Statement::settings`].
    Set,
    /// The name of the setting, lower case, or `all`.
    Show(String),
    Listen(String),
    /// `None` is `UNLISTEN *`.
    Unlisten(Option<String>),
    Notify(String),
    /// COPY … FROM STDIN: the client sends rows.
    CopyIn {
        format: CopyFormat,
    },
    /// COPY … TO STDOUT: [`Statement::columns`] tells the columns in their order.
    CopyOut {
        format: CopyFormat,
    },
    Discard(DiscardKind),
    /// A definition statement: the catalog snapshot may no longer hold.
    Ddl,
}

/// Row format of a COPY to or from the client, with what is needed to take rows apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyFormat {
    Text {
        delimiter: u8,
        null: String,
        header: bool,
    },
    Csv {
        delimiter: u8,
        null: String,
        quote: u8,
        escape: u8,
        header: bool,
    },
    Binary,
    /// Options that are not understood, or an encoding other than UTF8: rows cannot be taken apart.
    Unknown,
}

/// FETCH or MOVE, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorMove {
    /// At most so many rows; `None` is all.
    Fetch(Option<u64>),
    /// MOVE: no rows come.
    Move,
}

/// What DISCARD throws away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscardKind {
    All,
    Plans,
    Sequences,
    Temporary,
}

/// One setting that a statement changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// Lower case; `None` when it is not a constant (`set_config` with a computed name).
    pub name: Option<String>,
    pub change: Change,
    /// SET LOCAL or `set_config(…, true)`; `None` when it is not a constant.
    pub local: Option<bool>,
}

/// The new value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The list of values as given, unquoted.
    To(Vec<String>),
    /// Back to the session's default: RESET, SET … TO DEFAULT, RESET ALL (name `all`).
    Reset,
    /// A value that is a parameter or computed.
    Computed,
}
