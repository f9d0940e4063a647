//! What expressions are of and what they may name.

/// A type of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ty {
    Int,
    Num,
    Text,
    Bool,
    Json,
    Texts,
    Date,
    Bytes,
}

pub(crate) const TYPES: [Ty; 8] = [
    Ty::Int,
    Ty::Num,
    Ty::Text,
    Ty::Bool,
    Ty::Json,
    Ty::Texts,
    Ty::Date,
    Ty::Bytes,
];

impl Ty {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Int,
            "num" => Self::Num,
            "text" => Self::Text,
            "bool" => Self::Bool,
            "json" => Self::Json,
            "texts" => Self::Texts,
            "date" => Self::Date,
            "bytes" => Self::Bytes,
            _ => return None,
        })
    }

    /// As PostgreSQL calls it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Int => "integer",
            Self::Num => "numeric",
            Self::Text => "text",
            Self::Bool => "boolean",
            Self::Json => "jsonb",
            Self::Texts => "text[]",
            Self::Date => "date",
            Self::Bytes => "bytea",
        }
    }
}

/// Text of a statement, and whether masked columns are part of its value.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) secret: bool,
}

/// A column of something in FROM.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// What stands behind the alias and a dot.
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) secret: bool,
}

/// Something in FROM.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) alias: String,
    pub(crate) columns: Vec<Column>,
}

/// A query's names, and those of the queries around it.
#[derive(Debug, Default)]
pub(crate) struct Level<'a> {
    pub(crate) sources: Vec<Source>,
    /// Common table expressions, by name.
    pub(crate) shared: Vec<Source>,
    pub(crate) outer: Option<&'a Level<'a>>,
}

impl Source {
    pub(crate) fn is_secret(&self) -> bool {
        self.columns.iter().any(|column| column.secret)
    }
}

impl Column {
    /// The column as an expression.
    pub(crate) fn of(&self, alias: &str) -> Sql {
        let plain = self
            .name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let text = match (plain, self.name.strip_prefix('(')) {
            (true, _) => format!("{alias}.{}", self.name),
            // `(contact).address` is a field of a column.
            (false, Some(field)) => format!("({alias}.{field}"),
            (false, None) => format!("({alias}.{})", self.name),
        };
        Sql {
            text,
            secret: self.secret,
        }
    }
}

impl<'a> Level<'a> {
    pub(crate) fn inside(outer: &'a Level<'a>) -> Self {
        Self {
            outer: Some(outer),
            ..Self::default()
        }
    }

    /// Everything that can be named here, the nearest first.
    pub(crate) fn visible(&self) -> Vec<&Source> {
        let mut all: Vec<&Source> = self.sources.iter().collect();
        if let Some(outer) = self.outer {
            all.extend(outer.visible());
        }
        all
    }

    /// Every common table expression that can be named here.
    pub(crate) fn all_shared(&self) -> Vec<&Source> {
        let mut all: Vec<&Source> = self.shared.iter().collect();
        if let Some(outer) = self.outer {
            all.extend(outer.all_shared());
        }
        all
    }
}
