//! Random texts made of SQL's words: no answer is a panic, and what is let through says so.

use proptest::prelude::*;

use super::super::{Limits, Settings, analyse_text, fingerprint, fits_inline, shape};
use super::fixture;

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "JOIN",
    "ON",
    "USING",
    "(",
    ")",
    ",",
    "*",
    ".",
    "customers",
    "email",
    "id",
    "c",
    "AS",
    "=",
    "'x'",
    "1",
    "$1",
    "UNION",
    "ALL",
    "WITH",
    "RECURSIVE",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "RETURNING",
    "ORDER BY",
    "GROUP BY",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "NOT",
    "AND",
    "OR",
    "IN",
    "LATERAL",
    "lower",
    "::text",
    "::regclass",
    "[",
    "]",
    "OVER",
    "FILTER",
    "DISTINCT",
    "EXISTS",
    "contacts",
    "orders",
    "NATURAL",
    "LEFT",
    "CROSS",
    "notes",
    ";",
    "-",
    "||",
    "E'\\'",
    "$$",
    "--",
    "/*",
    "*/",
    "\"",
    "'",
    "é",
    "0x1F",
    "CREATE TABLE",
    "DROP",
    "ALTER TABLE",
    "PREPARE",
    "EXECUTE",
    "EXPLAIN",
    "COPY",
    "TO STDOUT",
    "FETCH",
    "DECLARE",
    "CURSOR FOR",
    "BEGIN",
    "ROW",
    "ARRAY",
    "LIKE",
    "LIMIT",
    "FOR UPDATE",
    "MERGE INTO",
    "ON CONFLICT",
    "DO NOTHING",
    "GRANT",
    "SHOW",
    "RESET",
    "TRUNCATE",
    "NULL",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(WORDS), 1..40).prop_map(|words| words.join(" ")),
        1 => ".{0,80}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(sql in text()) {
        let catalog = fixture::catalog(150_004);
        fingerprint(&sql);
        fits_inline(&sql);
        if let Ok(statements) = analyse_text(&sql, &catalog, &Settings::default(), &Limits::default()) {
            for statement in statements {
                prop_assert!(sql.get(statement.span.clone()).is_some());
            }
        }
        shape(&sql);
    }

    /// Words of everyday statements in their places, so that many parse.
    #[test]
    fn likely_statements_are_told_whole(
        columns in prop::collection::vec(prop::sample::select(&["c.id", "c.email", "upper(c.name)", "c.ssn || 'x'", "count(*)"][..]), 1..4),
        condition in prop::sample::select(&["c.id = 1", "c.email LIKE 'a%'", "c.id IN (SELECT id FROM notes)", "NOT c.ssn IS NULL"][..]),
        order in prop::sample::select(&["", " ORDER BY c.id", " LIMIT 5"][..]),
    ) {
        let sql = format!("SELECT {} FROM customers c WHERE {condition}{order}", columns.join(", "));
        let catalog = fixture::catalog(150_004);
        let statements = analyse_text(&sql, &catalog, &Settings::default(), &Limits::default()).unwrap();
        let statement = statements.first().unwrap();
        prop_assert!(statement.is_resolved());
        prop_assert_eq!(statement.columns.as_ref().map(Vec::len), Some(columns.len()));
        prop_assert!(statement.relations.iter().any(|relation| &*relation.name == "customers"));
    }
}
