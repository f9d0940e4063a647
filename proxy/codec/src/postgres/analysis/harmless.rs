//! The shipped lists of built-in functions, extensions and catalog relations.

use std::sync::LazyLock;

use ahash::{AHashMap, AHashSet};

use super::FunctionGroup;

static FUNCTIONS: LazyLock<AHashMap<&'static str, FunctionGroup>> = LazyLock::new(|| {
    let lists = [
        (include_str!("data/catalog.txt"), FunctionGroup::Catalog),
        (include_str!("data/session.txt"), FunctionGroup::Session),
        (include_str!("data/pure.txt"), FunctionGroup::Pure),
    ];
    lists
        .iter()
        .flat_map(|(text, group)| names(text).map(|name| (name, *group)))
        .collect()
});
static EXTENSIONS: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| names(include_str!("data/extensions.txt")).collect());
/// By relation, the columns that are sensitive: none for all.
static SENSITIVE: LazyLock<AHashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let lines = names(include_str!("data/sensitive.txt"));
    lines
        .map(|line| match line.split_once('(') {
            Some((name, columns)) => (name, columns.trim_end_matches(')').split(", ").collect()),
            None => (line, Vec::new()),
        })
        .collect()
});

fn names(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The group of a function of pg_catalog or information_schema; what is on no list is [`FunctionGroup::Unlisted`].
pub(super) fn group(name: &str) -> FunctionGroup {
    FUNCTIONS
        .get(name)
        .copied()
        .unwrap_or(FunctionGroup::Unlisted)
}

/// Whether all that an extension defines is pure.
pub(super) fn is_pure_extension(name: &str) -> bool {
    EXTENSIONS.contains(name)
}

/// Whether a relation of pg_catalog, or what is read of it, holds more than the catalog.
pub(super) fn is_sensitive(relation: &str, reads: impl Fn(&str) -> bool) -> bool {
    let listed = SENSITIVE
        .get(relation)
        .is_some_and(|columns| columns.is_empty() || columns.iter().any(|column| reads(column)));
    listed || relation.starts_with("pg_stat_")
}

/// Functions that are on no harmless list for what they do, but give back nothing that is stored in a column.
pub(super) fn tells_nothing(name: &str) -> bool {
    matches!(
        name,
        "set_config"
            | "nextval"
            | "currval"
            | "lastval"
            | "setval"
            | "pg_sleep"
            | "pg_sleep_for"
            | "pg_sleep_until"
            | "pg_notify"
    ) || name.starts_with("pg_advisory_")
        || name.starts_with("pg_try_advisory_")
}

/// Functions that take a value apart into rows, whose number tells no more than the number of parts.
pub(super) fn takes_apart(name: &str) -> bool {
    matches!(
        name,
        "unnest"
            | "json_each"
            | "jsonb_each"
            | "json_each_text"
            | "jsonb_each_text"
            | "json_array_elements"
            | "jsonb_array_elements"
            | "json_array_elements_text"
            | "jsonb_array_elements_text"
            | "json_object_keys"
            | "jsonb_object_keys"
            | "json_to_record"
            | "jsonb_to_record"
            | "json_to_recordset"
            | "jsonb_to_recordset"
            | "json_populate_record"
            | "jsonb_populate_record"
            | "json_populate_recordset"
            | "jsonb_populate_recordset"
    )
}

#[cfg(test)]
mod tests {
    use super::{FunctionGroup, group, is_pure_extension, is_sensitive};

    #[test]
    fn functions_that_reach_further_are_on_no_harmless_list() {
        for name in [
            "query_to_xml",
            "query_to_xml_and_xmlschema",
            "cursor_to_xml",
            "table_to_xml",
            "schema_to_xml",
            "database_to_xml",
            "ts_stat",
            "ts_rewrite",
            "pg_sleep",
            "pg_sleep_for",
            "pg_sleep_until",
            "set_config",
            "pg_notify",
            "lo_get",
            "lo_import",
            "lo_export",
            "pg_read_file",
            "pg_read_binary_file",
            "pg_ls_dir",
            "pg_stat_file",
            "pg_cancel_backend",
            "pg_terminate_backend",
            "pg_advisory_lock",
            "pg_try_advisory_lock",
            "nextval",
            "setval",
            "currtid2",
            "pg_export_snapshot",
            "pg_stat_get_activity",
            "pg_reload_conf",
            "pg_logical_emit_message",
            "dblink",
            "pg_switch_wal",
            "pg_hba_file_rules",
            "pg_show_all_file_settings",
            "pg_relation_filepath",
            "pg_mcv_list_items",
            "pg_stat_get_backend_activity",
            "loread",
        ] {
            assert!(!group(name).is_harmless(), "{name}");
        }
    }

    #[test]
    fn everyday_functions_are_pure() {
        for name in [
            "lower",
            "count",
            "sum",
            "max",
            "row_number",
            "jsonb_agg",
            "to_char",
            "coalesce_not",
        ] {
            assert_eq!(
                group(name) == FunctionGroup::Pure,
                name != "coalesce_not",
                "{name}"
            );
        }
        assert_eq!(group("_pg_expandarray"), FunctionGroup::Pure);
        assert_eq!(group("now"), FunctionGroup::Session);
        assert_eq!(group("pg_get_viewdef"), FunctionGroup::Catalog);
        assert!(is_pure_extension("citext") && !is_pure_extension("dblink"));
        assert!(
            is_sensitive("pg_subscription", |column| column == "subconninfo")
                && !is_sensitive("pg_subscription", |column| column == "subdbid")
        );
        assert!(
            is_sensitive("pg_stats", |_| false)
                && is_sensitive("pg_stat_activity", |_| false)
                && !is_sensitive("pg_class", |_| true)
        );
    }
}
