use narrowgate_sdk::testing::{OperationBuilder, SessionBuilder, operation, session};
use narrowgate_sdk::{Access, Object, Value};

use super::*;

fn policy(json: &str) -> Policy {
    Policy::new(serde_json::from_str(json).unwrap()).unwrap()
}

fn reader() -> Policy {
    policy(
        r#"{"rules":[
            {"name":"read","groups":["insights"],"targets":["billing"],
             "allow":[{"select":["public.invoices","public.customers(id, name, email)"]}]},
            {"name":"write","groups":["writer"],"allow":[{"select":["public.*"],"insert":["public.notes"],
             "update":["public.notes(body)"],"copy":["public.notes"],"functions":["public.score"]}]},
            {"name":"admin","groups":["admin"],"allow":[{"everything":true}]},
            {"name":"no-secrets","groups":[],"deny":[{"select":["public.secrets"],"actions":["truncate"],"functions":["pg_catalog.md5"]}]},
            {"name":"migrate","groups":["migrator"],"allow":[{"actions":["create","drop"],"objects":["app.*"]}]},
            {"name":"browse","groups":["browser"],"catalog":"browse"}
        ]}"#,
    )
}

fn bot(groups: &[&str]) -> SessionBuilder {
    session().groups(groups)
}

fn ask(groups: &[&str], operation: OperationBuilder) -> Result<Vec<String>, Denial> {
    let decision = reader().operation(&bot(groups).build(), &operation.build());
    match decision.verdict {
        Verdict::Proceed => Ok(decision
            .effects
            .iter()
            .filter(|effect| effect.name == "rule")
            .filter_map(|effect| match effect.get("name") {
                Some(Value::Text(name)) => Some(name.clone()),
                _ => None,
            })
            .collect()),
        Verdict::Deny(denial) => Err(denial),
        other => panic!("{other:?}"),
    }
}

fn of_kind(kind: &str, name: &str, reads: &[&str]) -> Object {
    Object {
        kind: kind.into(),
        name: name.into(),
        access: Access {
            read: true,
            ..Access::default()
        },
        reads: reads.iter().map(|c| (*c).into()).collect(),
        writes: vec![],
    }
}

#[test]
fn what_a_rule_allows_is_allowed_and_the_rule_is_named() {
    let select = operation("select").table("public.invoices", &["id", "amount"]);
    assert_eq!(ask(&["insights"], select), Ok(vec!["read".to_owned()]));
}

#[test]
fn what_no_rule_allows_is_denied() {
    let select = || operation("select").table("public.payroll", &["salary"]);
    let denial = ask(&["insights"], select()).unwrap_err();
    assert_eq!(denial.code, "forbidden");
    assert_eq!(denial.message, "payroll is not allowed, or does not exist");
    assert_eq!(denial.rule, "");
    assert!(ask(&[], select()).is_err());
    assert!(ask(&[], operation("select").table("public.invoices", &["id"])).is_err());
}

#[test]
fn a_rule_for_another_target_is_none() {
    let elsewhere = bot(&["insights"]).target("crm").build();
    let select = operation("select")
        .table("public.invoices", &["id"])
        .build();
    assert!(reader().operation(&elsewhere, &select).denial().is_some());
}

#[test]
fn columns_that_are_not_named_are_denied() {
    let select = |columns: &[&str]| operation("select").table("public.customers", columns);
    assert!(ask(&["insights"], select(&["id", "email"])).is_ok());
    let denial = ask(&["insights"], select(&["id", "card", "phone"])).unwrap_err();
    assert_eq!(
        denial.message,
        "reading the columns card, phone of the table public.customers is not allowed"
    );
    // Counting the rows reads no column.
    assert!(ask(&["insights"], select(&[])).is_ok());
}

#[test]
fn every_action_of_a_statement_counts() {
    let sneaky = || {
        operation("select")
            .and("delete")
            .table("public.invoices", &["id"])
            .writes("public.invoices", &[])
    };
    assert!(ask(&["insights"], sneaky()).is_err());
    assert!(ask(&["writer"], sneaky()).is_err());
    let both = operation("insert")
        .and("delete")
        .writes("public.notes", &["body"]);
    assert!(ask(&["writer"], both).is_err());
}

