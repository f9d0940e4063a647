//! What is asked of a database, for servers 14 to 18. Each answer has five
//! columns: name, `schema.relation`, columns in JSON, definition, detail.

/// What may carry values past the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SuspectKind {
    /// Runs code when rows are written.
    Trigger,
    /// Puts other statements in the place of one.
    Rule,
    /// A column that is computed from others of its table.
    Generated,
    /// A column whose values are elsewhere; its columns are what it is there.
    Foreign,
    /// Code of somebody's own that the login may call; `definer` as its detail
    /// where it runs with the rights of its owner.
    Function,
    /// A table whose rows are sent to subscribers.
    Publication,
    /// A slot from which every change of the database is read.
    Slot,
    /// An extension whose functions read past tables.
    Extension,
    /// Runs code when something is defined.
    EventTrigger,
    /// A power of the login.
    Power,
}

impl SuspectKind {
    /// All of them.
    pub(super) const ALL: [Self; 10] = [
        Self::Trigger,
        Self::Rule,
        Self::Generated,
        Self::Foreign,
        Self::Function,
        Self::Publication,
        Self::Slot,
        Self::Extension,
        Self::EventTrigger,
        Self::Power,
    ];

    /// The text to run.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Trigger => TRIGGERS,
            Self::Rule => RULES,
            Self::Generated => GENERATED,
            Self::Foreign => FOREIGN,
            Self::Function => FUNCTIONS,
            Self::Publication => PUBLICATIONS,
            Self::Slot => SLOTS,
            Self::Extension => EXTENSIONS,
            Self::EventTrigger => EVENT_TRIGGERS,
            Self::Power => POWERS,
        }
    }
}

/// All but the server's own, and the one built-in that keeps nothing.
const TRIGGERS: &str = "\
SELECT t.tgname, n.nspname || '.' || c.relname, NULL, concat_ws(' ', p.prosrc, pg_get_triggerdef(t.oid)), \
 f.nspname || '.' || p.proname \
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace f ON f.oid = p.pronamespace \
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' \
AND (f.nspname, p.proname) <> ('pg_catalog', 'suppress_redundant_updates_trigger') ORDER BY 2, 1";

const RULES: &str = "\
SELECT r.rulename, n.nspname || '.' || c.relname, NULL, pg_get_ruledef(r.oid), NULL \
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace \
WHERE r.rulename <> '_RETURN' AND r.ev_enabled <> 'D' AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
ORDER BY 2, 1";

const GENERATED: &str = "\
SELECT a.attname, n.nspname || '.' || c.relname, \
 (SELECT json_agg(DISTINCT b.attname) FROM pg_depend d \
  JOIN pg_attribute b ON b.attrelid = d.refobjid AND b.attnum = d.refobjsubid \
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND b.attnum <> a.attnum \
  AND ((d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid) \
   OR (d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = a.attnum)))::text, \
 pg_get_expr(e.adbin, e.adrelid), NULL \
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum WHERE a.attgenerated <> '' ORDER BY 2, 1";

/// The names that postgres_fdw asks for on the other side.
const FOREIGN: &str = "\
SELECT a.attname, n.nspname || '.' || c.relname, json_build_array(concat_ws('.', \
  coalesce((SELECT option_value FROM pg_options_to_table(f.ftoptions) WHERE option_name = 'schema_name'), n.nspname), \
  coalesce((SELECT option_value FROM pg_options_to_table(f.ftoptions) WHERE option_name = 'table_name'), c.relname), \
  coalesce((SELECT option_value FROM pg_options_to_table(a.attfdwoptions) WHERE option_name = 'column_name'), a.attname)))::text, \
 NULL, s.srvname || ' of ' || w.fdwname \
FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
JOIN pg_foreign_server s ON s.oid = f.ftserver JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw \
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 2, a.attnum";

const FUNCTIONS: &str = "\
SELECT n.nspname || '.' || p.proname, NULL, NULL, pg_get_functiondef(p.oid), CASE WHEN p.prosecdef THEN 'definer' END \
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
WHERE p.prokind IN ('f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) \
AND has_function_privilege(p.oid, 'EXECUTE') AND NOT EXISTS (SELECT FROM pg_depend d \
 WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') ORDER BY 1, p.oid";

/// Column lists came with server 15.
const PUBLICATIONS: &str = "\
SELECT p.pubname, p.schemaname || '.' || p.tablename, to_jsonb(p) ->> 'attnames', NULL, NULL \
FROM pg_publication_tables p ORDER BY 1, 2";

const SLOTS: &str = "\
SELECT slot_name, NULL, NULL, NULL, plugin FROM pg_replication_slots \
WHERE slot_type = 'logical' AND database = current_database() ORDER BY 1";

const EXTENSIONS: &str = "\
SELECT extname, NULL, NULL, NULL, NULL FROM pg_extension \
WHERE extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack') ORDER BY 1";

const EVENT_TRIGGERS: &str = "\
SELECT t.evtname, NULL, NULL, p.prosrc, n.nspname || '.' || p.proname \
FROM pg_event_trigger t JOIN pg_proc p ON p.oid = t.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace \
WHERE t.evtenabled <> 'D' ORDER BY 1";

/// A superuser is a member of everything, which says nothing more.
const POWERS: &str = "\
SELECT v.power, NULL, NULL, NULL, NULL FROM pg_roles r CROSS JOIN LATERAL (VALUES \
 (r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'bypasses row security'), \
 (r.rolcreaterole, 'may create roles'), (r.rolreplication, 'may replicate')) v(has, power) \
WHERE r.rolname = current_user AND v.has \
UNION ALL SELECT 'is a member of ' || p.rolname, NULL, NULL, NULL, NULL FROM pg_roles r JOIN pg_roles p ON p.oid <> r.oid \
WHERE r.rolname = current_user AND NOT r.rolsuper AND pg_has_role(r.oid, p.oid, 'MEMBER') \
AND (p.rolsuper OR p.rolbypassrls OR p.rolcreaterole OR p.rolreplication OR p.rolname IN \
 ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_create_subscription')) ORDER BY 1";
