//! The operation that is being decided.

use std::cell::OnceCell;

use crate::bindings::narrowgate::filter as wit;
use crate::{Attributes, Value, attribute};

/// When an operation is being decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It is being prepared; nothing runs yet.
    #[default]
    Prepare,
    /// It is about to run.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// `table`, `view`, `function`, `builtin` ...
    pub kind: String,
    /// Full name.
    pub name: String,
    /// What is done with it.
    pub access: Access,
    /// Parts that are read.
    pub reads: Vec<String>,
    /// Parts that are written.
    pub writes: Vec<String>,
}

/// Where a result column of PostgreSQL comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Name of the result column.
    pub name: String,
    /// False: it may carry anything within reach.
    pub known: bool,
    /// The value of one column unchanged.
    pub direct: bool,
    /// Columns, as `schema.relation.column`, with the place inside JSON behind it
    /// where only that is meant: `… $.plan`. Of what is not known: empty, or all that
    /// it comes from, `schema.function()` standing for what a function returns.
    pub columns: Vec<String>,
}

/// A column that has a say in which rows come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Predicate {
    /// As `schema.relation.column`.
    pub column: String,
    /// Whole value compared with a constant for equality.
    pub equality: bool,
}

/// A value that is stored, sent or called with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// False: where it comes from cannot be told.
    pub known: bool,
    /// Columns it comes from.
    pub columns: Vec<String>,
    /// `column`, `relation`, `notification`, `setting`, `function`, `file`.
    pub into_kind: String,
    /// Name of what it goes into.
    pub into: String,
}

/// An operation. What costs an import is asked for at first use.
#[derive(Debug, Default)]
pub struct Operation<'a> {
    /// Number, unique in its session.
    pub id: u64,
    /// What is being decided.
    pub phase: Phase,
    /// Main action.
    pub action: String,
    /// Every action, the main one included.
    pub actions: Vec<String>,
    /// Everything it touches.
    pub objects: Vec<Object>,
    /// Why it could not be understood whole; empty when it was.
    pub unresolved: Vec<String>,
    /// Groups operations of one shape; nothing may be decided on it.
    pub fingerprint: String,
    /// More, in OpenTelemetry names.
    pub attributes: Attributes,
    /// What a test says that is told on demand; from the host it is asked for.
    pub(crate) further: Attributes,
    /// The host's side of it; natively there is none.
    pub(crate) handle: Option<&'a wit::operations::Operation>,
    pub(crate) text: OnceCell<Option<String>>,
    pub(crate) parameters: OnceCell<Option<Vec<Option<Vec<u8>>>>>,
    pub(crate) origins: OnceCell<Option<Vec<Origin>>>,
    pub(crate) predicates: OnceCell<Vec<Predicate>>,
    pub(crate) flows: OnceCell<Vec<Flow>>,
    pub(crate) reach: OnceCell<Vec<String>>,
}

impl Operation<'_> {
    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        attribute(&self.attributes, name)
    }

    /// An attribute that is told on demand only: `db.system.name`,
    /// `db.operation.name`, `narrowgate.object.ids`.
    pub fn further(&self, name: &str) -> Option<Value> {
        let Some(handle) = self.handle else {
            return attribute(&self.further, name).cloned();
        };
        let found = handle.attribute(name)?;
        found
            .into_iter()
            .next()
            .map(|(_, value)| crate::glue::value(value))
    }

    /// True when an attribute is set and true.
    pub fn is(&self, name: &str) -> bool {
        self.attribute(name) == Some(&Value::Boolean(true))
    }

    /// Its text; nothing without the grant `text`.
    pub fn text(&self) -> Option<&str> {
        self.text.get_or_init(|| self.handle?.text()).as_deref()
    }

    /// Its parameters; nothing without the grant `parameters`.
    pub fn parameters(&self) -> Option<&[Option<Vec<u8>>]> {
        self.parameters
            .get_or_init(|| self.handle?.parameters())
            .as_deref()
    }

    /// PostgreSQL: where the result's columns come from; `None` when there is no
    /// result.
    pub fn origins(&self) -> Option<&[Origin]> {
        let ask = || {
            let origins = wit::postgres::origins(self.handle?)?;
            let origin = |origin: wit::postgres::Origin| Origin {
                name: origin.name,
                known: origin.known,
                direct: origin.direct,
                columns: origin.columns,
            };
            Some(origins.into_iter().map(origin).collect())
        };
        self.origins.get_or_init(ask).as_deref()
    }

    /// PostgreSQL: columns that influence the result.
    pub fn predicates(&self) -> &[Predicate] {
        self.predicates.get_or_init(|| {
            let predicates = self
                .handle
                .map(wit::postgres::predicates)
                .unwrap_or_default();
            predicates
                .into_iter()
                .map(|p| Predicate {
                    column: p.column,
                    equality: p.equality,
                })
                .collect()
        })
    }

    /// PostgreSQL: what the statement puts where.
    pub fn flows(&self) -> &[Flow] {
        self.flows.get_or_init(|| {
            let flows = self.handle.map(wit::postgres::flows).unwrap_or_default();
            let flow = |flow: wit::postgres::Flow| Flow {
                known: flow.known,
                columns: flow.columns,
                into_kind: flow.into_kind,
                into: flow.into,
            };
            flows.into_iter().map(flow).collect()
        })
    }

    /// PostgreSQL: every column within reach.
    pub fn reach(&self) -> &[String] {
        self.reach
            .get_or_init(|| self.handle.map(wit::postgres::reach).unwrap_or_default())
    }
}
