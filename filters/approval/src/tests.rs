use narrowgate_sdk::Value;
use narrowgate_sdk::testing::{operation, session};

use super::*;

fn filter(json: &str) -> Approval {
    Approval::new(serde_json::from_str(json).unwrap()).unwrap()
}

fn hold(decision: Decision) -> Option<Hold> {
    match decision.verdict {
        Verdict::Hold(hold) => Some(hold),
        Verdict::Proceed => None,
        other => panic!("{other:?}"),
    }
}

const DROPS: &str = r#"{"require":[{"actions":["drop","delete"],"approvers":["dba"]}]}"#;

#[test]
fn a_risky_operation_is_held_when_it_is_about_to_run() {
    let filter = filter(DROPS);
    let session = session().build();
    let hold = |operation| hold(filter.operation(&session, &operation));
    let held = hold(operation("drop").build()).unwrap();
    assert_eq!(
        (held.rule.as_str(), held.quorum, held.wait, held.grant),
        ("require-1", 1, 600, 0)
    );
    assert_eq!(held.approvers, ["dba"]);
    assert!(
        held.attributes
            .contains(&("on_disconnect".into(), Value::Text("cancel".into())))
    );
    assert!(
        held.attributes
            .contains(&("in_transaction".into(), Value::Text("deny".into())))
    );
    assert!(hold(operation("select").and("delete").build()).is_some());
    assert!(hold(operation("select").build()).is_none());
    assert!(hold(operation("drop").preparing().build()).is_none());
}

#[test]
fn a_requirement_may_be_for_some_only() {
    let filter = filter(
        r#"{"require":[{"name":"big","actions":["delete"],"objects":["public.*"],"groups":["ops"],
            "targets":["billing"],"approvers":["dba"]}]}"#,
    );
    let asks = |groups: &[&str], target: &str, table: &str| {
        let session = session().groups(groups).target(target).build();
        hold(filter.operation(&session, &operation("delete").writes(table, &[]).build())).is_some()
    };
    assert!(asks(&["ops"], "billing", "public.t"));
    assert!(!asks(&["other"], "billing", "public.t"));
    assert!(!asks(&["ops"], "crm", "public.t"));
    assert!(!asks(&["ops"], "billing", "scratch.t"));
}

#[test]
fn a_requirement_may_be_for_a_claim_or_a_protocol() {
    let filter = filter(
        r#"{"require":[{"claims":{"env":"prod"},"protocols":["postgres"],"approvers":["dba"]}]}"#,
    );
    let asks = |claims: &str| {
        let session = session().claims(claims).build();
        hold(filter.operation(&session, &operation("delete").build())).is_some()
    };
    assert!(asks(r#"{"env":"prod"}"#));
    assert!(!asks(r#"{"env":"test"}"#));
    assert!(!asks("{}"));
}

#[test]
fn several_requirements_come_to_the_strictest() {
    let filter = filter(
        r#"{"require":[
            {"name":"a","actions":["drop"],"approvers":["dba","lead"],"wait":"1h","grant":"5m","on_disconnect":"keep"},
            {"name":"b","objects":["public.*"],"approvers":["dba"],"quorum":2,"wait":"10m"}
        ]}"#,
    );
    let drop = operation("drop").defines("table", "public.t").build();
    let held = hold(filter.operation(&session().build(), &drop)).unwrap();
    assert_eq!(
        (held.rule.as_str(), held.quorum, held.wait, held.grant),
        ("a, b", 2, 600, 0)
    );
    assert_eq!(held.approvers, ["dba"]);
    assert!(
        held.attributes
            .contains(&("on_disconnect".into(), Value::Text("cancel".into())))
    );
}

#[test]
fn a_group_of_one_issuer_is_in_common_with_that_of_all() {
    for (a, b, common) in [
        (
            r#"["dba"]"#,
            r#"["staff/dba","other/lead"]"#,
            &["staff/dba"][..],
        ),
        (r#"["staff/dba"]"#, r#"["dba"]"#, &["staff/dba"]),
        (
            r#"["staff/dba","dba"]"#,
            r#"["dba"]"#,
            &["staff/dba", "dba"],
        ),
        (
            r#"["staff/dba"]"#,
            r#"["other/dba","staff/dba"]"#,
            &["staff/dba"],
        ),
        (
            r#"["lead","staff/dba"]"#,
            r#"["dba","other/lead"]"#,
            &["staff/dba", "other/lead"],
        ),
    ] {
        let json = format!(r#"{{"require":[{{"approvers":{a}}},{{"approvers":{b}}}]}}"#);
        let held = hold(filter(&json).operation(&session().build(), &operation("drop").build()));
        assert_eq!(held.unwrap().approvers, common, "{json}");
    }
}

#[test]
fn without_a_group_in_common_nobody_can_consent() {
    for (a, b) in [("a", "b"), ("staff/dba", "other/dba"), ("x/dba", "x/lead")] {
        let filter = filter(&format!(
            r#"{{"require":[{{"actions":["drop"],"approvers":["{a}"]}},{{"actions":["drop"],"approvers":["{b}"]}}]}}"#,
        ));
        let decision = filter.operation(&session().build(), &operation("drop").build());
        assert!(decision.denial().is_some(), "{a} {b}");
    }
}

#[test]
fn mistakes_say_where() {
    for (json, pointer) in [
        (r#"{"require":[{"approvers":[]}]}"#, "/require/0/approvers"),
        (
            r#"{"require":[{"approvers":["a"],"quorum":0}]}"#,
            "/require/0/quorum",
        ),
        (
            r#"{"require":[{"approvers":["a"],"quorum":21}]}"#,
            "/require/0/quorum",
        ),
        (
            r#"{"require":[{"approvers":["a"],"name":""}]}"#,
            "/require/0/name",
        ),
        (
            r#"{"require":[{"approvers":["a"],"wait":"0s"}]}"#,
            "/require/0/wait",
        ),
        (
            r#"{"require":[{"approvers":["a"],"wait":"8d"}]}"#,
            "/require/0/wait",
        ),
        (
            r#"{"require":[{"approvers":["a"],"grant":"soon"}]}"#,
            "/require/0/grant",
        ),
    ] {
        let Err(errors) = Approval::new(serde_json::from_str(json).unwrap()) else {
            panic!("{json}")
        };
        assert_eq!(errors[0].pointer, pointer);
    }
}
