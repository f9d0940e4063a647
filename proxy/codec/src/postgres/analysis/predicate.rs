//! Columns that decide which rows come back: each is a question about its value that the client can ask.

use super::ColumnId;

/// A column that influences which rows come, their order or number, or a branch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Predicate {
    pub column: ColumnId,
    pub how: How,
}

/// How much the influence gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// The whole value is compared for equality with a constant or parameter, or with a list of them.
    Equality,
    /// The value is taken apart into rows (`unnest`, `jsonb_each`…): only the number of parts shows.
    Cardinality,
    /// Anything else.
    Other,
}