#[test]
fn writing_takes_the_action_and_the_columns() {
    let ok = |o| ask(&["writer"], o).is_ok();
    assert!(ok(
        operation("insert").writes("public.notes", &["id", "body"])
    ));
    assert!(ok(operation("update").writes("public.notes", &["body"])));
    assert!(!ok(operation("update").writes("public.notes", &["id"])));
    assert!(!ok(operation("delete").writes("public.notes", &[])));
    // FOR UPDATE.
    assert!(!ok(operation("select").writes("public.invoices", &[])));
}

#[test]
fn a_denial_wins_over_everything() {
    let denial = ask(
        &["admin"],
        operation("select").table("public.secrets", &["x"]),
    )
    .unwrap_err();
    assert_eq!(
        (denial.rule.as_str(), denial.message.as_str()),
        ("no-secrets", "reading public.secrets is denied")
    );
    // Through a view as well.
    let view = operation("select")
        .object(of_kind("view", "public.v", &["x"]))
        .object(of_kind("base:table", "public.secrets", &["x"]));
    assert!(ask(&["admin"], view).is_err());
    assert!(
        ask(
            &["admin"],
            operation("truncate").writes("public.notes", &[])
        )
        .is_err()
    );
    assert!(
        ask(
            &["admin"],
            operation("select").calls("builtin", "pg_catalog.md5")
        )
        .is_err()
    );
}

#[test]
fn a_view_that_is_allowed_gives_what_is_behind_it() {
    let view = |name: &str| {
        operation("select")
            .object(of_kind("view", name, &["email"]))
            .object(of_kind("base:table", "private.customers", &["email"]))
    };
    assert!(ask(&["writer"], view("public.emails")).is_ok());
    assert!(ask(&["writer"], view("private.emails")).is_err());
}

#[test]
fn only_everything_lets_what_is_not_understood_through() {
    let odd = || {
        operation("select")
            .table("public.invoices", &["id"])
            .unresolved("a name is not known or not allowed")
    };
    let denial = ask(&["insights"], odd()).unwrap_err();
    assert_eq!(denial.code, "unresolved");
    assert_eq!(ask(&["admin"], odd()), Ok(vec!["admin".to_owned()]));
}

#[test]
fn what_is_forbidden_and_what_is_absent_look_the_same() {
    let there = operation("select").table("private.payroll", &["salary"]);
    let absent = operation("select").unresolved("payroll is not allowed, or does not exist");
    assert_eq!(
        ask(&["insights"], there).unwrap_err(),
        ask(&["insights"], absent).unwrap_err()
    );
    let written = || operation("insert").writes("public.invoices", &["id"]);
    let denial = ask(&["insights"], written()).unwrap_err();
    assert_eq!(
        denial.message,
        "writing to the table public.invoices is not allowed"
    );
}

#[test]
fn functions_are_harmless_or_named() {
    let calls = |kind: &str, name: &str| operation("select").calls(kind, name);
    assert!(ask(&["insights"], calls("builtin", "pg_catalog.lower")).is_ok());
    assert!(ask(&["insights"], calls("function", "pg_catalog.pg_sleep")).is_err());
    assert!(ask(&["writer"], calls("function", "public.score")).is_ok());
    assert!(
        ask(
            &["insights"],
            calls("catalog-function", "pg_catalog.pg_get_viewdef")
        )
        .is_err()
    );
    assert!(
        ask(
            &["browser"],
            calls("catalog-function", "pg_catalog.pg_get_viewdef")
        )
        .is_ok()
    );
    assert!(
        ask(
            &["insights"],
            calls("catalog-function", "pg_catalog.format_type")
        )
        .is_ok()
    );
}

#[test]
fn clients_can_connect_without_a_rule() {
    let setting = |action: &str, name: &str| {
        let names = Value::Texts(vec![name.to_owned()]);
        operation(action).attribute("narrowgate.postgres.setting", names)
    };
    for action in [
        "begin",
        "commit",
        "rollback",
        "discard",
        "deallocate",
        "empty",
        "select",
    ] {
        assert!(ask(&[], operation(action)).is_ok(), "{action}");
    }
    assert!(ask(&[], setting("set", "timezone")).is_ok());
    let shown = |groups: &[&str], action: &str, name: &str| {
        let names = Value::Texts(vec![name.to_owned()]);
        ask(
            groups,
            operation(action).attribute("narrowgate.postgres.shown", names),
        )
    };
    // SHOW, and a function that does the same.
    for action in ["show", "select"] {
        assert!(shown(&[], action, "server_version").is_ok());
        for name in ["data_directory", "all", "*"] {
            assert!(shown(&[], action, name).is_err(), "{action} {name}");
            // In pg_settings they stand as well.
            assert!(shown(&["browser"], action, name).is_ok(), "{action} {name}");
        }
    }
    assert!(ask(&[], setting("set", "server_version")).is_err());
    for name in ["search_path", "role", "session_authorization", "*"] {
        assert!(ask(&[], setting("set", name)).is_err(), "{name}");
    }
    let types = of_kind("catalog", "pg_catalog.pg_type", &["oid", "typname"]);
    assert!(ask(&[], operation("select").object(types)).is_ok());
}

