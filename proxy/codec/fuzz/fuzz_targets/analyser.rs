//! Texts of statements: whatever they are, the analyser answers, its spans are in the text, and texts of one
//! shape come to one answer when they say so.

#![no_main]

use libfuzzer_sys::fuzz_target;
use narrowgate_codec::postgres::analysis::{
    Catalog, Limits, Settings, analyse_text, fingerprint, fits_inline, shape,
};

fuzz_target!(|sql: &str| {
    let catalog = Catalog::default();
    let settings = Settings::default();
    let limits = Limits::default();
    fingerprint(sql);
    fits_inline(sql);
    let key = shape(sql);
    let Ok(statements) = analyse_text(sql, &catalog, &settings, &limits) else {
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
    let again = analyse_text(&other, &catalog, &settings, &limits).expect("the same tree");
    for (one, other) in statements.iter().zip(&again) {
        assert_eq!(one.actions, other.actions);
        assert_eq!(one.relations, other.relations);
        assert_eq!(one.functions, other.functions);
        assert_eq!(one.columns, other.columns);
        assert_eq!(one.predicates, other.predicates);
        assert_eq!(one.flows, other.flows);
    }
});
