//! How names find their relations: search path, temporary relations, other servers' grammars.

use super::super::{
    Catalog, CatalogBuilder, CatalogQuery, Limits, Origin, RelationKind, Settings, Statement,
    UnresolvedKind, analyse_text,
};
use super::{analyse_all, fixture, told};

fn first(sql: &str, settings: &Settings) -> Statement {
    analyse_text(
        sql,
        &fixture::catalog(180_000),
        settings,
        &Limits::default(),
    )
    .unwrap()
    .remove(0)
}

fn path(schemas: &[&str]) -> Settings {
    Settings {
        search_path: schemas.iter().map(|schema| (*schema).to_owned()).collect(),
        ..Settings::default()
    }
}

/// The database, as a session sees it that has a temporary `customers` beside it, and an heir of the other.
fn with_temporary() -> Catalog {
    let mut own = CatalogBuilder::new();
    for (oid, name) in [("99999", "customers"), ("99998", "heirs")] {
        let relation = [Some(oid), Some("pg_temp"), Some(name), Some("r"), Some("t")];
        let rest = [Some("f"), Some("f"), None, None];
        let row: Vec<Option<&str>> = relation.into_iter().chain(rest).collect();
        own.add(CatalogQuery::TemporaryRelations, &row).unwrap();
        let column = [Some(oid), Some("1"), Some("email"), Some("25"), Some("-1")];
        own.add(CatalogQuery::TemporaryColumns, &column).unwrap();
    }
    let heir = [Some("99998"), Some("100")];
    own.add(CatalogQuery::TemporaryInheritance, &heir).unwrap();
    own.finish_on(&fixture::catalog(180_000), 2)
}

#[test]
fn the_search_path_decides() {
    assert!(first("SELECT id FROM log", &path(&["audit"])).is_resolved());
    assert!(!first("SELECT id FROM log", &path(&["public"])).is_resolved());
    assert!(!first("SELECT id FROM customers", &path(&[])).is_resolved());
    assert!(first("SELECT oid FROM pg_class", &path(&[])).is_resolved());
    let user = Settings {
        user: "audit".to_owned(),
        ..path(&["$user", "public"])
    };
    assert!(first("SELECT entry FROM log", &user).is_resolved());
}

#[test]
fn a_temporary_relation_shadows_unless_pg_temp_comes_last() {
    let catalog = with_temporary();
    let kind = |sql: &str, schemas: &[&str]| {
        let statements = analyse_text(sql, &catalog, &path(schemas), &Limits::default());
        let relations = statements.unwrap().remove(0).relations;
        relations.first().map(|relation| relation.kind)
    };
    let sql = "SELECT email FROM customers";
    assert_eq!(kind(sql, &["public"]), Some(RelationKind::Temporary));
    assert_eq!(kind(sql, &["public", "pg_temp"]), Some(RelationKind::Table));
    let sql = "SELECT email FROM pg_temp.customers";
    let explicit = kind(sql, &["public", "pg_temp"]);
    assert_eq!(explicit, Some(RelationKind::Temporary));
}

#[test]
fn a_temporary_heir_belongs_to_the_family_and_to_nobody_else() {
    let own = with_temporary();
    let of = |sql: &str, catalog: &Catalog| told(sql, catalog);
    assert_eq!(
        of("SELECT email FROM pg_temp.heirs", &own),
        "select | r pg_temp.heirs(email) | email<-heirs.email+customers.email!@"
    );
    assert!(of("SELECT email FROM customers", &own).contains("pg_temp.heirs"));
    // What others have has not changed.
    let shared = fixture::catalog(180_000);
    assert!(!of("SELECT email FROM customers", &shared).contains("pg_temp"));
    assert!(of("SELECT email FROM pg_temp.heirs", &shared).contains("unresolved"));
}

#[test]
fn a_namesake_off_the_path_is_no_suspect() {
    let harmless = |settings: &Settings| {
        first("SELECT initcap('a')", settings)
            .functions
            .iter()
            .all(|function| function.harmless)
    };
    assert!(!harmless(&path(&["public"])));
    assert!(harmless(&path(&["audit"])));
}

#[test]
fn older_grammars_are_not_guessed() {
    let old = fixture::catalog(150_004);
    for sql in [
        "SELECT system_user FROM customers",
        "SELECT JSON_OBJECT('a': 1)",
        "SELECT JSON_VALUE('{}', '$.a')",
        "SELECT 0x1F",
        "SELECT 1_0",
    ] {
        let statements = analyse_all(sql, &old);
        assert!(
            statements.iter().any(|s| s
                .unresolved
                .iter()
                .any(|u| u.kind == UnresolvedKind::Grammar)),
            "{sql}"
        );
        let new = analyse_all(sql, &fixture::catalog(180_000));
        assert!(new.iter().all(Statement::is_resolved), "{sql}");
    }
    let off = Settings {
        standard_conforming_strings: false,
        ..Settings::default()
    };
    assert!(!first("SELECT 1", &off).is_resolved());
}

#[test]
fn spans_cut_statements_out() {
    let sql = " SELECT 1 ;\n /* c */ DROP TABLE notes ; ; COMMIT  ";
    let statements = analyse_all(sql, &fixture::catalog(180_000));
    let texts: Vec<&str> = statements
        .iter()
        .map(|statement| &sql[statement.span.clone()])
        .collect();
    assert_eq!(texts, ["SELECT 1", "DROP TABLE notes", "COMMIT"]);
    assert!(analyse_all("  ;; ", &fixture::catalog(180_000)).is_empty());
}

#[test]
fn parameters_are_counted_and_unknown_reach_is_told() {
    let catalog = fixture::catalog(180_000);
    let statements = analyse_all("SELECT $3, $1; SELECT my_func(1)", &catalog);
    assert_eq!(
        statements.iter().map(|s| s.parameters).collect::<Vec<_>>(),
        [3, 0]
    );
    assert_eq!(
        statements
            .iter()
            .map(Statement::reaches_everything)
            .collect::<Vec<_>>(),
        [false, true]
    );
    let columns = statements.last().and_then(|s| s.columns.clone()).unwrap();
    assert_eq!(
        columns.first().map(|column| column.origin.clone()),
        Some(Origin::Called {
            columns: Vec::new(),
            functions: vec!["public.my_func".into()],
        })
    );
}