#[test]
fn the_catalog_takes_browsing_and_secrets_stay_secret() {
    let reads = |kind: &str, name: &str, columns: &[&str]| {
        operation("select").object(of_kind(kind, name, columns))
    };
    let class = || reads("catalog", "pg_catalog.pg_class", &["relname"]);
    assert!(ask(&["insights"], class()).is_err());
    assert!(ask(&["browser"], class()).is_ok());
    let stats = || {
        reads(
            "secret-catalog",
            "pg_catalog.pg_stats",
            &["histogram_bounds"],
        )
    };
    assert!(ask(&["browser"], stats()).is_err());
    assert!(ask(&["admin"], stats()).is_ok());
}

#[test]
fn definitions_take_their_action_on_their_objects() {
    let ok = |o| ask(&["migrator"], o).is_ok();
    assert!(ok(operation("drop").defines("table", "app.old")));
    // No action that is free stands for a definition.
    assert!(!ok(operation("select").defines("table", "app.old")));
    assert!(!ok(operation("execute").defines("table", "app.old")));
    assert!(!ok(operation("drop").defines("table", "public.invoices")));
    assert!(!ok(operation("alter").defines("table", "app.old")));
    assert!(!ok(operation("create")
        .defines("function", "app.f")
        .attribute("narrowgate.postgres.creates_code", true)));
}

#[test]
fn actions_without_objects_have_to_be_named() {
    for action in [
        "listen",
        "notify",
        "do",
        "vacuum",
        "checkpoint",
        "alter",
        "load",
    ] {
        let denial = ask(&["writer"], operation(action)).unwrap_err();
        assert_eq!(
            denial.message,
            format!("the action {action} is not allowed")
        );
    }
    assert!(
        ask(
            &["writer"],
            operation("call").calls("function", "public.score")
        )
        .is_ok()
    );
    assert!(
        ask(
            &["writer"],
            operation("call").calls("function", "public.other")
        )
        .is_err()
    );
}

#[test]
fn copying_takes_copy_and_the_access() {
    let ok = |o| ask(&["writer"], o).is_ok();
    assert!(ok(operation("copy").table("public.notes", &["id"])));
    assert!(!ok(operation("copy").table("public.invoices", &["id"])));
    assert!(ok(operation("copy").writes("public.notes", &["id"])));
    assert!(!ok(operation("copy")
        .table("public.notes", &["id"])
        .attribute("narrowgate.postgres.server_file", true)));
}

#[test]
fn limits_come_with_the_rule_that_allows() {
    let policy = policy(
        r#"{"rules":[{"name":"slow","allow":[{"select":["**"]}],"rows":10,"rate":{"operations":3,"per":"1m"}}]}"#,
    );
    let session = bot(&[]).build();
    let select = || operation("select").table("public.t", &["a"]);
    let decision = policy.operation(&session, &select().build());
    let limit = decision.effects.iter().find(|e| e.name == "limit").unwrap();
    assert_eq!(
        limit.get("key"),
        Some(&Value::Text("policy/slow/agents/bot".into()))
    );
    assert_eq!(limit.get("window"), Some(&Value::Integer(60)));
    assert!(decision.effects.contains(&Effect::rows(10)));
    // Preparing takes nothing.
    let decision = policy.operation(&session, &select().preparing().build());
    assert!(decision.effects.contains(&Effect::rule("slow")));
    assert!(
        !decision
            .effects
            .iter()
            .any(|e| e.name == "limit" || *e == Effect::rows(10))
    );
}

