//! Relations and their columns.

use std::sync::{Arc, OnceLock};

use super::super::view::ViewInfo;

/// What a relation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RelationKind {
    #[default]
    Table,
    Partitioned,
    View,
    MaterializedView,
    Foreign,
    Sequence,
    Index,
    /// Any relation of `pg_catalog` or `information_schema`. Only in [`super::super::RelationUse`].
    Catalog,
    /// A temporary relation of this session. Only in [`super::super::RelationUse`].
    Temporary,
    /// Not in the catalog snapshot. Only in [`super::super::RelationUse`].
    Unknown,
}

impl RelationKind {
    /// The lower-case word of configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Partitioned => "partitioned",
            Self::View => "view",
            Self::MaterializedView => "matview",
            Self::Foreign => "foreign",
            Self::Sequence => "sequence",
            Self::Index => "index",
            Self::Catalog => "catalog",
            Self::Temporary => "temporary",
            Self::Unknown => "unknown",
        }
    }

    /// From `pg_class.relkind`; `None` for kinds that statements cannot name.
    pub(super) fn from_relkind(relkind: &str) -> Option<Self> {
        Some(match relkind {
            "r" => Self::Table,
            "p" => Self::Partitioned,
            "v" => Self::View,
            "m" => Self::MaterializedView,
            "f" => Self::Foreign,
            "S" => Self::Sequence,
            "i" | "I" => Self::Index,
            _ => return None,
        })
    }
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Attribute number, from 1; dropped columns leave gaps.
    pub attnum: i16,
    pub name: Arc<str>,
    pub type_oid: u32,
    /// Type modifier, -1 for none.
    pub typmod: i32,
}

/// A table, view, sequence or index.
#[derive(Debug, Clone, Default)]
pub struct Relation {
    pub oid: u32,
    pub schema: Arc<str>,
    pub name: Arc<str>,
    pub kind: RelationKind,
    /// In attribute order, without dropped and system columns.
    pub columns: Vec<Column>,
    /// `pg_get_viewdef` under a search path of `pg_catalog` alone; views and materialised views only.
    pub view_definition: Option<Arc<str>>,
    /// Tables that this one inherits from or is a partition of, up to the root.
    pub ancestors: Vec<u32>,
    /// Partitions and heirs, down to the leaves.
    pub descendants: Vec<u32>,
    /// Has rules besides a view's own.
    pub has_rules: bool,
    /// Has triggers besides those of foreign keys.
    pub has_triggers: bool,
    /// Of one session alone; its schema is then `pg_temp`.
    pub temporary: bool,
    /// For an index: the table it is on.
    pub indexed_table: Option<u32>,
    /// What the view's definition comes to; filled at first use.
    pub(in super::super) view: OnceLock<Arc<ViewInfo>>,
}

impl Relation {
    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| &*column.name == name)
    }

    /// The name of a column or system column by attribute number.
    pub fn column_name(&self, attnum: i16) -> Option<Arc<str>> {
        if attnum < 0 {
            return SYSTEM_COLUMNS
                .iter()
                .find(|(_, number)| *number == attnum)
                .map(|(name, _)| Arc::from(*name));
        }
        // Attribute numbers have gaps only after a column was dropped, so the direct slot is nearly always right.
        let guess = usize::try_from(attnum)
            .ok()
            .and_then(|n| n.checked_sub(1))
            .and_then(|n| self.columns.get(n));
        match guess {
            Some(column) if column.attnum == attnum => Some(column.name.clone()),
            _ => self
                .columns
                .iter()
                .find(|column| column.attnum == attnum)
                .map(|column| column.name.clone()),
        }
    }

    /// Whether the relation belongs to the server.
    pub fn is_system(&self) -> bool {
        matches!(
            &*self.schema,
            "pg_catalog" | "information_schema" | "pg_toast"
        )
    }
}

/// System columns by attribute number (PostgreSQL, `access/sysattr.h`).
const SYSTEM_COLUMNS: [(&str, i16); 6] = [
    ("ctid", -1),
    ("xmin", -2),
    ("cmin", -3),
    ("xmax", -4),
    ("cmax", -5),
    ("tableoid", -6),
];

/// The attribute number of a system column.
pub(in super::super) fn system_column(name: &str) -> Option<i16> {
    SYSTEM_COLUMNS
        .iter()
        .find(|(column, _)| *column == name)
        .map(|(_, number)| *number)
}
