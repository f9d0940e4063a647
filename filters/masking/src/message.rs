//! Errors, notices, notifications and changed settings. Their texts quote
//! values, and nothing tells where those come from.

use narrowgate_sdk::{Message, MessageOutcome};

use crate::config::Notifications;
use crate::detect::Replaced;
use crate::rules::Rules;
use crate::scope::Scope;
use crate::strategy::REDACTED;

/// Fields of errors and notices, by PostgreSQL's letters, that quote no value:
/// severity, SQLSTATE, positions, names of objects.
const PASS: [&str; 10] = ["S", "V", "C", "P", "p", "s", "t", "c", "d", "n"];
/// Fields of errors and notices that are texts: message, detail, hint, context,
/// internal query.
const TEXTS: [&str; 5] = ["M", "D", "H", "W", "q"];

/// Settings whose values are words that the server knows, and nothing else.
const SETTINGS: [&str; 13] = [
    "server_version",
    "server_encoding",
    "client_encoding",
    "default_transaction_read_only",
    "in_hot_standby",
    "is_superuser",
    "DateStyle",
    "IntervalStyle",
    "integer_datetimes",
    "standard_conforming_strings",
    "scram_iterations",
    "session_authorization",
    "TimeZone",
];

/// A message outside of operations. Where columns are masked for the session it
/// can carry any of them.
pub(crate) fn outside(scope: &Scope, message: &Message) -> MessageOutcome {
    if scope.is_exempt() {
        return MessageOutcome::Pass;
    }
    let rules = scope.rules();
    match message.kind.as_str() {
        _ if scope.is_empty() => detect(rules, message),
        "postgres.notification" if rules.notifications == Notifications::Pass => {
            detect(rules, message)
        }
        "postgres.notification" => replace(message, |name| name == "payload"),
        "postgres.parameter-status" => {
            let known = message
                .field("name")
                .is_some_and(|name| SETTINGS.contains(&name));
            replace(message, |name| name == "value" && !known)
        }
        _ => withhold(message),
    }
}

/// An error or notice with masked columns in reach: nothing that quotes a value.
pub(crate) fn withhold(message: &Message) -> MessageOutcome {
    let code = message
        .field("C")
        .filter(|code| is_sqlstate(code))
        .unwrap_or("XX000");
    // Which data exception it was would answer a question about the data.
    let code = if code.starts_with("22") {
        "22000"
    } else {
        code
    };
    let severity = message.field("V").or(message.field("S")).unwrap_or("ERROR");
    let word = match severity {
        "ERROR" | "FATAL" | "PANIC" => "error",
        _ => "notice",
    };
    let fields = message
        .fields
        .iter()
        .filter_map(|(name, text)| match name.as_str() {
            "M" => {
                let class = class(code);
                let text = format!(
                    "{word} {code}, {class} (details are withheld: masked columns are in reach)"
                );
                Some((name.clone(), text))
            }
            "C" => Some((name.clone(), code.to_owned())),
            name if PASS.contains(&name) => Some((name.to_owned(), text.clone())),
            _ => None,
        });
    MessageOutcome::Replace(fields.collect())
}

/// What detectors find in the texts of a message is replaced.
pub(crate) fn detect(rules: &Rules, message: &Message) -> MessageOutcome {
    let Some(detectors) = &rules.detectors else {
        return MessageOutcome::Pass;
    };
    let mut changed = false;
    let mut hits = Vec::new();
    let mut fields = message.fields.clone();
    for (name, text) in &mut fields {
        let is_text = match message.kind.as_str() {
            "postgres.notification" => name == "payload",
            "postgres.parameter-status" => false,
            _ => TEXTS.contains(&name.as_str()),
        };
        if !is_text {
            continue;
        }
        let mut out = Vec::new();
        match detectors.replace(text.as_bytes(), rules.hasher.as_ref(), &mut hits, &mut out) {
            Replaced::Clean => continue,
            Replaced::Changed => *text = String::from_utf8_lossy(&out).into_owned(),
            Replaced::Null => REDACTED.clone_into(text),
        }
        changed = true;
    }
    if changed {
        MessageOutcome::Replace(fields)
    } else {
        MessageOutcome::Pass
    }
}

/// The message with some fields redacted, unless they are empty.
fn replace(message: &Message, which: impl Fn(&str) -> bool) -> MessageOutcome {
    let mut fields = message.fields.clone();
    let mut changed = false;
    for (_, text) in fields
        .iter_mut()
        .filter(|(name, text)| which(name) && !text.is_empty())
    {
        REDACTED.clone_into(text);
        changed = true;
    }
    if changed {
        MessageOutcome::Replace(fields)
    } else {
        MessageOutcome::Pass
    }
}

