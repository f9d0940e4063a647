use serde_json::json;

use super::*;

fn faults(value: Value) -> Vec<String> {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "format": "name" },
            "wait": { "type": "string", "format": "human-duration", "x-maximum": "1h", "x-minimum": "1s" },
            "count": { "type": "integer", "minimum": 1, "maximum": 10 },
            "mode": { "$ref": "#/$defs/Mode", "default": "os" },
            "either": { "anyOf": [
                { "type": "string" },
                { "type": "array", "minItems": 1, "maxItems": 2, "items": { "type": "string" } },
            ] },
            "parts": {
                "type": "object",
                "propertyNames": { "format": "name" },
                "additionalProperties": { "type": "boolean" },
            },
            "free": { "$ref": "#/$defs/Free" },
        },
        "$defs": {
            "Mode": { "oneOf": [
                { "type": "string", "const": "os" },
                { "type": "string", "const": "disk" },
            ] },
            "Free": {},
        },
    });
    let faults = check(&schema, &value);
    faults
        .iter()
        .map(|fault| match &fault.suggestion {
            Some(suggestion) => format!("{}: {}; {suggestion}", fault.pointer, fault.message),
            None => format!("{}: {}", fault.pointer, fault.message),
        })
        .collect()
}

#[test]
fn what_fits_passes() {
    let value = json!({
        "name": "a", "wait": "1m", "count": 3, "mode": "disk", "either": ["x"],
        "parts": { "a": true }, "free": { "x": [null] },
    });
    assert!(faults(value).is_empty());
    assert!(faults(json!({ "name": "a", "free": null })).is_empty());
}

#[test]
fn everything_is_reported_at_once() {
    let value = json!({
        "nmae": "a", "wait": "2h", "count": 0, "mode": "dsk", "either": [1, "a", "b"],
        "parts": { "a b": "yes" },
    });
    assert_eq!(
        faults(value),
        [
            "/count: `count` must be at least 1",
            "/either: `either` has more than 2 entries",
            "/either/0: an entry of `either` must be text, not a number; quote it to make it text",
            "/mode: `mode` must be one of os, disk; did you mean `disk`?",
            "/nmae: unknown key `nmae`; did you mean `name`?",
            "/parts/a b: the key `a b` is not a name; use letters, digits, `-`, `_` and `.`, at \
             most 63, the first a letter or digit",
            "/parts/a b: `a b` must be true or false, not text; write true or false, without quotes",
            "/wait: `wait` must be at most 1h",
        ]
    );
}

#[test]
fn kinds_are_told_apart() {
    assert_eq!(
        faults(
            json!({ "name": 1, "wait": 30, "count": 1.5, "mode": null, "either": {}, "parts": [] })
        ),
        [
            "/count: `count` must be a whole number, not a fraction",
            "/either: `either` must be text or a list, not a mapping",
            "/mode: `mode` has no value; write one, or take the key out",
            "/name: `name` must be a name, not a number; quote it to make it text",
            "/parts: `parts` must be a mapping, not a list",
            "/wait: `wait` must be a duration such as 30s, not a number; write its unit, such as 30s",
        ]
    );
    assert_eq!(
        faults(json!([])),
        [": the file must be a mapping, not a list"]
    );
    assert_eq!(faults(json!({})), [": `name` is missing"]);
}
