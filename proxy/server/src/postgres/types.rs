//! Names of PostgreSQL's built-in types by their OIDs, which are fixed
//! (`src/include/catalog/pg_type.dat`). What is not here is `other`: filters
//! treat it as something they do not know.

/// The name of a type.
pub(super) fn name(oid: u32) -> &'static str {
    match oid {
        16 => "bool",
        17 => "bytea",
        18 => "char",
        19 => "name",
        20 => "int8",
        21 => "int2",
        23 => "int4",
        25 => "text",
        26 => "oid",
        114 => "json",
        142 => "xml",
        600 => "point",
        650 => "cidr",
        700 => "float4",
        701 => "float8",
        790 => "money",
        829 => "macaddr",
        869 => "inet",
        1042 => "bpchar",
        1043 => "varchar",
        1082 => "date",
        1083 => "time",
        1114 => "timestamp",
        1184 => "timestamptz",
        1186 => "interval",
        1266 => "timetz",
        1560 => "bit",
        1562 => "varbit",
        1700 => "numeric",
        2205 => "regclass",
        2249 => "record",
        2278 => "void",
        2950 => "uuid",
        3220 => "pg_lsn",
        3614 => "tsvector",
        3615 => "tsquery",
        3802 => "jsonb",
        4072 => "jsonpath",
        705 => "unknown",
        _ => "other",
    }
}