fn is_sqlstate(code: &str) -> bool {
    code.len() == 5
        && code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// What a class of SQLSTATE is about (PostgreSQL, appendix A).
fn class(code: &str) -> &'static str {
    match code.get(..2).unwrap_or_default() {
        "00" | "01" => "a remark of the server",
        "02" => "no data",
        "08" => "connection exception",
        "0A" => "feature not supported",
        "21" => "cardinality violation",
        "22" => "data exception",
        "23" => "integrity constraint violation",
        "25" => "invalid transaction state",
        "26" | "34" => "invalid statement or cursor name",
        "28" => "invalid authorization",
        "40" => "transaction rollback",
        "42" => "syntax error or access rule violation",
        "44" => "check option violation",
        "53" => "insufficient resources",
        "54" => "program limit exceeded",
        "55" => "object not in prerequisite state",
        "57" => "operator intervention",
        "58" => "system error",
        "P0" => "raised by a function",
        _ => "of another class",
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use narrowgate_sdk::testing::session;
    use narrowgate_sdk::{Direction, Message, MessageOutcome};

    use super::{outside, withhold};
    use crate::rules::Rules;
    use crate::scope::{Scope, Scopes};

    fn message(kind: &str, fields: &[(&str, &str)]) -> Message {
        Message {
            kind: kind.to_owned(),
            direction: Direction::ToClient,
            fields: fields
                .iter()
                .map(|(name, text)| ((*name).into(), (*text).into()))
                .collect(),
        }
    }

    fn scope(json: &str) -> Rc<Scope> {
        let rules = Rules::new(serde_json::from_str(json).expect("JSON"))
            .unwrap_or_else(|errors| panic!("{errors:?}"));
        Scopes::default().of(&Rc::new(rules), &session().groups(&["agents"]).build())
    }

    const COLUMNS: &str = r#"{ "columns": [{ "match": "public.customers.email" }] }"#;
    const DETECTORS: &str = r#"{ "detectors": ["email"] }"#;

    #[test]
    fn errors_say_what_and_not_which() {
        let error = message(
            "postgres.error",
            &[
                ("S", "FEHLER"),
                ("V", "ERROR"),
                ("C", "23505"),
                ("M", "duplicate key value violates \"customers_email_key\""),
                ("D", "Key (email)=(ann@example.com) already exists."),
                ("H", "secret"),
                ("P", "15"),
                ("W", "secret"),
                ("q", "secret"),
                ("s", "public"),
                ("t", "customers"),
                ("n", "customers_email_key"),
                ("F", "nbtinsert.c"),
                ("L", "666"),
                ("R", "_bt_check_unique"),
                ("x", "secret"),
            ],
        );
        let MessageOutcome::Replace(fields) = withhold(&error) else {
            panic!("it is replaced")
        };
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["S", "V", "C", "M", "P", "s", "t", "n"]);
        assert_eq!(
            fields[3].1,
            "error 23505, integrity constraint violation (details are withheld: masked columns are in reach)"
        );
        assert_eq!(
            outside(&scope(COLUMNS), &error),
            MessageOutcome::Replace(fields)
        );
    }

    #[test]
    fn a_code_that_is_none_is_not_repeated_in_the_text() {
        let MessageOutcome::Replace(fields) = withhold(&message(
            "postgres.notice",
            &[("V", "NOTICE"), ("C", "a@b.c"), ("M", "x")],
        )) else {
            panic!("it is replaced")
        };
        assert_eq!(fields[1].1, "XX000");
        assert!(fields[2].1.starts_with("notice XX000"));
    }

    #[test]
    fn data_exceptions_are_all_one() {
        let error = message(
            "postgres.error",
            &[("C", "22012"), ("M", "division by zero")],
        );
        let MessageOutcome::Replace(fields) = withhold(&error) else {
            panic!("it is replaced")
        };
        assert_eq!(fields[0].1, "22000");
        assert!(!fields[1].1.contains("22012"));
    }

    #[test]
    fn without_masked_columns_detectors_look() {
        let error = message(
            "postgres.error",
            &[
                ("C", "22P02"),
                ("M", "invalid input: \"ann@example.com\""),
                ("t", "a@b.cc"),
            ],
        );
        let MessageOutcome::Replace(fields) = outside(&scope(DETECTORS), &error) else {
            panic!("it is replaced")
        };
        assert_eq!(fields[1].1, "invalid input: \"[email]\"");
        assert_eq!(fields[2].1, "a@b.cc");
        let clean = message("postgres.error", &[("M", "division by zero")]);
        assert_eq!(outside(&scope(DETECTORS), &clean), MessageOutcome::Pass);
    }

    #[test]
    fn notifications() {
        let note = message(
            "postgres.notification",
            &[("channel", "c"), ("payload", "ann@example.com")],
        );
        let payload = |json: &str| match outside(&scope(json), &note) {
            MessageOutcome::Replace(fields) => fields[1].1.clone(),
            _ => "as it was".to_owned(),
        };
        assert_eq!(payload(COLUMNS), "[redacted]");
        assert_eq!(payload(DETECTORS), "[email]");
        let pass = r#"{ "columns": [{ "match": "a.b.c" }], "notifications": "pass" }"#;
        assert_eq!(payload(pass), "as it was");
    }

    #[test]
    fn settings() {
        let status = |name: &str, value: &str| {
            let message = message(
                "postgres.parameter-status",
                &[("name", name), ("value", value)],
            );
            outside(&scope(COLUMNS), &message)
        };
        assert_eq!(status("DateStyle", "ISO"), MessageOutcome::Pass);
        assert_eq!(status("application_name", ""), MessageOutcome::Pass);
        assert!(matches!(
            status("application_name", "ann@example.com"),
            MessageOutcome::Replace(_)
        ));
    }

    #[test]
    fn the_exempt_see_everything() {
        let json = r#"{ "columns": [{ "match": "a.b.c" }], "detectors": ["email"],
                        "exempt": [{ "groups": ["agents"] }] }"#;
        let error = message("postgres.error", &[("M", "ann@example.com")]);
        assert_eq!(outside(&scope(json), &error), MessageOutcome::Pass);
    }
}
