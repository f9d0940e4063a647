//! The relations of a statement: which, how they are reached, and what is done to them.

use std::sync::Arc;

use super::RelationKind;

/// What a statement does to a relation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Access {
    /// Rows, or facts about rows, are read.
    pub read: bool,
    /// Rows are written or locked.
    pub write: bool,
    /// The relation itself is made, changed, renamed or dropped, or rights on it are.
    pub define: bool,
}

impl Access {
    pub const READ: Self = Self {
        read: true,
        write: false,
        define: false,
    };
    pub const WRITE: Self = Self {
        read: false,
        write: true,
        define: false,
    };
    pub const DEFINE: Self = Self {
        read: false,
        write: false,
        define: true,
    };
    pub const ALL: Self = Self {
        read: true,
        write: true,
        define: true,
    };

    /// Both together.
    pub fn with(self, other: Self) -> Self {
        Self {
            read: self.read || other.read,
            write: self.write || other.write,
            define: self.define || other.define,
        }
    }
}

/// How a relation comes to be part of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Via {
    /// The statement names it.
    Direct,
    /// A view that the statement names stands on it; the server checks the view owner's rights.
    View,
    /// It is a partition or heir of a table that the statement names; the server checks the parent's rights.
    Inheritance,
}

/// A relation that the statement touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationUse {
    pub schema: Arc<str>,
    pub name: Arc<str>,
    /// `None` for a relation that the catalog does not have (yet).
    pub oid: Option<u32>,
    pub kind: RelationKind,
    pub access: Access,
    /// Columns whose values are used anywhere in the statement, in attribute order.
    pub columns_read: Vec<Arc<str>>,
    /// Columns that are assigned, in attribute order. An INSERT without a column list writes all.
    pub columns_written: Vec<Arc<str>>,
    pub via: Via,
    /// Holds others' data or secrets although it is part of the system catalog (`pg_stats`, `pg_authid`…).
    pub sensitive: bool,
}
