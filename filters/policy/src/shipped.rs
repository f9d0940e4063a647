//! What is allowed without a rule, so that clients can connect: each with the
//! reason why it gives nothing away.

/// Actions on the session itself: what they run is decided on its own.
pub(crate) const ACTIONS: &[&str] = &[
    // The bounds of transactions.
    "begin",
    "commit",
    "rollback",
    "savepoint",
    "release",
    // The session's own statements and cursors. What they read and write is
    // part of the operation and has to be allowed.
    "prepare",
    "execute",
    "deallocate",
    "declare",
    "fetch",
    "move",
    "close",
    "discard",
    // A plan of something that is allowed: what is explained is part of the
    // operation.
    "explain",
    // Hearing no more, and nothing at all.
    "unlisten",
    "empty",
];

/// Settings that may be shown besides: they say what the server is.
pub(crate) const SHOWN: &[&str] = &[
    "integer_datetimes",
    "is_superuser",
    "in_hot_standby",
    "max_identifier_length",
    "search_path",
    "server_encoding",
    "server_version",
    "server_version_num",
    "session_authorization",
    "ssl",
];

/// Columns of the system catalog by which drivers learn about types (psycopg,
/// asyncpg, JDBC, Npgsql, node-postgres): names and kinds, no data.
pub(crate) const CATALOG: &[(&str, &[&str])] = &[
    (
        "pg_catalog.pg_type",
        &[
            "oid",
            "typname",
            "typnamespace",
            "typlen",
            "typbyval",
            "typtype",
            "typcategory",
            "typispreferred",
            "typdelim",
            "typrelid",
            "typelem",
            "typarray",
            "typinput",
            "typbasetype",
            "typtypmod",
            "typndims",
            "typcollation",
            "typnotnull",
            "typreceive",
            "typsubscript",
        ],
    ),
    ("pg_catalog.pg_namespace", &["oid", "nspname"]),
    (
        "pg_catalog.pg_enum",
        &["oid", "enumtypid", "enumlabel", "enumsortorder"],
    ),
    (
        "pg_catalog.pg_range",
        &["rngtypid", "rngsubtype", "rngmultitypid"],
    ),
    (
        "pg_catalog.pg_attribute",
        &[
            "attrelid",
            "attname",
            "atttypid",
            "atttypmod",
            "attnum",
            "attisdropped",
            "attndims",
            "attcollation",
        ],
    ),
    ("pg_catalog.pg_class", &["oid", "reltype", "relkind"]),
    ("pg_catalog.pg_proc", &["oid", "proname"]),
];

/// Functions on the same: names of types, and what is visible.
pub(crate) const CATALOG_FUNCTIONS: &[&str] = &[
    "pg_catalog.format_type",
    "pg_catalog.to_regtype",
    "pg_catalog.to_regtypemod",
    "pg_catalog.pg_type_is_visible",
    "pg_catalog.regtype",
    "pg_catalog.regtypein",
    "pg_catalog.regtypeout",
    "pg_catalog.oidvectortypes",
];

/// True when a column of the system catalog may be read without a rule.
pub(crate) fn catalog(relation: &str, column: &str) -> bool {
    CATALOG
        .iter()
        .any(|(name, columns)| *name == relation && columns.contains(&column))
}
