//! Building a snapshot from rows.

use super::{Catalog, CatalogBuilder, CatalogError, CatalogQuery, RelationKind};

fn relation<'r>(oid: &'r str, name: &'r str, kind: &'r str) -> [Option<&'r str>; 9] {
    [
        Some(oid),
        Some("public"),
        Some(name),
        Some(kind),
        Some("p"),
        Some("f"),
        Some("f"),
        None,
        None,
    ]
}

fn tree() -> Catalog {
    let mut builder = CatalogBuilder::new();
    builder
        .add(CatalogQuery::Server, &[Some("160002"), Some("db")])
        .unwrap();
    for (oid, name) in [("1", "root"), ("2", "branch"), ("3", "leaf")] {
        builder
            .add(CatalogQuery::Relations, &relation(oid, name, "p"))
            .unwrap();
    }
    // Columns may come in any order and with gaps.
    builder
        .add(
            CatalogQuery::Columns,
            &[Some("3"), Some("4"), Some("b"), Some("25"), Some("-1")],
        )
        .unwrap();
    builder
        .add(
            CatalogQuery::Columns,
            &[Some("3"), Some("2"), Some("a"), Some("23"), Some("-1")],
        )
        .unwrap();
    for (child, parent) in [("3", "2"), ("2", "1")] {
        builder
            .add(CatalogQuery::Inheritance, &[Some(child), Some(parent)])
            .unwrap();
    }
    builder.finish(7)
}

#[test]
fn rows_become_relations_with_their_families() {
    let catalog = tree();
    assert_eq!((catalog.version, catalog.server_version), (7, 160_002));
    let leaf = catalog.relation("public", "leaf").unwrap();
    assert_eq!(leaf.kind, RelationKind::Partitioned);
    assert_eq!(leaf.ancestors, [1, 2]);
    assert_eq!(catalog.relation_by_oid(1).unwrap().descendants, [2, 3]);
    assert_eq!(
        leaf.columns
            .iter()
            .map(|column| &*column.name)
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(leaf.column_name(4).as_deref(), Some("b"));
    assert_eq!(leaf.column_name(-1).as_deref(), Some("ctid"));
    assert_eq!(leaf.column_name(3), None);
    assert!(catalog.relation("other", "leaf").is_none());
}

#[test]
fn functions_of_a_name_are_merged_within_a_schema() {
    let mut builder = CatalogBuilder::new();
    for (oid, set, columns) in [("7", "f", None), ("8", "t", Some(r#"["a","b"]"#))] {
        let row = [
            Some("public"),
            Some("f"),
            Some(set),
            Some("f"),
            None,
            columns,
            Some("f"),
            Some(oid),
        ];
        builder.add(CatalogQuery::Functions, &row).unwrap();
    }
    let catalog = builder.finish(1);
    let [function] = catalog.functions("f") else {
        panic!("one entry")
    };
    assert!(function.returns_set && function.returns_row);
    for oid in [7, 8] {
        assert_eq!(catalog.function_name(oid), Some(("public", "f")));
    }
    assert_eq!(catalog.function_name(9), None);
}

#[test]
fn a_row_of_another_shape_is_an_error() {
    let mut builder = CatalogBuilder::new();
    assert_eq!(
        builder.add(CatalogQuery::Server, &[Some("x"), Some("db")]),
        Err(CatalogError { column: 0 })
    );
    assert_eq!(
        builder.add(CatalogQuery::Inheritance, &[Some("1")]),
        Err(CatalogError { column: 1 })
    );
    assert_eq!(
        builder.add(CatalogQuery::Namespaces, &[None]),
        Err(CatalogError { column: 0 })
    );
}
