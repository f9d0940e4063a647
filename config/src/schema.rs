//! The JSON Schema of the configuration: its reference, and what files are
//! checked against.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::model::Config;

/// The JSON Schema (draft 2020-12) of a configuration file. Bounds of durations
/// and sizes are `x-minimum` and `x-maximum`, since the standard has none for
/// text; the `format` says which kind of text it is.
pub fn schema() -> Value {
    shared().clone()
}

/// The schema, made once.
pub(crate) fn shared() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let generator = SchemaSettings::draft2020_12().into_generator();
        let mut schema = generator.into_root_schema_for::<Config>().to_value();
        without_null(&mut schema);
        schema
    })
}

/// Takes out that an optional field may be null: a key whose value was
/// forgotten, such as `tls:`, must not mean the same as no key.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".into(), only);
                }
            }
            if members.get("default") == Some(&Value::Null) {
                members.remove("default");
            }
            if let Some(Value::Array(branches)) = members.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
                if let [Value::Object(only)] = branches.as_slice() {
                    let only = only.clone();
                    members.remove("anyOf");
                    for (key, value) in only {
                        members.entry(key).or_insert(value);
                    }
                }
            }
            members.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every object in the schema, with its pointer.
    fn objects<'a>(at: String, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
        match value {
            Value::Object(members) => {
                found.push((at.clone(), value));
                for (key, value) in members {
                    objects(format!("{at}/{key}"), value, found);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    objects(format!("{at}/{index}"), value, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_property_is_documented() {
        let mut found = Vec::new();
        objects(String::new(), shared(), &mut found);
        for (at, object) in found {
            let Some(Value::Object(properties)) = object.get("properties") else {
                continue;
            };
            assert_eq!(
                object.get("additionalProperties"),
                Some(&Value::Bool(false)),
                "{at}"
            );
            for (name, property) in properties {
                assert!(property.get("description").is_some(), "{at}: {name}");
            }
        }
    }

    #[test]
    fn nothing_may_be_null() {
        assert!(!shared().to_string().contains("\"null\""), "{:#}", shared());
    }

    #[test]
    fn defaults_are_shown() {
        let skew = shared()
            .pointer("/$defs/Issuer/properties/clock_skew")
            .unwrap();
        assert_eq!(skew.get("default"), Some(&Value::from("30s")));
        assert_eq!(skew.get("x-maximum"), Some(&Value::from("5m")));
        let limits = shared()
            .pointer("/$defs/Limits/properties/message_length")
            .unwrap();
        assert_eq!(limits.get("default"), Some(&Value::from("16MiB")));
    }
}
