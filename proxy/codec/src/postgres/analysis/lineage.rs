//! Sets of columns that a value comes from, as the analyser computes with them.

use std::rc::Rc;
use std::sync::Arc;

/// A column, or a place inside its JSON, by numbers; smaller and quicker than names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ColumnKey {
    pub(super) relation: u32,
    pub(super) attnum: i16,
    /// 0 for the column, else the number of a place in [`super::places::Places`].
    pub(super) place: u16,
}

impl ColumnKey {
    /// The whole column.
    pub(super) fn whole(relation: u32, attnum: i16) -> Self {
        Self {
            relation,
            attnum,
            place: 0,
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lineage {
    /// Sorted, without repeats.
    pub(super) keys: Vec<ColumnKey>,
    /// Something that could not be told is part of it.
    pub(super) unknown: bool,
    /// The value is exactly one column's value.
    pub(super) direct: bool,
    /// The value is exactly what is at a place inside one column.
    pub(super) part: bool,
    /// Functions that are not known and whose results are part of it, by full name; sorted, without repeats.
    pub(super) calls: Vec<Arc<str>>,
}

impl Lineage {
    pub(super) fn unknown() -> Self {
        Self {
            unknown: true,
            ..Self::default()
        }
    }

    pub(super) fn is_constant(&self) -> bool {
        self.keys.is_empty() && !self.unknown && self.calls.is_empty()
    }

    /// Adds another value's columns. The result is no longer one column's own value.
    pub(super) fn add(&mut self, other: &Self) {
        self.direct = false;
        self.part = false;
        self.unknown |= other.unknown;
        self.add_calls(&other.calls);
        if other.keys.is_empty() {
            return;
        }
        if self.keys.is_empty() {
            self.keys.clone_from(&other.keys);
            return;
        }
        if other
            .keys
            .iter()
            .all(|key| self.keys.binary_search(key).is_ok())
        {
            return;
        }
        self.keys.extend_from_slice(&other.keys);
        self.keys.sort_unstable();
        self.keys.dedup();
    }

    /// Adds functions that are not known.
    pub(super) fn add_calls(&mut self, calls: &[Arc<str>]) {
        for call in calls {
            if let Err(at) = self.calls.binary_search(call) {
                self.calls.insert(at, Arc::clone(call));
            }
        }
    }

    /// The same sources, whatever else is known of the value.
    pub(super) fn same_sources(&self, other: &Self) -> bool {
        self.keys == other.keys && self.unknown == other.unknown && self.calls == other.calls
    }
}

/// Whether an expression is a constant, and of what sort.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Constness {
    #[default]
    Not,
    /// A string literal, as the server reads it.
    Text(Rc<str>),
    Boolean(bool),
    /// Any other literal.
    Literal,
    /// `$n`, or made of constants alone.
    Parameter,
}

/// What the analyser knows of an expression's value.
#[derive(Debug, Clone, Default)]
pub(super) struct Value {
    pub(super) lineage: Rc<Lineage>,
    /// What RowDescription reports for it.
    pub(super) expected: Option<(u32, i16)>,
    /// Whether it may also report nothing.
    pub(super) loose: bool,
    /// What else it may report: a merged join column is either side's.
    pub(super) alternative: Option<(u32, i16)>,
    /// Type and modifier where known (plain columns); 0 and -1 otherwise.
    pub(super) type_oid: u32,
    pub(super) typmod: i32,
    /// The fields, when the value is a whole row.
    pub(super) fields: Option<Rc<Vec<Field>>>,
    pub(super) constant: Constness,
}

impl Value {
    pub(super) fn of(lineage: Lineage) -> Self {
        Self {
            lineage: Rc::new(lineage),
            typmod: -1,
            ..Self::default()
        }
    }

    pub(super) fn unknown() -> Self {
        Self::of(Lineage::unknown())
    }

    pub(super) fn constant(constant: Constness) -> Self {
        Self {
            typmod: -1,
            constant,
            ..Self::default()
        }
    }

    /// The same columns, but computed with.
    pub(super) fn computed(&self) -> Self {
        let mut lineage = Rc::clone(&self.lineage);
        if lineage.direct || lineage.part {
            let lineage = Rc::make_mut(&mut lineage);
            (lineage.direct, lineage.part) = (false, false);
        }
        Self {
            lineage,
            typmod: -1,
            ..Self::default()
        }
    }

    /// This value or the other: it cannot be told which.
    pub(super) fn or_else(&self, other: &Self) -> Self {
        Self {
            expected: other.expected,
            alternative: other.alternative,
            loose: true,
            ..Self::union([self, other])
        }
    }

    /// A value computed from several others.
    pub(super) fn union<'v>(values: impl IntoIterator<Item = &'v Self>) -> Self {
        let mut lineage = Lineage::default();
        for value in values {
            lineage.add(&value.lineage);
        }
        Self::of(lineage)
    }
}

/// A named value: a column of something in FROM, or of a result.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Arc<str>,
    pub(super) value: Value,
}

/// Result of a query: its columns, and whether there may be more than could be told.
#[derive(Debug, Clone, Default)]
pub(super) struct RowShape {
    pub(super) fields: Vec<Field>,
    /// Columns of any name may exist besides; each has this lineage.
    pub(super) open: Option<Rc<Lineage>>,
}

impl RowShape {
    /// Adds the columns of any name that another row may have.
    pub(super) fn open_as(&mut self, other: &Self) {
        let Some(other) = &other.open else { return };
        match &mut self.open {
            Some(open) => Rc::make_mut(open).add(other),
            None => self.open = Some(Rc::clone(other)),
        }
    }

    /// The lineage of the row as a whole.
    pub(super) fn whole(&self) -> Lineage {
        let mut lineage = Lineage::default();
        for field in &self.fields {
            lineage.add(&field.value.lineage);
        }
        if let Some(open) = &self.open {
            lineage.add(open);
        }
        lineage
    }
}
