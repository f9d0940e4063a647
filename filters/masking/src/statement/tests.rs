//! Tables of statements, as analysis tells of them, and what becomes of them.

use std::rc::Rc;

use narrowgate_sdk::testing::{OperationBuilder, operation, session};
use narrowgate_sdk::{Access, Flow, Object, Operation, Origin, Predicate};

use super::{ColumnPlan, Outcome, decide};
use crate::rules::Rules;
use crate::scope::{Scope, Scopes};
use crate::strategy::Strategy;

const EMAIL: &str = "public.customers.email";

fn scope_of(json: &str) -> Rc<Scope> {
    let rules = Rules::new(serde_json::from_str(json).expect("JSON"))
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    Scopes::default().of(&Rc::new(rules), &session().build())
}

fn scope() -> Rc<Scope> {
    scope_of(
        r#"{ "columns": [
            { "match": "public.customers.email", "with": "partial" },
            { "match": "public.customers.phone", "with": "null", "predicates": "equality" },
            { "match": "public.customers.name", "predicates": "allow" },
            { "match": "public.customers.profile", "path": "$.phone" },
            { "match": "public.archive.email" },
            { "match": "public.archive.night", "groups": ["night"] }
        ], "trusted_functions": ["public.shout"] }"#,
    )
}

fn select() -> OperationBuilder {
    operation("select")
}

fn customers() -> OperationBuilder {
    select()
        .table("public.customers", &["id", "email"])
        .reach(&["public.customers.id", EMAIL])
}

fn origin(direct: bool, columns: &[&str]) -> Origin {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    Origin {
        name: "c".to_owned(),
        known: true,
        direct,
        columns,
    }
}

fn unknown() -> Origin {
    Origin::default()
}

fn flow(columns: &[&str], into_kind: &str, into: &str) -> Flow {
    Flow {
        known: !columns.is_empty(),
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        into_kind: into_kind.to_owned(),
        into: into.to_owned(),
    }
}

fn predicate(column: &str, equality: bool) -> Predicate {
    Predicate {
        column: column.to_owned(),
        equality,
    }
}

fn object(kind: &str, name: &str) -> Object {
    let access = Access {
        read: true,
        call: kind == "function",
        ..Access::default()
    };
    Object {
        kind: kind.to_owned(),
        name: name.to_owned(),
        access,
        ..Object::default()
    }
}

/// The masks of the columns, as words.
fn masks(scope: &Scope, operation: &Operation, count: usize) -> Vec<&'static str> {
    match decide(scope, operation) {
        Outcome::Free => vec!["free"],
        Outcome::Refused(denial) => panic!("refused: {}", denial.message),
        Outcome::Masked(plan) => plan
            .columns(count)
            .iter()
            .map(|column| match column {
                ColumnPlan::Shown => "shown",
                ColumnPlan::Inside(_) => "inside",
                ColumnPlan::Whole(Strategy::Redact) => "redact",
                ColumnPlan::Whole(Strategy::Partial) => "partial",
                ColumnPlan::Whole(Strategy::Hash) => "hash",
                ColumnPlan::Whole(Strategy::Null) => "null",
            })
            .collect(),
    }
}

fn refusal(operation: &Operation) -> Option<String> {
    match decide(&scope(), operation) {
        Outcome::Refused(denial) => {
            assert!(denial.code == "forbidden" && denial.rule == "masking");
            assert!(!denial.hint.is_empty());
            Some(denial.message)
        }
        _ => None,
    }
}

#[test]
fn statements_without_masked_columns_are_free() {
    for operation in [
        select(),
        select()
            .table("public.invoices", &["id"])
            .calls("builtin", "pg_catalog.now"),
        select().object(object("catalog", "pg_catalog.pg_class")),
        select()
            .object(object("view", "public.totals"))
            .origins(vec![origin(true, &["public.totals.a"])]),
        operation("create").defines("table", "public.fresh"),
    ] {
        assert_eq!(masks(&scope(), &operation.build(), 1), ["free"]);
    }
}