#[test]
fn the_lock_of_reading_goes_with_reading() {
    let policy = policy(r#"{"rules":[{"name":"r","allow":[{"select":["public.t"]}]}]}"#);
    let session = bot(&[]).build();
    let denied = |o: OperationBuilder| policy.operation(&session, &o.build()).denial().is_some();
    assert!(!denied(operation("lock").table("public.t", &[])));
    assert!(denied(operation("lock").table("public.u", &[])));
    assert!(denied(operation("lock").writes("public.t", &[])));
    assert!(denied(operation("lock")));
}

#[test]
fn mistakes_in_rules_say_where() {
    let errors = |json: &str| match Policy::new(serde_json::from_str(json).unwrap()) {
        Ok(_) => vec![],
        Err(errors) => errors.into_iter().map(|error| error.pointer).collect(),
    };
    let some = r#"{"select":["a.b"]}"#;
    let rule = |rest: &str| format!(r#"{{"rules":[{{"name":"a",{rest}}}]}}"#);
    let twice =
        format!(r#"{{"rules":[{{"name":"a","allow":[{some}]}},{{"name":"a","allow":[{some}]}}]}}"#);
    assert_eq!(errors(&twice), ["/rules/1/name"]);
    assert_eq!(errors(r#"{"rules":[{"name":"a"}]}"#), ["/rules/0"]);
    let rate = rule(&format!(
        r#""allow":[{some}],"rate":{{"operations":1,"per":"soon"}}"#
    ));
    assert_eq!(errors(&rate), ["/rules/0/rate"]);
    // Entries that would not do what they look like.
    for entry in [
        "{}",
        r#"{"objects":["a.b"]}"#,
        r#"{"select":["a.b"],"objects":["a.b"]}"#,
        r#"{"everything":true,"objects":["a.b"]}"#,
        r#"{"everything":true,"select":["a.b"]}"#,
        r#"{"everything":true,"actions":["drop"],"objects":["a.b"]}"#,
    ] {
        assert_eq!(
            errors(&rule(&format!(r#""deny":[{some},{entry}]"#))),
            ["/rules/0/deny/1"],
            "{entry}"
        );
        assert_eq!(
            errors(&rule(&format!(r#""allow":[{entry}]"#))),
            ["/rules/0/allow/0"],
            "{entry}"
        );
    }
    for entry in [
        some,
        r#"{"everything":true}"#,
        r#"{"actions":["drop"]}"#,
        r#"{"functions":["a.f"]}"#,
    ] {
        assert!(
            errors(&rule(&format!(r#""deny":[{entry}]"#))).is_empty(),
            "{entry}"
        );
    }
}

#[test]
fn that_a_function_may_be_called_gives_no_right_to_change_it() {
    for action in ["drop", "alter", "comment", "grant", "create"] {
        for kind in ["function", "catalog-function", "builtin"] {
            let change = || operation(action).defines(kind, "public.score");
            assert!(ask(&["writer"], change()).is_err(), "{action} {kind}");
            assert!(ask(&["browser"], change()).is_err(), "{action} {kind}");
            assert!(ask(&[], change()).is_err(), "{action} {kind}");
        }
    }
    assert!(
        ask(
            &["migrator"],
            operation("drop").defines("function", "app.f")
        )
        .is_ok()
    );
    assert!(
        ask(
            &["migrator"],
            operation("drop").defines("function", "public.score")
        )
        .is_err()
    );
}

#[test]
fn secrets_of_the_catalog_may_not_be_changed_either() {
    let define = Access {
        define: true,
        call: true,
        ..Access::default()
    };
    let secret = Object {
        access: define,
        ..of_kind("secret-catalog", "pg_catalog.pg_authid", &[])
    };
    assert!(
        ask(
            &["writer", "migrator", "browser"],
            operation("drop").object(secret)
        )
        .is_err()
    );
}

#[test]
fn a_denial_holds_for_every_way_to_do_it() {
    let policy = policy(
        r#"{"rules":[
            {"name":"all","allow":[{"everything":true}]},
            {"name":"no","deny":[
                {"copy":["public.c"],"update":["public.u","public.some(body)"],"insert":["public.i"],"delete":["public.d(x)"]},
                {"actions":["server_file","creates_code"]}
            ]}
        ]}"#,
    );
    let session = bot(&[]).build();
    let denied = |operation: OperationBuilder| match policy
        .operation(&session, &operation.build())
        .verdict
    {
        Verdict::Deny(denial) => Some(denial.message),
        _ => None,
    };
    let says = |message: &str| Some(message.to_owned());
    assert_eq!(
        denied(operation("copy").table("public.c", &["a"])),
        says("copying public.c is denied")
    );
    assert_eq!(
        denied(operation("copy").writes("public.c", &["a"])),
        says("copying to public.c is denied")
    );
    assert_eq!(denied(operation("select").table("public.c", &["a"])), None);
    // Copying into a relation inserts.
    assert_eq!(
        denied(operation("copy").writes("public.i", &["a"])),
        says("writing to public.i is denied")
    );
    // FOR UPDATE, alone and beside another write.
    assert_eq!(
        denied(operation("select").writes("public.u", &[])),
        says("writing to public.u is denied")
    );
    let beside = || {
        operation("insert")
            .writes("public.other", &["a"])
            .writes("public.u", &[])
    };
    assert!(denied(beside().attribute("narrowgate.postgres.locks_rows", true)).is_some());
    // Columns, where the operation has some, and whole rows.
    assert_eq!(
        denied(operation("update").writes("public.some", &["title"])),
        None
    );
    assert!(denied(operation("update").writes("public.some", &["title", "body"])).is_some());
    assert!(denied(operation("delete").writes("public.d", &[])).is_some());
    // MERGE and ON CONFLICT say that they update.
    assert!(denied(operation("merge").and("update").writes("public.u", &["a"])).is_some());
    assert!(denied(operation("insert").and("update").writes("public.u", &["a"])).is_some());
    // What reaches beyond objects.
    let reads = || operation("copy").table("public.other", &["a"]);
    assert_eq!(denied(reads()), None);
    assert_eq!(
        denied(reads().attribute("narrowgate.postgres.server_file", true)),
        says("the action server_file is denied")
    );
    assert!(denied(operation("do").attribute("narrowgate.postgres.creates_code", true)).is_some());
}

#[test]
fn locking_rows_beside_a_write_takes_update_as_well() {
    let may_insert =
        policy(r#"{"rules":[{"name":"a","allow":[{"select":["**"],"insert":["**"]}]}]}"#);
    let insert = || {
        operation("insert")
            .writes("public.notes", &["body"])
            .table("public.t", &["a"])
    };
    let denied = |o: OperationBuilder| {
        may_insert
            .operation(&bot(&[]).build(), &o.build())
            .denial()
            .is_some()
    };
    assert!(!denied(insert()));
    assert!(denied(
        insert()
            .writes("public.t", &[])
            .attribute("narrowgate.postgres.locks_rows", true)
    ));
}

#[test]
fn an_action_is_allowed_on_the_objects_that_are_named_with_it() {
    let policy = policy(
        r#"{"rules":[
            {"name":"some","groups":["some"],"allow":[{"actions":["vacuum","get","delete"],"objects":["public.notes"]}]},
            {"name":"any","groups":["any"],"allow":[{"actions":["vacuum","delete"]}]}
        ]}"#,
    );
    let ok = |group: &str, o: OperationBuilder| {
        let session = bot(&[group])
            .number(if group == "any" { 2 } else { 1 })
            .build();
        policy.operation(&session, &o.build()).denial().is_none()
    };
    let called = |name: &str| Object {
        access: Access {
            call: true,
            ..Access::default()
        },
        ..of_kind("tool", name, &[])
    };
    assert!(ok(
        "some",
        operation("vacuum").defines("table", "public.notes")
    ));
    assert!(!ok(
        "some",
        operation("vacuum").defines("table", "public.secret")
    ));
    // Without an object it is meant for the whole database.
    assert!(!ok("some", operation("vacuum")));
    assert!(ok("any", operation("vacuum")));
    assert!(ok(
        "any",
        operation("vacuum").defines("table", "public.secret")
    ));
    assert!(ok("some", operation("get").object(called("public.notes"))));
    assert!(!ok(
        "some",
        operation("get").object(called("public.secret"))
    ));
    assert!(!ok(
        "some",
        operation("get")
            .object(called("public.notes"))
            .object(called("public.secret"))
    ));
    assert!(ok("some", operation("delete").writes("public.notes", &[])));
    assert!(!ok(
        "some",
        operation("delete").writes("public.secret", &[])
    ));
    assert!(ok("any", operation("delete").writes("public.secret", &[])));
}

#[test]
fn an_object_of_which_nothing_is_told_counts_as_read() {
    let object = |name: &str| Object {
        access: Access::default(),
        ..of_kind("table", name, &[])
    };
    assert!(
        ask(
            &["insights"],
            operation("select").object(object("public.payroll"))
        )
        .is_err()
    );
    assert!(
        ask(
            &["insights"],
            operation("select").object(object("public.invoices"))
        )
        .is_ok()
    );
}

#[test]
fn a_setting_is_looked_at_in_whatever_form_it_comes() {
    let set = |value: Value| operation("set").attribute("narrowgate.postgres.setting", value);
    assert!(ask(&[], set("timezone".into())).is_ok());
    assert!(ask(&[], set("role".into())).is_err());
    assert!(ask(&[], set(true.into())).is_err());
    assert!(
        ask(
            &[],
            set(Value::Texts(vec!["timezone".into(), "role".into()]))
        )
        .is_err()
    );
    // SET TRANSACTION names none.
    assert!(ask(&[], operation("set")).is_ok());
    // A function that sets is held to the same list.
    let sets = operation("select")
        .calls("builtin", "pg_catalog.set_config")
        .attribute(
            "narrowgate.postgres.setting",
            Value::Texts(vec!["role".into()]),
        );
    assert!(ask(&[], sets).is_err());
}

#[test]
fn copying_a_view_takes_no_leave_for_what_is_behind_it() {
    let policy =
        policy(r#"{"rules":[{"name":"a","allow":[{"select":["public.v"],"copy":["public.v"]}]}]}"#);
    let copy = operation("copy")
        .object(of_kind("view", "public.v", &["a"]))
        .object(of_kind("base:table", "private.t", &["a"]));
    assert!(
        policy
            .operation(&bot(&[]).build(), &copy.build())
            .denial()
            .is_none()
    );
}

#[test]
fn a_subject_of_another_issuer_gets_no_right_by_its_name() {
    let policy = policy(
        r#"{"rules":[{"name":"a","subjects":["staff/alice"],"allow":[{"select":["**"]}]}]}"#,
    );
    let select = operation("select").table("public.t", &["a"]).build();
    let denied = |number: u64, issuer: &str, subject: &str| {
        let session = session().number(number).subject(issuer, subject).build();
        policy.operation(&session, &select).denial().is_some()
    };
    assert!(!denied(1, "staff", "alice"));
    assert!(denied(2, "agents", "staff/alice"));
    assert!(denied(3, "agents", "alice"));
}

#[test]
fn a_rule_for_another_protocol_is_none() {
    let policy =
        policy(r#"{"rules":[{"name":"a","protocols":["http"],"allow":[{"select":["**"]}]}]}"#);
    let select = operation("select").table("public.t", &["a"]).build();
    assert!(
        policy
            .operation(&bot(&[]).build(), &select)
            .denial()
            .is_some()
    );
}

#[test]
fn a_session_whose_identity_changes_gets_its_new_rules() {
    let policy = reader();
    let select = || {
        operation("select")
            .table("public.invoices", &["id"])
            .build()
    };
    assert!(
        policy
            .operation(&bot(&["insights"]).build(), &select())
            .denial()
            .is_none()
    );
    assert!(
        policy
            .operation(&bot(&[]).number(2).build(), &select())
            .denial()
            .is_some()
    );
}

#[test]
fn a_session_that_listens_ends_when_nothing_allows_it_any_more() {
    let rules = |allow: &str| {
        policy(&format!(
            r#"{{"rules":[{{"name":"a","groups":["ops"],"allow":[{allow}]}}]}}"#
        ))
    };
    let (may, may_not) = (
        rules(r#"{"actions":["listen"]}"#),
        rules(r#"{"select":["**"]}"#),
    );
    let decision = may.operation(&bot(&["ops"]).build(), &operation("listen").build());
    let attribute = decision
        .effects
        .iter()
        .find(|effect| effect.name == "attribute")
        .unwrap();
    assert_eq!(attribute.get("name"), Some(&Value::Text(LISTENS.into())));
    let listening = || bot(&["ops"]).attribute(LISTENS, true).build();
    assert_eq!(may.renew(&listening()), Verdict::Proceed);
    assert!(matches!(may_not.renew(&listening()), Verdict::Deny(_)));
    assert_eq!(may_not.renew(&bot(&["ops"]).build()), Verdict::Proceed);
}
