//! A small database: customers with invoices, a secret, views on them, a partitioned table, user code.

use super::super::{Catalog, CatalogBuilder, CatalogQuery};

type Columns = &'static [&'static str];

const TABLES: &[(&str, &str, &str, &str, Columns)] = &[
    (
        "100",
        "public",
        "customers",
        "r",
        &[
            "id:23",
            "name:25",
            "email:25",
            "ssn:25",
            "profile:3802",
            "note:25",
        ],
    ),
    (
        "101",
        "public",
        "invoices",
        "r",
        &["id:23", "customer_id:23", "amount:1700", "issued:1082"],
    ),
    ("102", "public", "secrets", "r", &["id:23", "value:25"]),
    ("103", "public", "notes", "r", &["id:23", "body:25"]),
    ("104", "audit", "log", "r", &["id:20", "entry:25"]),
    ("105", "public", "audited", "r", &["id:23", "body:25"]),
    ("106", "public", "ruled", "r", &["id:23"]),
    (
        "110",
        "public",
        "orders",
        "p",
        &["id:23", "email:25", "day:1082"],
    ),
    (
        "111",
        "public",
        "orders_2024_01",
        "r",
        &["id:23", "email:25", "day:1082"],
    ),
    (
        "112",
        "public",
        "orders_2024_02",
        "r",
        &["id:23", "email:25", "day:1082"],
    ),
    (
        "120",
        "public",
        "contacts",
        "v",
        &["id:23", "mail:25", "label:25"],
    ),
    ("121", "public", "contact_mails", "v", &["mail:25"]),
    ("122", "public", "looped", "v", &["a:23"]),
    ("123", "public", "mail_copies", "m", &["mail:25"]),
    ("130", "public", "invoices_id_seq", "S", &["last_value:20"]),
    ("131", "public", "remote", "f", &["id:23", "email:25"]),
    ("132", "public", "customers_email_idx", "i", &[]),
    (
        "200",
        "pg_catalog",
        "pg_class",
        "r",
        &["oid:26", "relname:19", "relkind:18"],
    ),
    (
        "201",
        "pg_catalog",
        "pg_stats",
        "v",
        &["tablename:19", "histogram_bounds:2277"],
    ),
    (
        "202",
        "pg_catalog",
        "pg_authid",
        "r",
        &["oid:26", "rolname:19", "rolpassword:25"],
    ),
    (
        "203",
        "pg_catalog",
        "pg_settings",
        "v",
        &["name:25", "setting:25"],
    ),
    (
        "204",
        "pg_catalog",
        "pg_subscription",
        "r",
        &["oid:26", "subconninfo:25"],
    ),
];

const VIEWS: &[(&str, &str)] = &[
    (
        "120",
        " SELECT customers.id,\n    customers.email AS mail,\n    lower(customers.name) AS label\n   FROM public.customers\n  WHERE customers.ssn IS NOT NULL;",
    ),
    ("121", " SELECT contacts.mail FROM public.contacts;"),
    ("122", " SELECT looped.a FROM public.looped;"),
    (
        "123",
        " SELECT customers.email AS mail FROM public.customers;",
    ),
];

const TYPES: &[(&str, &str, &str)] = &[
    ("16", "bool", "b"),
    ("17", "bytea", "b"),
    ("20", "int8", "b"),
    ("21", "int2", "b"),
    ("23", "int4", "b"),
    ("25", "text", "b"),
    ("26", "oid", "b"),
    ("114", "json", "b"),
    ("3802", "jsonb", "b"),
    ("700", "float4", "b"),
    ("701", "float8", "b"),
    ("1042", "bpchar", "b"),
    ("1043", "varchar", "b"),
    ("1082", "date", "b"),
    ("1114", "timestamp", "b"),
    ("1184", "timestamptz", "b"),
    ("1186", "interval", "b"),
    ("1700", "numeric", "b"),
    ("2950", "uuid", "b"),
    ("2205", "regclass", "b"),
    ("2206", "regtype", "b"),
    ("142", "xml", "b"),
    ("2249", "record", "p"),
    ("19", "name", "b"),
];

/// Built-in functions: the shipped lists and some that are on none.
const UNLISTED: &[&str] = &[
    "pg_sleep",
    "set_config",
    "pg_notify",
    "query_to_xml",
    "table_to_xml",
    "ts_stat",
    "pg_read_file",
    "lo_get",
    "lo_export",
    "nextval",
    "setval",
    "currval",
    "pg_terminate_backend",
    "pg_advisory_lock",
    "pg_ls_dir",
    "pg_logical_emit_message",
    "schema_to_xml",
    "database_to_xml",
    "cursor_to_xml",
    "query_to_xml_and_xmlschema",
    "lo_import",
    "lo_put",
    "lo_from_bytea",
    "loread",
    "lowrite",
    "lo_open",
    "lo_unlink",
    "pg_read_binary_file",
    "pg_stat_file",
    "pg_current_logfile",
    "pg_logical_slot_get_changes",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_cancel_backend",
    "pg_export_snapshot",
    "pg_create_logical_replication_slot",
];

