//! Types, as far as masking has to tell them apart.

/// What a type is to masking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Any text will do; the same bytes in text and binary format.
    Text,
    /// XML content.
    Xml,
    /// JSON as text in both formats.
    Json,
    /// JSON; in binary format after a version byte.
    Jsonb,
    /// A UUID.
    Uuid,
    /// Bytes.
    Bytea,
    /// A day.
    Date,
    /// A time of a day, without zone.
    Timestamp,
    /// The same with zone.
    TimestampTz,
    /// A type of fixed shape that cannot hold a text: numbers, booleans ...
    Plain,
    /// Anything else: arrays, composites, ranges, enumerations, extensions. It
    /// may hold texts, and no other text would be a valid value.
    Opaque,
}

impl Class {
    /// The class of a type, by the name that PostgreSQL gives it.
    pub(crate) fn of(type_name: &str) -> Self {
        match type_name {
            "text" | "varchar" | "bpchar" | "name" | "unknown" | "citext" | "cstring" => Self::Text,
            "xml" => Self::Xml,
            "json" => Self::Json,
            "jsonb" => Self::Jsonb,
            "uuid" => Self::Uuid,
            "bytea" => Self::Bytea,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "timestamptz" => Self::TimestampTz,
            "bool" | "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" | "money"
            | "oid" | "regclass" | "char" | "time" | "timetz" | "interval" | "point"
            | "macaddr" | "macaddr8" | "inet" | "cidr" | "bit" | "varbit" | "pg_lsn" | "xid"
            | "xid8" | "cid" | "tid" | "void" => Self::Plain,
            _ => Self::Opaque,
        }
    }

    /// True when there may be text in a value, for detectors to look at.
    pub(crate) fn may_hold_text(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Xml | Self::Json | Self::Jsonb | Self::Opaque
        )
    }
}
