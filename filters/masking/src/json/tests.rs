//! Tables and properties of masking inside JSON.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rewrite::Malformed;
use super::{Found, Path, Paths, Rewriter};
use crate::detect::{Detectors, Kind};
use crate::strategy::{Hasher, Strategy as How};

fn paths(texts: &[(&str, How)]) -> Paths {
    let mut paths = Paths::default();
    for (text, strategy) in texts {
        paths
            .add(&Path::parse(text).expect("a path"), *strategy)
            .expect("room");
    }
    paths
}

fn rewrite(
    paths: Option<&Paths>,
    detectors: Option<&Detectors>,
    input: &str,
) -> Result<String, Malformed> {
    let hasher = Hasher::new(b"0123456789abcdef").expect("long enough");
    let rewriter = Rewriter {
        paths,
        detectors,
        hasher: Some(&hasher),
    };
    let mut out = Vec::new();
    let found = rewriter.rewrite(input.as_bytes(), &mut Vec::new(), &mut out)?;
    Ok(match found {
        Found::Clean => input.to_owned(),
        Found::Changed => String::from_utf8(out).expect("UTF-8"),
    })
}

fn by_path(path: &str, strategy: How, input: &str) -> Result<String, Malformed> {
    rewrite(Some(&paths(&[(path, strategy)])), None, input)
}