#[test]
fn what_runs_triggers_shows_its_results_but_not_what_they_say() {
    let writes = operation("insert")
        .table("public.invoices", &["id"])
        .attribute("narrowgate.postgres.fires_triggers", true)
        .origins(vec![origin(true, &["public.invoices.id"])]);
    assert_eq!(masks(&scope(), &writes.build(), 1), ["shown"]);
    let commit = operation("commit").attribute("narrowgate.postgres.fires_triggers", true);
    assert!(matches!(
        decide(&scope(), &commit.build()),
        Outcome::Masked(_)
    ));
}

#[test]
fn the_mask_follows_the_origin() {
    let origins = vec![
        origin(true, &["public.customers.id"]),
        origin(true, &[EMAIL]),
        origin(false, &[EMAIL]),
        origin(false, &["public.customers.id", "public.customers.phone"]),
        origin(true, &["public.customers.profile"]),
        origin(false, &["public.customers.profile"]),
        origin(false, &[]),
        unknown(),
    ];
    let operation = customers().origins(origins).build();
    assert_eq!(
        masks(&scope(), &operation, 8),
        [
            "shown", "partial", "redact", "null", "inside", "redact", "shown", "redact"
        ]
    );
}

#[test]
fn another_number_of_columns_masks_all() {
    let operation = customers()
        .origins(vec![origin(true, &["public.customers.id"])])
        .build();
    assert_eq!(masks(&scope(), &operation, 2), ["redact", "redact"]);
    assert_eq!(masks(&scope(), &customers().build(), 1), ["redact"]);
}

#[test]
fn what_is_not_understood_masks_all() {
    let origins = || vec![origin(true, &["public.customers.id"])];
    let with = |operation: OperationBuilder| operation.origins(origins()).build();
    assert_eq!(
        masks(&scope(), &with(customers().unresolved("x")), 1),
        ["redact"]
    );
    assert_eq!(
        masks(&scope(), &with(select().unresolved("x")), 1),
        ["redact"]
    );
}

#[test]
fn functions_reach_everything() {
    let calls = || select().calls("function", "public.leak");
    assert_eq!(
        masks(&scope(), &calls().origins(vec![unknown()]).build(), 1),
        ["redact"]
    );
    let known = calls()
        .origins(vec![origin(true, &["public.invoices.id"]), unknown()])
        .build();
    assert_eq!(masks(&scope(), &known, 2), ["shown", "redact"]);
    let trusted = || vec![unknown()];
    let shout = select()
        .calls("function", "public.shout")
        .origins(trusted());
    assert_eq!(masks(&scope(), &shout.build(), 1), ["free"]);
    let shout = customers()
        .calls("function", "public.shout")
        .origins(trusted());
    assert_eq!(masks(&scope(), &shout.build(), 1), ["redact"]);
}

#[test]
fn what_trusted_functions_return_comes_from_their_arguments() {
    let called = |columns: &[&str]| Origin {
        known: false,
        ..origin(false, columns)
    };
    let id = "public.customers.id";
    let shout = customers().calls("function", "public.shout").origins(vec![
        called(&[id, "public.shout()"]),
        called(&[EMAIL, "public.shout()"]),
        called(&[id, "public.leak()", "public.shout()"]),
        called(&[id]),
    ]);
    let expected = ["shown", "redact", "redact", "redact"];
    assert_eq!(masks(&scope(), &shout.build(), 4), expected);
    let predicate = |function: &str| {
        customers()
            .attribute("narrowgate.postgres.unknown_predicate", true)
            .attribute("narrowgate.postgres.predicate_functions", function)
            .build()
    };
    assert!(refusal(&predicate("public.shout")).is_none());
    assert!(refusal(&predicate("public.leak")).is_some());
    let flow = |columns: &[&str]| Flow {
        known: false,
        ..flow(columns, "function", "public.shout")
    };
    let nested = |columns: &[&str]| refusal(&customers().flows(vec![flow(columns)]).build());
    assert!(nested(&[id, "public.shout()"]).is_none());
    assert!(nested(&[EMAIL, "public.shout()"]).is_some());
    assert!(nested(&[id, "public.leak()"]).is_some());
}

