//! Statements and what they come to.

mod deep;
mod describe;
mod fixture;
mod literals;
mod names;
mod random;

use super::{Catalog, Limits, Settings, Statement, analyse_text};

#[track_caller]
fn analyse_all(sql: &str, catalog: &Catalog) -> Vec<Statement> {
    analyse_text(sql, catalog, &Settings::default(), &Limits::default())
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn told(sql: &str, catalog: &Catalog) -> String {
    analyse_all(sql, catalog)
        .iter()
        .map(describe::describe)
        .collect::<Vec<_>>()
        .join(" ;; ")
}

/// Pairs of statement and expectation.
fn cases() -> Vec<(&'static str, &'static str)> {
    let mut lines = include_str!("cases.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut cases = Vec::new();
    while let (Some(sql), Some(expected)) = (lines.next(), lines.next()) {
        cases.push((sql, expected.trim()));
    }
    cases
}

#[test]
fn every_case_comes_to_what_is_expected() {
    let catalog = fixture::catalog(180_000);
    let cases = cases();
    assert!(cases.len() >= 250);
    let differ = |(sql, expected): &&(&str, &str)| told(sql, &catalog) != *expected;
    let wrong: Vec<String> = cases
        .iter()
        .filter(differ)
        .map(|(sql, expected)| format!("{sql}\n  is  {}\n  not {expected}", told(sql, &catalog)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a cache would answer for one text of a shape must be right for every other.
#[test]
fn cases_that_call_themselves_independent_stay_the_same_with_other_literals() {
    let catalog = fixture::catalog(180_000);
    for (sql, _) in cases() {
        let statements = analyse_all(sql, &catalog);
        let Some(shape) = super::shape(sql).filter(|_| {
            statements
                .iter()
                .all(|statement| statement.literal_independent)
        }) else {
            continue;
        };
        let text = String::from_utf8(shape.as_bytes().to_vec()).unwrap();
        let other = text
            .replace('\u{1}', "7")
            .replace('\u{2}', "8000000000")
            .replace('\u{3}', "7.5")
            .replace('\u{4}', "'other'");
        assert_eq!(super::shape(&other).as_ref(), Some(&shape), "{other}");
        assert_eq!(told(&other, &catalog), told(sql, &catalog), "{other}");
    }
}
