//! What a schema expects and what a value is, in words.

use serde_json::Value;

use crate::value::describe;

/// A kind of value, in JSON Schema's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Boolean,
    Integer,
    Number,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "object" => Self::Object,
            "array" => Self::Array,
            "string" => Self::String,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            _ => return None,
        })
    }

    /// The value is of this kind.
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::String => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_u64() || value.is_i64(),
            Self::Number => value.is_number(),
        }
    }
}

/// The kinds of value that a schema without branches is for.
pub(super) fn kinds(schema: &Value) -> Vec<Kind> {
    match schema.get("type") {
        Some(Value::String(kind)) => Kind::of(kind).into_iter().collect(),
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .filter_map(Kind::of)
            .collect(),
        _ if schema.get("oneOf").is_some() => vec![Kind::String],
        _ => vec![
            Kind::Object,
            Kind::Array,
            Kind::String,
            Kind::Boolean,
            Kind::Number,
        ],
    }
}

/// The words of a schema that is a choice of words.
pub(super) fn words(schema: &Value) -> Option<Vec<&str>> {
    let branches = schema.get("oneOf")?.as_array()?;
    Some(
        branches
            .iter()
            .filter_map(|branch| branch.get("const")?.as_str())
            .collect(),
    )
}

/// What the schema expects, as in "must be …".
pub(super) fn expected(root: &Value, schema: &Value) -> String {
    if let Some(words) = words(schema) {
        return match words.as_slice() {
            [only] => format!("`{only}`"),
            _ => format!("one of {}", words.join(", ")),
        };
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        let branches: Vec<_> = branches
            .iter()
            .map(|branch| expected(root, branch))
            .collect();
        return branches.join(" or ");
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| root.pointer(pointer));
        return target.map_or_else(
            || "something else".to_owned(),
            |target| expected(root, target),
        );
    }
    if let Some(text) = schema
        .get("format")
        .and_then(Value::as_str)
        .and_then(describe)
    {
        return text.to_owned();
    }
    let words = match kinds(schema).first() {
        Some(Kind::Object) => "a mapping",
        Some(Kind::Array) => "a list",
        Some(Kind::Boolean) => "true or false",
        Some(Kind::Integer) => "a whole number",
        Some(Kind::Number) => "a number",
        Some(Kind::String) | None => "text",
    };
    words.to_owned()
}

/// What a value is, as in "not …".
pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// How a value of the wrong kind could be written instead.
pub(super) fn rewrite(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return rewrite(root, root.pointer(reference.strip_prefix('#')?)?, value);
    }
    let format = schema.get("format").and_then(Value::as_str);
    let hint = match (kinds(schema).first()?, value) {
        (Kind::String, Value::Number(_)) => match format {
            Some("human-duration") => "write its unit, such as 30s",
            Some("byte-size") => "write its unit, such as 64MiB",
            _ => "quote it to make it text",
        },
        (Kind::String, Value::Bool(_)) => "quote it to make it text",
        (Kind::Boolean, Value::String(_)) => "write true or false, without quotes",
        (Kind::Array, Value::String(_) | Value::Object(_)) if schema.get("anyOf").is_none() => {
            "put it in a list, [ … ]"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
