//! The queries that fill a snapshot, for servers 14 to 18. All are run in one transaction, after [`SETUP`];
//! results are read in text format.

/// Run first on the connection: with nothing but pg_catalog on the path, `pg_get_viewdef` qualifies all names.
pub const SETUP: &str = "SET search_path TO pg_catalog";

/// How many rows of a catalog there are, and who wrote them.
macro_rules! probed {
    ($rows:literal) => {
        concat!(
            "(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM ",
            $rows,
            ")"
        )
    };
}

/// One row with one text column that changes whenever a snapshot may have become stale. Cheap enough to poll. What
/// sessions have for themselves alone does not count.
pub const CHANGE_PROBE: &str = concat!(
    "SELECT concat_ws('/', ",
    probed!("pg_class WHERE relpersistence <> 't'"),
    ", ",
    probed!(
        "pg_attribute WHERE NOT EXISTS \
         (SELECT FROM pg_class c WHERE c.oid = attrelid AND c.relpersistence = 't')"
    ),
    ", ",
    probed!("pg_proc"),
    ", ",
    probed!(
        "pg_type WHERE NOT EXISTS \
         (SELECT FROM pg_namespace n WHERE n.oid = typnamespace AND n.nspname ~ '^pg_(toast_)?temp_')"
    ),
    ", ",
    probed!("pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'"),
    ", ",
    probed!("pg_rewrite"),
    ", ",
    probed!("pg_inherits"),
    ", ",
    probed!("pg_operator"),
    ", ",
    probed!("pg_cast"),
    ", ",
    probed!("pg_trigger"),
    ")"
);

/// One query of a snapshot. Feed every row of every query to [`super::CatalogBuilder::add`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CatalogQuery {
    Server,
    Namespaces,
    Relations,
    Columns,
    Inheritance,
    Functions,
    Operators,
    Types,
    Casts,
    /// Relations that only the session which asks has, under the schema `pg_temp`.
    TemporaryRelations,
    TemporaryColumns,
    TemporaryInheritance,
}

impl CatalogQuery {
    /// All queries, in the order in which they are to be run.
    pub const ALL: [Self; 9] = [
        Self::Server,
        Self::Namespaces,
        Self::Relations,
        Self::Columns,
        Self::Inheritance,
        Self::Functions,
        Self::Operators,
        Self::Types,
        Self::Casts,
    ];

    /// What a session has of its own beside [`CatalogQuery::ALL`]: to be run on its own connection.
    pub const TEMPORARY: [Self; 3] = [
        Self::TemporaryRelations,
        Self::TemporaryColumns,
        Self::TemporaryInheritance,
    ];

    /// The text to run.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Server => "SELECT current_setting('server_version_num'), current_database()",
            Self::Namespaces => "SELECT nspname FROM pg_namespace",
            Self::Relations => RELATIONS,
            Self::Columns => COLUMNS,
            Self::Inheritance => "SELECT inhrelid, inhparent FROM pg_inherits",
            Self::Functions => FUNCTIONS,
            Self::Operators => OPERATORS,
            Self::Types => TYPES,
            Self::Casts => CASTS,
            Self::TemporaryRelations => TEMPORARY_RELATIONS,
            Self::TemporaryColumns => TEMPORARY_COLUMNS,
            Self::TemporaryInheritance => TEMPORARY_INHERITANCE,
        }
    }
}

const RELATIONS: &str = "\
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, \
 EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1'), \
 EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal), \
 CASE WHEN c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') THEN pg_get_viewdef(c.oid) END, \
 i.indrelid \
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid \
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_(toast_)?temp_'";

const COLUMNS: &str = "\
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod \
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' \
AND n.nspname !~ '^pg_(toast_)?temp_' ORDER BY a.attrelid, a.attnum";

/// The schema's own name has a number that changes from session to session.
const TEMPORARY_RELATIONS: &str = "\
SELECT c.oid, 'pg_temp', c.relname, c.relkind, c.relpersistence, \
 EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1'), \
 EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal), \
 CASE WHEN c.relkind = 'v' THEN replace(pg_get_viewdef(c.oid), quote_ident(n.nspname) || '.', 'pg_temp.') END, \
 i.indrelid \
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid \
WHERE c.relkind IN ('r', 'p', 'v', 'S', 'i', 'I') AND n.oid = pg_my_temp_schema()";

const TEMPORARY_COLUMNS: &str = "\
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod \
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped \
AND c.relkind IN ('r', 'p', 'v', 'S') AND c.relnamespace = pg_my_temp_schema() ORDER BY a.attrelid, a.attnum";

const TEMPORARY_INHERITANCE: &str = "\
SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
WHERE c.relnamespace = pg_my_temp_schema()";

/// Result columns come from OUT, INOUT and TABLE parameters or from a composite result type.
const FUNCTIONS: &str = "\
SELECT n.nspname, p.proname, p.proretset, p.prosecdef, e.extname, \
 CASE WHEN p.proargmodes && '{o,b,t}'::\"char\"[] THEN \
  (SELECT json_agg(coalesce(nullif(p.proargnames[g], ''), 'column' || o) ORDER BY g)::text FROM \
   (SELECT g, row_number() OVER (ORDER BY g) AS o FROM generate_subscripts(p.proargmodes, 1) g \
    WHERE p.proargmodes[g] IN ('o', 'b', 't')) s) \
 WHEN t.typrelid <> 0 THEN \
  (SELECT json_agg(a.attname ORDER BY a.attnum)::text FROM pg_attribute a \
   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END, \
 p.prorettype = 'record'::regtype, p.oid \
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_type t ON t.oid = p.prorettype \
LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' \
LEFT JOIN pg_extension e ON e.oid = d.refobjid";

const OPERATORS: &str = "\
SELECT DISTINCT n.nspname, o.oprname, e.extname FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace \
LEFT JOIN pg_depend d ON d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e' \
LEFT JOIN pg_extension e ON e.oid = d.refobjid WHERE n.nspname <> 'pg_catalog'";

const TYPES: &str = "\
SELECT t.oid, n.nspname, t.typname, t.typtype, t.typrelid, e.extname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e' \
LEFT JOIN pg_extension e ON e.oid = d.refobjid WHERE n.nspname !~ '^pg_(toast_)?temp_'";

/// The first OID that initdb does not hand out is 16384 (PostgreSQL, `access/transam.h`).
const CASTS: &str = "\
SELECT c.casttarget, n.nspname, p.proname, e.extname FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc \
JOIN pg_namespace n ON n.oid = p.pronamespace \
LEFT JOIN pg_depend d ON d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'e' \
LEFT JOIN pg_extension e ON e.oid = d.refobjid WHERE c.oid >= 16384";
