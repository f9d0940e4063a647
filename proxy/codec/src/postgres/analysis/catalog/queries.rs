//! The queries that fill a snapshot, for servers 14 to 18. All are run on the gateway's own connection, in one
//! REPEATABLE READ transaction, after [`SETUP`]; results are read in text format.

/// Run first on the connection: with nothing but pg_catalog on the path, `pg_get_viewdef` qualifies all names.
pub const SETUP: &str = "SET search_path TO pg_catalog";

/// One row with one text column that changes whenever a snapshot may have become stale. Cheap enough to poll.
pub const CHANGE_PROBE: &str = "\
SELECT concat_ws('/', \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_class), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_attribute), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_proc), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_type), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_namespace), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_rewrite), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_inherits), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_operator), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_cast), \
(SELECT count(*) || ':' || coalesce(sum(xmin::text::numeric), 0) FROM pg_trigger))";

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

/// Result columns come from OUT, INOUT and TABLE parameters or from a composite result type.
const FUNCTIONS: &str = "\
SELECT DISTINCT n.nspname, p.proname, p.proretset, p.prosecdef, e.extname, \
 CASE WHEN p.proargmodes && '{o,b,t}'::\"char\"[] THEN \
  (SELECT json_agg(coalesce(nullif(p.proargnames[g], ''), 'column' || o) ORDER BY g)::text FROM \
   (SELECT g, row_number() OVER (ORDER BY g) AS o FROM generate_subscripts(p.proargmodes, 1) g \
    WHERE p.proargmodes[g] IN ('o', 'b', 't')) s) \
 WHEN t.typrelid <> 0 THEN \
  (SELECT json_agg(a.attname ORDER BY a.attnum)::text FROM pg_attribute a \
   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END, \
 p.prorettype = 'record'::regtype \
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