#[test]
fn views_show_what_is_behind_them() {
    let view = |kind| select().object(object(kind, "public.contacts"));
    let through = vec![origin(true, &["public.contacts.mail", EMAIL])];
    assert_eq!(
        masks(&scope(), &view("view").origins(through.clone()).build(), 1),
        ["partial"]
    );
    assert_eq!(
        masks(&scope(), &view("matview").origins(through).build(), 1),
        ["partial"]
    );
    let reached = view("view")
        .reach(&[EMAIL])
        .origins(vec![origin(true, &["public.contacts.id"])]);
    assert_eq!(masks(&scope(), &reached.build(), 1), ["shown"]);
    assert_eq!(
        masks(&scope(), &view("view").origins(vec![unknown()]).build(), 1),
        ["redact"]
    );
}

#[test]
fn statistics_hold_samples() {
    let column = "pg_catalog.pg_stats.histogram_bounds";
    let stats = || select().object(object("secret-catalog", "pg_catalog.pg_stats"));
    let shown = stats().origins(vec![origin(true, &[column])]).build();
    assert_eq!(masks(&scope(), &shown, 1), ["redact"]);
    let asked = stats().predicates(vec![predicate(column, true)]).build();
    assert!(refusal(&asked).is_some());
    let kept = stats()
        .flows(vec![flow(&[column], "column", "public.notes.note")])
        .build();
    assert!(refusal(&kept).is_some());
}

#[test]
fn predicates() {
    for (column, equality, denied) in [
        (EMAIL, true, true),
        (EMAIL, false, true),
        ("public.customers.phone", true, false),
        ("public.customers.phone", false, true),
        ("public.customers.name", false, false),
        ("public.customers.profile", true, true),
        ("public.customers.id", false, false),
    ] {
        let asked = customers()
            .predicates(vec![predicate(column, equality)])
            .build();
        let message = refusal(&asked);
        assert_eq!(message.is_some(), denied, "{column}");
        assert!(message.is_none_or(|message| message.contains(column)));
    }
    let unknown = customers().attribute("narrowgate.postgres.unknown_predicate", true);
    assert!(refusal(&unknown.build()).is_some());
}

#[test]
fn laundering() {
    for (columns, kind, into, denied) in [
        (&[EMAIL][..], "column", "public.notes.note", true),
        (&[EMAIL], "column", "public.archive.email", false),
        (&[EMAIL], "column", EMAIL, true),
        (&[EMAIL], "column", "public.archive.night", true),
        (
            &["public.customers.profile"],
            "column",
            "public.customers.profile",
            true,
        ),
        (
            &["public.customers.profile"],
            "column",
            "public.archive.email",
            false,
        ),
        (
            &["public.customers.id"],
            "column",
            "public.notes.note",
            false,
        ),
        (&[EMAIL], "relation", "public.copy", true),
        (&[EMAIL], "notification", "", true),
        (&[EMAIL], "setting", "", true),
        (&[EMAIL], "function", "public.f", true),
        (&[EMAIL], "file", "", true),
        (&[], "column", "public.notes.note", true),
        (&[], "notification", "", true),
    ] {
        let stored = customers().flows(vec![flow(columns, kind, into)]).build();
        assert_eq!(
            refusal(&stored).is_some(),
            denied,
            "{columns:?} into {kind} {into}"
        );
    }
    let code = operation("do").attribute("narrowgate.postgres.creates_code", true);
    assert!(refusal(&code.build()).is_some());
    let change = customers()
        .writes("public.customers", &["note"])
        .unresolved("x");
    assert!(refusal(&change.build()).is_some());
}

#[test]
fn nothing_is_asked_for_nobody() {
    let others = scope_of(r#"{ "columns": [{ "match": "a.b.c", "groups": ["dba"] }] }"#);
    let stored = select()
        .flows(vec![flow(&["a.b.c"], "notification", "")])
        .build();
    assert!(matches!(decide(&others, &stored), Outcome::Free));
}