const SETS: &[(&str, Option<&str>)] = &[
    ("generate_series", None),
    ("unnest", None),
    ("jsonb_array_elements", Some(r#"["value"]"#)),
    ("jsonb_each", Some(r#"["key","value"]"#)),
    ("jsonb_object_keys", None),
    ("regexp_matches", None),
    ("jsonb_to_recordset", None),
    ("regexp_split_to_table", None),
];

fn functions(builder: &mut CatalogBuilder) {
    let lists = [
        include_str!("../data/pure.txt"),
        include_str!("../data/session.txt"),
        include_str!("../data/catalog.txt"),
    ];
    let listed = lists
        .iter()
        .flat_map(|list| list.lines())
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    for name in listed.chain(UNLISTED.iter().copied()) {
        let set = SETS.iter().find(|(function, _)| *function == name);
        let row = if name == "jsonb_to_recordset" {
            "t"
        } else {
            "f"
        };
        let returns_set = if set.is_some() { "t" } else { "f" };
        let row = [
            Some("pg_catalog"),
            Some(name),
            Some(returns_set),
            Some("f"),
            None,
            set.and_then(|set| set.1),
            Some(row),
            Some("1"),
        ];
        builder.add(CatalogQuery::Functions, &row).unwrap();
    }
    for (name, extension, columns) in [
        ("my_func", None, None),
        ("initcap", None, None),
        ("similarity", Some("pg_trgm"), None),
        ("dblink", Some("dblink"), None),
        ("list_customers", None, Some(r#"["id","email"]"#)),
    ] {
        let row = [
            Some("public"),
            Some(name),
            Some(if columns.is_some() { "t" } else { "f" }),
            Some("f"),
            extension,
            columns,
            Some("f"),
            Some("9999"),
        ];
        builder.add(CatalogQuery::Functions, &row).unwrap();
    }
}

/// The database, on a server of this version.
pub(super) fn catalog(server_version: u32) -> Catalog {
    let mut builder = CatalogBuilder::new();
    builder
        .add(
            CatalogQuery::Server,
            &[Some(&server_version.to_string()), Some("billing")],
        )
        .unwrap();
    for schema in ["public", "audit", "pg_catalog"] {
        builder
            .add(CatalogQuery::Namespaces, &[Some(schema)])
            .unwrap();
    }
    for (oid, schema, name, kind, columns) in TABLES {
        let rules = if *name == "ruled" { "t" } else { "f" };
        let triggers = if *name == "audited" { "t" } else { "f" };
        let view = VIEWS
            .iter()
            .find(|(view, _)| view == oid)
            .map(|(_, definition)| *definition);
        let table = (*kind == "i").then_some("100");
        let row = [
            Some(*oid),
            Some(*schema),
            Some(*name),
            Some(*kind),
            Some("p"),
            Some(rules),
            Some(triggers),
            view,
            table,
        ];
        builder.add(CatalogQuery::Relations, &row).unwrap();
        for (index, column) in columns.iter().enumerate() {
            let (name, type_oid) = column.split_once(':').unwrap();
            let number = (index + 1).to_string();
            builder
                .add(
                    CatalogQuery::Columns,
                    &[
                        Some(oid),
                        Some(&number),
                        Some(name),
                        Some(type_oid),
                        Some("-1"),
                    ],
                )
                .unwrap();
        }
    }
    for child in ["111", "112"] {
        builder
            .add(CatalogQuery::Inheritance, &[Some(child), Some("110")])
            .unwrap();
    }
    functions(&mut builder);
    for (oid, name, typtype) in TYPES {
        builder
            .add(
                CatalogQuery::Types,
                &[
                    Some(oid),
                    Some("pg_catalog"),
                    Some(name),
                    Some(typtype),
                    Some("0"),
                    None,
                ],
            )
            .unwrap();
    }
    builder
        .add(
            CatalogQuery::Types,
            &[
                Some("9000"),
                Some("public"),
                Some("mood"),
                Some("e"),
                Some("0"),
                None,
            ],
        )
        .unwrap();
    builder
        .add(
            CatalogQuery::Types,
            &[
                Some("9001"),
                Some("public"),
                Some("odd"),
                Some("b"),
                Some("0"),
                None,
            ],
        )
        .unwrap();
    builder
        .add(
            CatalogQuery::Types,
            &[
                Some("9100"),
                Some("public"),
                Some("customers"),
                Some("c"),
                Some("100"),
                None,
            ],
        )
        .unwrap();
    builder
        .add(
            CatalogQuery::Operators,
            &[Some("public"), Some("<->"), None],
        )
        .unwrap();
    builder
        .add(
            CatalogQuery::Operators,
            &[Some("public"), Some("%"), Some("pg_trgm")],
        )
        .unwrap();
    builder.finish(1)
}
