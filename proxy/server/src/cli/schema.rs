//! `narrowgate schema`: the reference of the configuration, for editors.

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Answer, print_json};
use crate::plan::built_in_schemas;

/// Print the JSON Schema of the configuration.
///
/// With it, editors complete and check the file, the configuration of the
/// built-in filters included.
#[derive(Debug, Args)]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let mut schema = narrowgate_config::schema();
        for (name, filter) in built_in_schemas()? {
            merge(&mut schema, name, filter);
        }
        print_json(&schema)?;
        Ok(Answer::Yes)
    }
}

/// Adds the schema of a filter's configuration: it holds where an entry of a
/// chain names the filter. Its definitions move to those of the whole, under
/// the filter's name.
fn merge(schema: &mut Value, name: &str, mut filter: Value) {
    let own = filter.as_object_mut().and_then(|filter| {
        filter.remove("$schema");
        filter.remove("$defs")
    });
    rename(&mut filter, name);
    let mut definitions = Map::new();
    if let Some(Value::Object(own)) = own {
        for (key, mut definition) in own {
            rename(&mut definition, name);
            definitions.insert(format!("{name}.{key}"), definition);
        }
    }
    definitions.insert(name.to_owned(), filter);
    let condition = json!({
        "if": { "properties": { "filter": { "const": name } }, "required": ["filter"] },
        "then": { "properties": { "config": { "$ref": format!("#/$defs/{name}") } } },
    });
    let all = schema.get_mut("$defs").and_then(Value::as_object_mut);
    let Some(all) = all else { return };
    all.append(&mut definitions);
    if let Some(Value::Object(entry)) = all.get_mut("FilterEntry") {
        let conditions = entry.entry("allOf").or_insert_with(|| json!([]));
        if let Value::Array(conditions) = conditions {
            conditions.push(condition);
        }
    }
}

/// Points references at definitions under the filter's name.
fn rename(value: &mut Value, name: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, name)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(reference) if key == "$ref" => {
                        if let Some(own) = reference.strip_prefix("#/$defs/") {
                            *reference = format!("#/$defs/{name}.{own}");
                        }
                    }
                    member => rename(member, name),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_s_schema_holds_for_its_entries() {
        let mut schema = narrowgate_config::schema();
        let filter = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": { "rules": { "items": { "$ref": "#/$defs/Rule" } } },
            "$defs": { "Rule": { "properties": { "next": { "$ref": "#/$defs/Rule" } } } },
        });
        merge(&mut schema, "policy", filter);
        let at = |pointer: &str| {
            schema
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{pointer}"))
        };
        let reference = "#/$defs/policy.Rule";
        assert_eq!(at("/$defs/policy/properties/rules/items/$ref"), reference);
        assert_eq!(at("/$defs/policy.Rule/properties/next/$ref"), reference);
        assert_eq!(
            at("/$defs/FilterEntry/allOf/0/then/properties/config/$ref"),
            "#/$defs/policy"
        );
    }
}
