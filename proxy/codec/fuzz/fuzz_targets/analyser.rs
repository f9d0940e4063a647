//! Texts of statements: whatever they are, the analyser answers, its spans are in the text, and texts of one
//! shape come to one answer when they say so.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use narrowgate_codec::postgres::analysis::{
    Catalog, CatalogBuilder, CatalogQuery, Limits, Settings, analyse_text, fingerprint,
    fits_inline, shape,
};

/// Rows of a small database: a table, a view on it, functions, types, an operator.
const ROWS: &[(CatalogQuery, &[&str])] = &[
    (CatalogQuery::Server, &["180000", "billing"]),
    (CatalogQuery::Namespaces, &["public"]),
    (CatalogQuery::Namespaces, &["pg_catalog"]),
    (CatalogQuery::Relations, &["100", "public", "customers", "r", "p", "f", "t", "", ""]),
    (CatalogQuery::Relations, &[
        "101", "public", "contacts", "v", "p", "f", "f",
        "SELECT id, email AS mail, profile -> 'plan' AS plan FROM public.customers", "",
    ]),
    (CatalogQuery::Relations, &["102", "pg_catalog", "pg_settings", "v", "p", "f", "f", "", ""]),
    (CatalogQuery::Columns, &["100", "1", "id", "23", "-1"]),
    (CatalogQuery::Columns, &["100", "2", "email", "25", "-1"]),
    (CatalogQuery::Columns, &["100", "3", "profile", "3802", "-1"]),
    (CatalogQuery::Columns, &["101", "1", "id", "23", "-1"]),
    (CatalogQuery::Columns, &["101", "2", "mail", "25", "-1"]),
    (CatalogQuery::Columns, &["101", "3", "plan", "3802", "-1"]),
    (CatalogQuery::Columns, &["102", "1", "name", "25", "-1"]),
    (CatalogQuery::Functions, &["pg_catalog", "lower", "f", "f", "", "", "f"]),
    (CatalogQuery::Functions, &["pg_catalog", "set_config", "f", "f", "", "", "f"]),
    (CatalogQuery::Functions, &["public", "my_func", "t", "f", "", "", "t"]),
    (CatalogQuery::Operators, &["public", "<->", ""]),
    (CatalogQuery::Types, &["25", "pg_catalog", "text", "b", "0", ""]),
    (CatalogQuery::Types, &["23", "pg_catalog", "int4", "b", "0", ""]),
    (CatalogQuery::Types, &["9000", "public", "mood", "e", "0", ""]),
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut builder = CatalogBuilder::new();
    for (query, row) in ROWS {
        let row: Vec<_> = row.iter().map(|text| (!text.is_empty()).then_some(*text)).collect();
        builder.add(*query, &row).expect("a row as the query has it");
    }
    builder.finish(1)
});

fuzz_target!(|sql: &str| {
    let catalog = &*CATALOG;
    let settings = Settings::default();
    let limits = Limits::default();
    fingerprint(sql);
    fits_inline(sql);
    let key = shape(sql);
    let Ok(statements) = analyse_text(sql, catalog, &settings, &limits) else {
        return;
    };
    for statement in &statements {
        assert!(sql.get(statement.span.clone()).is_some());
    }
    let Some(key) = key else { return };
    if !statements.iter().all(|statement| statement.literal_independent) {
        return;
    }
    let text = String::from_utf8(key.as_bytes().to_vec()).expect("literals are whole characters");
    let other = text
        .replace('\u{1}', "7")
        .replace('\u{2}', "8000000000")
        .replace('\u{3}', "7.5")
        .replace('\u{4}', "'other'");
    assert_eq!(shape(&other), Some(key));
    let again = analyse_text(&other, catalog, &settings, &limits).expect("the same tree");
    for (one, other) in statements.iter().zip(&again) {
        assert_eq!(one.actions, other.actions);
        assert_eq!(one.relations, other.relations);
        assert_eq!(one.functions, other.functions);
        assert_eq!(one.columns, other.columns);
        assert_eq!(one.predicates, other.predicates);
        assert_eq!(one.flows, other.flows);
    }
});
