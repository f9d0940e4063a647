//! Members of mappings: known, all there, of the right shape.

use serde_json::{Map, Value};

use super::{Shape, subject, unescape};
use crate::pointer;
use crate::suggest::{closest, did_you_mean};
use crate::value::check;

impl<'a> Shape<'a> {
    pub(super) fn object(&mut self, schema: &'a Value, members: &Map<String, Value>, at: &str) {
        self.count(
            schema,
            members.len(),
            ["minProperties", "maxProperties"],
            "keys",
            at,
        );
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        let key_format = schema
            .pointer("/propertyNames/format")
            .and_then(Value::as_str);
        let absent = absent(schema, members);
        let mut meant = Vec::new();
        for (key, value) in members {
            let at = pointer::child(at, key);
            if let Some(schema) = known.and_then(|known| known.get(key)) {
                self.visit(schema, value, &at);
                continue;
            }
            match others {
                None | Some(Value::Bool(false)) => {
                    let known = known.into_iter().flat_map(|known| known.keys());
                    let candidates = known
                        .map(String::as_str)
                        .filter(|k| !members.contains_key(*k));
                    meant.extend(self.unknown(key, candidates.collect(), &at));
                }
                Some(schema) => {
                    if let Some(Err(refused)) = key_format.map(|format| check(format, key)) {
                        let message = format!("the key {} {}", subject(&at), refused.message);
                        self.faults.key(&at, message, refused.suggestion);
                    }
                    self.visit(schema, value, &at);
                }
            }
        }
        for key in absent.into_iter().filter(|key| !meant.contains(key)) {
            self.faults.value(at, format!("`{key}` is missing"), None);
        }
    }

    /// Reports an unknown key; returns the known one that was likely meant.
    fn unknown(&mut self, key: &str, candidates: Vec<&'a str>, at: &str) -> Option<&'a str> {
        let shown = unescape(key);
        let suggestion = did_you_mean(key, candidates.iter().copied()).or_else(|| {
            (!candidates.is_empty()).then(|| format!("known here: {}", candidates.join(", ")))
        });
        self.faults
            .key(at, format!("unknown key `{shown}`"), suggestion);
        closest(key, candidates)
    }
}

/// Keys that must be there and are not.
fn absent<'a>(schema: &'a Value, members: &Map<String, Value>) -> Vec<&'a str> {
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    required.filter(|key| !members.contains_key(*key)).collect()
}
