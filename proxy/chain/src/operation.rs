//! An operation: what a client wants done, as every protocol has it.

use std::sync::Arc;

use bytes::Bytes;

use crate::Attributes;

/// When an operation is being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Being prepared: parameters are unknown and nothing runs yet.
    Prepare,
    /// About to run.
    Execute,
}

/// What an operation does with an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Content is read.
    pub read: bool,
    /// Content is written, or rows are locked.
    pub write: bool,
    /// It is called.
    pub call: bool,
    /// Its definition is created, changed or removed.
    pub define: bool,
}

/// Something an operation touches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// `table`, `view`, `function`, `builtin`, `route`, `tool` ...
    pub kind: String,
    /// Full name in the target's notation.
    pub name: String,
    /// What is done with it.
    pub access: Access,
    /// Parts that are read.
    pub reads: Vec<String>,
    /// Parts that are written.
    pub writes: Vec<String>,
}

/// An operation. Immutable once made; a changed one is a new one.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Number, unique in its session.
    pub id: u64,
    /// What is being decided.
    pub phase: Phase,
    /// What analysis yields, shared by all operations of the same shape.
    pub statement: Arc<Statement>,
    /// Text in the protocol's own words.
    pub text: Arc<str>,
    /// Text as it may be stored and shown, where secrets in known places had to
    /// be replaced by digests; otherwise `text` may be.
    pub display: Option<Arc<str>>,
    /// Parameters as sent, `None` for NULL.
    pub parameters: Vec<Option<Bytes>>,
    /// True where a parameter is in the protocol's binary format.
    pub binary: Vec<bool>,
}

/// The part of an operation that analysis yields.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// Main action, as the configuration writes it.
    pub action: String,
    /// Every action when there are several, the main one included.
    pub actions: Vec<String>,
    /// Everything it touches.
    pub objects: Vec<Object>,
    /// Why it could not be understood whole; empty when it was.
    pub unresolved: Vec<String>,
    /// Groups operations of one shape; nothing is decided on it.
    pub fingerprint: String,
    /// More, in OpenTelemetry names.
    pub attributes: Attributes,
    /// Still more, which filters are not shown but may ask for by name.
    pub further: Attributes,
    /// Detail of the protocol.
    pub detail: Detail,
}

impl Operation {
    /// The text as it may be stored and shown.
    pub fn shown(&self) -> &str {
        self.display.as_deref().unwrap_or(&self.text)
    }
}

impl std::ops::Deref for Operation {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        &self.statement
    }
}

/// Detail of one protocol, served to guests by its own import interface.
#[derive(Clone, Debug, Default)]
pub enum Detail {
    /// None.
    #[default]
    None,
    /// PostgreSQL.
    Postgres(PostgresDetail),
}

/// What PostgreSQL statements have beyond the common part.
#[derive(Clone, Debug, Default)]
pub struct PostgresDetail {
    /// Result columns, `None` when there is no result.
    pub origins: Option<Vec<Origin>>,
    /// Columns that influence the result.
    pub predicates: Vec<Predicate>,
    /// What goes where.
    pub flows: Vec<Flow>,
    /// Columns within reach, as `schema.relation.column`.
    pub reach: Vec<String>,
}

/// Where a result column comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// Name of the result column.
    pub name: String,
    /// False: it may carry anything within reach.
    pub known: bool,
    /// The value of one column unchanged.
    pub direct: bool,
    /// Columns, as `schema.relation.column`.
    pub columns: Vec<String>,
}

/// A column that influences the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// As `schema.relation.column`.
    pub column: String,
    /// Whole value compared with a constant for equality.
    pub equality: bool,
}

/// A value that is stored, sent or called with.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// False: where it comes from cannot be told.
    pub known: bool,
    /// Columns it comes from.
    pub columns: Vec<String>,
    /// `column`, `relation`, `notification`, `setting`, `function`, `file`.
    pub into_kind: &'static str,
    /// Name of what it goes into.
    pub into: String,
}
