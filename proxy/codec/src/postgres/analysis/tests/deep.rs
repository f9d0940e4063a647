//! Deep, long and broken statements: they are answered, and nothing overflows or panics.

use std::thread;

use super::super::{Limits, Settings, analyse, analyse_text, fits_inline, parse};
use super::fixture;

/// Runs on a thread with the stack of an ordinary one.
fn on_ordinary_stack(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

fn survives(sql: &str) -> Result<(), &'static str> {
    let catalog = fixture::catalog(180_000);
    match analyse_text(sql, &catalog, &Settings::default(), &Limits::default()) {
        Ok(statements) => {
            assert!(!statements.is_empty());
            Ok(())
        }
        Err(error) => Err(error.sqlstate),
    }
}

fn joins(count: usize) -> String {
    let mut sql = "SELECT c0.email FROM customers c0".to_owned();
    for index in 1..count {
        sql.push_str(&format!(
            " JOIN customers c{index} ON c{index}.id = c{}.id",
            index - 1
        ));
    }
    sql
}

#[test]
fn what_orms_send_is_analysed() {
    on_ordinary_stack(|| {
        assert_eq!(survives(&format!("SELECT 1{}", " + 1".repeat(50))), Ok(()));
        assert_eq!(
            survives(&format!("SELECT 1{}", " + 1".repeat(1_000))),
            Ok(())
        );
        assert_eq!(survives(&joins(60)), Ok(()));
        assert_eq!(survives(&joins(200)), Ok(()));
        let ands = |count: usize| {
            format!(
                "SELECT id FROM customers WHERE id = 1{}",
                " AND email = 'x'".repeat(count)
            )
        };
        assert_eq!(survives(&ands(1_000)), Ok(()));
        assert_eq!(survives(&ands(10_000)), Ok(()));
        let unions = format!(
            "SELECT id FROM customers{}",
            " UNION ALL SELECT id FROM customers".repeat(300)
        );
        assert_eq!(survives(&unions), Ok(()));
    });
}

#[test]
fn what_is_too_deep_gets_postgresqls_answer() {
    on_ordinary_stack(|| {
        for sql in [
            format!("SELECT 1{}", " + 1".repeat(10_000)),
            format!("SELECT {}1", "- ".repeat(100_000)),
            format!("SELECT {}1", "NOT ".repeat(50_000)),
            format!(
                "SELECT {}1{}",
                "(SELECT ".repeat(20_000),
                ")".repeat(20_000)
            ),
            format!(
                "SELECT {}1{}",
                "CASE WHEN true THEN ".repeat(10_000),
                " END".repeat(10_000)
            ),
            format!("SELECT {}1{}", "lower(".repeat(20_000), ")".repeat(20_000)),
            format!("SELECT {}1{}", "ARRAY[".repeat(20_000), "]".repeat(20_000)),
            format!(
                "SELECT * FROM {}customers{}",
                "(".repeat(5_000),
                " CROSS JOIN notes)".repeat(5_000)
            ),
        ] {
            match survives(&sql) {
                Ok(()) | Err("54001" | "42601") => {}
                Err(other) => panic!("{other}: {}", sql.get(..60).unwrap_or(&sql)),
            }
        }
    });
}

/// The claim of `fits_inline`: what it lets through needs less than 1 MiB, with the worst nesting there is.
#[test]
fn inline_statements_fit_half_an_ordinary_stack() {
    let worst = |unit: &str, end: &str, head: &str, tail: &str| {
        let mut count = 1;
        let make =
            |count: usize| format!("{head}{}{tail}{}", unit.repeat(count), end.repeat(count));
        while fits_inline(&make(count + 1)) {
            count += 1;
        }
        make(count)
    };
    let statements = vec![
        worst("- ", "", "SELECT ", "1"),
        worst("NOT ", "", "SELECT ", "true"),
        worst("(SELECT ", ")", "SELECT ", "1"),
        worst("(SELECT(SELECT ", "))", "SELECT ", "1"),
        worst("ARRAY[", "]", "SELECT ", "1"),
        worst("[", "]", "SELECT a", "1"),
        worst("CASE WHEN ", " END", "SELECT ", "1"),
        worst("f(", ")", "SELECT ", "1"),
        worst("EXISTS(SELECT ", ")", "SELECT ", "1"),
        worst("WITH a AS(", ")SELECT", "", "SELECT"),
        worst("(SELECT FROM", ")a", "SELECT FROM ", " notes"),
        worst("SELECT UNION ", "", "", "SELECT"),
        worst("(TABLE a)UNION(", ")", "(", "TABLE a)"),
        worst("notes,LATERAL(SELECT FROM ", ")x", "SELECT FROM ", "notes"),
        worst("EXPLAIN ", "", "", "SELECT 1"),
    ];
    for sql in statements {
        assert!(fits_inline(&sql));
        thread::Builder::new()
            .stack_size(1 << 20)
            .spawn(move || {
                let catalog = fixture::catalog(180_000);
                if let Ok(parsed) = parse(&sql, &Limits::default()) {
                    analyse(&parsed, &catalog, &Settings::default());
                }
            })
            .unwrap()
            .join()
            .unwrap();
    }
}

/// Texts whose meaning grows much faster than they do.
#[test]
fn work_is_bounded() {
    let catalog = fixture::catalog(180_000);
    let mut doubling = "WITH a0 AS (SELECT * FROM customers)".to_owned();
    for level in 1..40 {
        doubling.push_str(&format!(
            ", a{level} AS (SELECT * FROM a{0} x, a{0} y)",
            level - 1
        ));
    }
    doubling.push_str(" SELECT * FROM a39");
    let mut nested = "SELECT 1 AS n".to_owned();
    for level in 0..12 {
        nested = format!(
            "WITH RECURSIVE t{level}(n) AS (SELECT 1 UNION ALL SELECT n FROM ({nested}) s) SELECT n FROM t{level}"
        );
    }
    let rows = format!(
        "SELECT {} FROM {}",
        vec!["ROW(c0.*, c1.*)"; 3_000].join(","),
        joins(900).split_once("FROM ").unwrap().1
    );
    for sql in [doubling, nested, rows] {
        let start = std::time::Instant::now();
        let statements =
            analyse_text(&sql, &catalog, &Settings::default(), &Limits::default()).unwrap();
        assert!(!statements.is_empty());
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}

#[test]
fn a_parsed_text_can_be_dropped_anywhere() {
    let sql = format!("SELECT 1{}", " + 1".repeat(3_000));
    let parsed = parse(&sql, &Limits::default()).unwrap();
    thread::Builder::new()
        .stack_size(64 << 10)
        .spawn(move || drop(parsed))
        .unwrap()
        .join()
        .unwrap();
}