#[test]
fn what_is_at_a_path() {
    for (path, input, expected) in [
        (
            "$.phone",
            r#"{"a": 1, "phone" : "123", "b": [ ]}"#,
            r#"{"a": 1, "phone" : "[redacted]", "b": [ ]}"#,
        ),
        (
            "$.phone",
            r#"{"\u0070hone":"1"}"#,
            r#"{"\u0070hone":"[redacted]"}"#,
        ),
        (
            "$.phone",
            r#"{"phone":"1","phone":"2"}"#,
            r#"{"phone":"[redacted]","phone":"[redacted]"}"#,
        ),
        // That it is null tells something, too.
        ("$.phone", r#"{"phone":null}"#, r#"{"phone":"[redacted]"}"#),
        (
            "$.phone",
            r#"{"phone":{"phone":[1]},"x":{"phone":2}}"#,
            r#"{"phone":"[redacted]","x":{"phone":2}}"#,
        ),
        (
            "$.phone",
            r#"[{"phone":1},{"phone":true}]"#,
            r#"[{"phone":"[redacted]"},{"phone":"[redacted]"}]"#,
        ),
        (
            "$.a.b",
            r#"{"a":{"b":1.5e3,"c":"b"},"b":2}"#,
            r#"{"a":{"b":"[redacted]","c":"b"},"b":2}"#,
        ),
        (
            "$.a.b",
            r#"{"a":[[{"b":1}],2]}"#,
            r#"{"a":[[{"b":"[redacted]"}],2]}"#,
        ),
        (
            "$.a[*]",
            r#"{"a":[1,"x",null,[2]]}"#,
            r#"{"a":["[redacted]","[redacted]","[redacted]","[redacted]"]}"#,
        ),
        ("$.a[*]", r#"{"a":"x"}"#, r#"{"a":"[redacted]"}"#),
        (
            "$.a[*].b",
            r#"{"a":[{"b":1},{"c":2}],"b":3}"#,
            r#"{"a":[{"b":"[redacted]"},{"c":2}],"b":3}"#,
        ),
        (
            "$.a[*].b",
            r#"{"a":{"b":1}}"#,
            r#"{"a":{"b":"[redacted]"}}"#,
        ),
        (
            "$..n",
            r#"{"n":1,"a":[{"n":2,"m":{"n":{"n":3}}}]}"#,
            r#"{"n":"[redacted]","a":[{"n":"[redacted]","m":{"n":"[redacted]"}}]}"#,
        ),
        (
            "$.*.b",
            r#"{"a":{"b":1},"b":2}"#,
            r#"{"a":{"b":"[redacted]"},"b":2}"#,
        ),
        ("$['a b']", r#"{"a b":1}"#, r#"{"a b":"[redacted]"}"#),
        ("$.phone", r#""phone""#, r#""phone""#),
        ("$.phone", " {} ", " {} "),
    ] {
        assert_eq!(
            by_path(path, How::Redact, input).as_deref(),
            Ok(expected),
            "{path} in {input}"
        );
    }
}

#[test]
fn strategies() {
    let input = r#"{"m":"anna@example.com","n":4111111111111234,"o":{"x":1}}"#;
    let at = |path, strategy| by_path(path, strategy, input).expect("JSON");
    assert!(at("$.m", How::Partial).contains(r#""m":"a***@e***.com""#));
    assert!(at("$.n", How::Partial).contains(r#""n":"***1234""#));
    assert!(at("$.o", How::Partial).contains(r#""o":"[redacted]""#));
    assert!(at("$.m", How::Null).contains(r#""m":null"#));
    assert!(at("$.m", How::Hash).contains(r#""m":"hash_"#));
    let escaped = by_path("$.m", How::Hash, r#"{"m":"\u0061nna@example.com"}"#).expect("JSON");
    let plain = by_path("$.m", How::Hash, r#"{"m":"anna@example.com"}"#).expect("JSON");
    assert_eq!(escaped, plain, "the hash is that of the value");
    let quoted = by_path("$.m", How::Partial, r#"{"m":"\"nna\""}"#).expect("JSON");
    assert_eq!(quoted, r#"{"m":"\"***"}"#);
}

#[test]
fn what_is_no_json() {
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    for input in [
        "",
        " ",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "[1,]",
        "[1 2]",
        "01",
        "+1",
        "nul",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "{\"phone\":\"\\u12\"}",
        "{\"\\q\":1}",
        "\"a\nb\"",
        "1 2",
        "{} x",
        "'a'",
        "NaN",
        "{\"phone\":[}",
        &deep,
    ] {
        assert_eq!(
            by_path("$.phone", How::Redact, input),
            Err(Malformed),
            "{input:?}"
        );
    }
}

#[test]
fn detectors_look_into_strings() {
    let all = Detectors::new(Kind::ALL.map(|kind| (kind, How::Redact)));
    for (input, expected) in [
        (r#"{"a":"to ann@example.com!"}"#, r#"{"a":"to [email]!"}"#),
        (
            r#"{"a":"ann\u0040example.com \n"}"#,
            r#"{"a":"[email] \n"}"#,
        ),
        (r#"{"ann@example.com":1}"#, r#"{"[email]":1}"#),
        (r#"[4111111111111111, 12.5]"#, r#"["[card]", 12.5]"#),
        (
            r#"{"db_password":"hunter2","x":"y"}"#,
            r#"{"db_password":"[secret]","x":"y"}"#,
        ),
        (r#"{"password":12}"#, r#"{"password":12}"#),
        (r#"{"a":"b"}"#, r#"{"a":"b"}"#),
    ] {
        assert_eq!(
            rewrite(None, Some(&all), input).as_deref(),
            Ok(expected),
            "{input}"
        );
    }
    let null = Detectors::new([(Kind::Email, How::Null)]);
    assert_eq!(
        rewrite(None, Some(&null), r#"{"a@b.cc":"a@b.cc"}"#).as_deref(),
        Ok(r#"{"[redacted]":null}"#)
    );
}

#[test]
fn paths_and_detectors_together() {
    let paths = paths(&[("$.phone", How::Null)]);
    let emails = Detectors::new([(Kind::Email, How::Redact)]);
    let input = r#"{"phone":"a@b.cc","mail":"a@b.cc","x":1}"#;
    assert_eq!(
        rewrite(Some(&paths), Some(&emails), input).as_deref(),
        Ok(r#"{"phone":null,"mail":"[email]","x":1}"#)
    );
}

/// Any JSON value, with member names among which some are masked.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(Value::from("s3cr3t")),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let name = prop_oneof![
            "[a-z\"\\\\é]{0,4}",
            Just("phone".to_owned()),
            Just("a".to_owned())
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What `$..phone` with redaction has to make of a value.
fn expected(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(expected).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| match name == "phone" {
                    true => (name.clone(), json!("[redacted]")),
                    false => (name.clone(), expected(value)),
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn only_masked_values_change(value in value(), pretty in any::<bool>()) {
        let input = match pretty {
            true => serde_json::to_string_pretty(&value),
            false => serde_json::to_string(&value),
        };
        let input = input.expect("JSON");
        let output = by_path("$..phone", How::Redact, &input).expect("JSON");
        let read: Value = serde_json::from_str(&output).expect("still JSON");
        prop_assert_eq!(&read, &expected(&value));
        if read == value {
            prop_assert_eq!(output, input, "unchanged values stay byte for byte");
        }
    }

    #[test]
    fn escapes_hide_no_name(escape in proptest::collection::vec(any::<bool>(), 5), secret in "[a-z]{12}") {
        let name: String = "phone"
            .chars()
            .zip(escape)
            .map(|(letter, escape)| match escape {
                true => format!("\\u{:04X}", u32::from(letter)),
                false => letter.to_string(),
            })
            .collect();
        let input = format!("{{\"x\":[{{\"{name}\":\"{secret}\"}}]}}");
        let output = by_path("$..phone", How::Redact, &input).expect("JSON");
        prop_assert!(!output.contains(&secret));
    }

    #[test]
    fn any_bytes(input in proptest::collection::vec(any::<u8>(), 0..200)) {
        let paths = paths(&[("$..a", How::Partial)]);
        let all = Detectors::new(Kind::ALL.map(|kind| (kind, How::Partial)));
        let rewriter = Rewriter { paths: Some(&paths), detectors: Some(&all), hasher: None };
        let _ = rewriter.rewrite(&input, &mut Vec::new(), &mut Vec::new());
    }

    #[test]
    fn near_json(input in r#"[\[\]{}",:\\u0-9a-ftnrls .-]{0,60}"#) {
        let paths = paths(&[("$..a", How::Redact)]);
        let rewriter = Rewriter { paths: Some(&paths), detectors: None, hasher: None };
        let mut out = Vec::new();
        let outcome = rewriter.rewrite(input.as_bytes(), &mut Vec::new(), &mut out);
        // What it takes for JSON is JSON, and what it makes of it, too.
        if outcome.is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&input).is_ok() || input.contains("\\u"), "{input}");
        }
        if outcome == Ok(Found::Changed) {
            let text = String::from_utf8(out).expect("UTF-8");
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok() || input.contains("\\u"), "{text}");
        }
    }
}
