//! Secrets in the configuration of filters.
//!
//! A filter names the places in its configuration where references to secrets
//! stand, as JSON pointers in which `*` is every item or member. The host puts
//! the secret in the place of its reference; nothing else in a configuration is
//! ever taken for a reference.

use narrowgate_config::{FilterEntry, SecretRef, pointer_child};
use narrowgate_wasm::Module;
use serde_json::Value;

use super::faults::Faults;
use super::files::Files;
use super::filters::Place;

/// The configuration of a filter as JSON, secrets in it.
pub(super) fn resolve(
    module: &Module,
    entry: &FilterEntry,
    place: &Place,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<String> {
    let mut config = entry.config.0.clone();
    let mut whole = true;
    for pointer in &module.description.secrets {
        let tokens: Vec<String> = tokens(pointer);
        visit(&mut config, &tokens, &place.config, &mut |value, at| {
            if let Err(message) = put(value, files) {
                faults.add(at, message, None);
                whole = false;
            }
        });
    }
    whole.then(|| config.to_string())
}

/// Puts the secret in the place of its reference.
fn put(value: &mut Value, files: &mut Files) -> Result<(), String> {
    let reference: SecretRef =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let secret = files
        .secret(&reference)
        .map_err(|error| error.to_string())?;
    let text = secret
        .expose_str()
        .ok_or_else(|| format!("`{reference}` is not text"))?;
    *value = Value::String(text.to_owned());
    Ok(())
}

/// The tokens of a JSON pointer (RFC 6901, section 4).
fn tokens(pointer: &str) -> Vec<String> {
    let tokens = pointer.split('/').skip(1);
    tokens
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Calls `found` with each value that the tokens lead to, and its pointer.
fn visit(value: &mut Value, tokens: &[String], at: &str, found: &mut impl FnMut(&mut Value, &str)) {
    let Some((token, rest)) = tokens.split_first() else {
        return found(value, at);
    };
    match value {
        Value::Object(members) if token == "*" => {
            for (name, member) in members {
                visit(member, rest, &pointer_child(at, name), found);
            }
        }
        Value::Object(members) => {
            if let Some(member) = members.get_mut(token) {
                visit(member, rest, &pointer_child(at, token), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if token == "*" || *token == index.to_string() {
                    visit(item, rest, &pointer_child(at, index), found);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_may_lead_to_several_places() {
        let mut config = json!({ "key": "a", "sinks": [{ "key": "b" }, {}, { "key": "c" }] });
        let mut seen = Vec::new();
        for pointer in ["/key", "/sinks/*/key", "/sinks/0/key", "/none/*"] {
            visit(&mut config, &tokens(pointer), "/c", &mut |value, at| {
                seen.push(format!("{at}={value}"));
            });
        }
        let all = [
            "/c/key=\"a\"",
            "/c/sinks/0/key=\"b\"",
            "/c/sinks/2/key=\"c\"",
        ];
        assert_eq!(seen, [all[0], all[1], all[2], all[1]]);
    }
}
