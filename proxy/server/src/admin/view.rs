//! A request as it is shown: whole, and nothing in it hidden.
//!
//! Statements come from agents and names from databases. Characters that could
//! hide or reorder what an approver reads are shown as escapes, everywhere; the
//! digest, which is made of the exact text, is what the consent is bound to.

use std::time::{Duration, UNIX_EPOCH};

use narrowgate_store::approvals::Request;
use narrowgate_store::display::escape;
use serde_json::{Map, Value, json};

/// Times that are given in words as well.
const TIMES: [&str; 4] = ["created", "deadline", "until", "ended"];

/// A request in JSON.
pub(super) fn request(request: &Request) -> Value {
    let mut value = serde_json::to_value(request).unwrap_or_default();
    escape_all(&mut value);
    if let Value::Object(members) = &mut value {
        for name in TIMES {
            if let Some(micros) = members.get(name).and_then(Value::as_u64) {
                members.insert(format!("{name}_at"), json!(rfc3339(micros)));
            }
        }
        members.insert("approvals".to_owned(), json!(request.approvals()));
    }
    value
}

/// Microseconds since 1970 in RFC 3339.
fn rfc3339(micros: u64) -> String {
    let bound = Duration::from_secs(253_402_300_799);
    let time = UNIX_EPOCH + Duration::from_micros(micros).min(bound);
    humantime::format_rfc3339_seconds(time).to_string()
}

/// Escapes every text, the names of members included.
fn escape_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = escape(text).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(escape_all),
        Value::Object(members) => {
            let old = std::mem::replace(members, Map::new());
            for (name, mut value) in old {
                escape_all(&mut value);
                members.insert(escape(&name).into_owned(), value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden_anywhere() {
        let mut value = json!({ "a\u{200b}": ["x\u{202e}y", { "b": "\u{1b}[2J" }], "n": 1 });
        escape_all(&mut value);
        let shown = json!({ "a\\u{200b}": ["x\\u{202e}y", { "b": "\\u{1b}[2J" }], "n": 1 });
        assert_eq!(value, shown);
    }

    #[test]
    fn times_have_words() {
        assert_eq!(rfc3339(1_700_000_000_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(rfc3339(u64::MAX), "9999-12-31T23:59:59Z");
    }
}
