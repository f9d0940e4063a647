//! Checks the shape of a file against the schema, and reports everything that
//! does not fit at once; reading it into types would stop at the first.

mod expected;
mod object;
mod word;

use serde_json::Value;

use crate::fault::Faults;
use crate::pointer;
use expected::{expected, found, kinds, rewrite};

/// Checks `value` against `schema`.
pub(crate) fn check(schema: &Value, value: &Value) -> Faults {
    let mut shape = Shape {
        root: schema,
        faults: Faults::default(),
    };
    shape.visit(schema, value, "");
    shape.faults
}

/// A walk through schema and value together.
struct Shape<'a> {
    /// The whole schema, for references.
    root: &'a Value,
    /// What does not fit.
    faults: Faults,
}

impl<'a> Shape<'a> {
    fn visit(&mut self, schema: &'a Value, value: &Value, at: &str) {
        if let Some(target) = self.reference(schema) {
            let before = self.faults.len();
            self.visit(target, value, at);
            if self.faults.len() > before || is_free(target) {
                return;
            }
        }
        if is_free(schema) {
            return;
        }
        let Some(schema) = self.branch(schema, value) else {
            return self.mismatch(schema, value, at);
        };
        match value {
            Value::Null => self.missing_value(at),
            Value::Object(members) => self.object(schema, members, at),
            Value::Array(items) => self.array(schema, items, at),
            Value::String(text) => self.word(schema, text, at),
            Value::Number(number) => self.number(schema, number, at),
            Value::Bool(_) => {}
        }
    }

    /// What `$ref` leads to.
    fn reference(&self, schema: &Value) -> Option<&'a Value> {
        let reference = schema.get("$ref")?.as_str()?;
        self.root.pointer(reference.strip_prefix('#')?)
    }

    /// The branch of the schema that a value of this kind is for; the schema
    /// itself if it has no branches.
    fn branch(&self, schema: &'a Value, value: &Value) -> Option<&'a Value> {
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
            return branches.iter().find_map(|branch| {
                let branch = self.reference(branch).unwrap_or(branch);
                self.branch(branch, value)
            });
        }
        let fits = value.is_null() || kinds(schema).iter().any(|kind| kind.fits(value));
        fits.then_some(schema)
    }

    fn mismatch(&mut self, schema: &Value, value: &Value, at: &str) {
        if value.is_null() {
            return self.missing_value(at);
        }
        let message = format!(
            "{} must be {}, not {}",
            subject(at),
            expected(self.root, schema),
            found(value)
        );
        self.faults
            .value(at, message, rewrite(self.root, schema, value));
    }

    fn missing_value(&mut self, at: &str) {
        let suggestion = Some("write one, or take the key out".to_owned());
        self.faults
            .value(at, format!("{} has no value", subject(at)), suggestion);
    }

    fn array(&mut self, schema: &'a Value, items: &[Value], at: &str) {
        self.count(schema, items.len(), ["minItems", "maxItems"], "entries", at);
        if let Some(schema) = schema.get("items") {
            for (index, item) in items.iter().enumerate() {
                self.visit(schema, item, &pointer::child(at, index));
            }
        }
    }

    fn number(&mut self, schema: &Value, number: &serde_json::Number, at: &str) {
        let bound = |key| schema.get(key).and_then(Value::as_f64);
        let Some(number) = number.as_f64() else {
            return;
        };
        if let Some(minimum) = bound("minimum").filter(|minimum| number < *minimum) {
            self.faults.value(
                at,
                format!("{} must be at least {minimum}", subject(at)),
                None,
            );
        }
        if let Some(maximum) = bound("maximum").filter(|maximum| number > *maximum) {
            self.faults.value(
                at,
                format!("{} must be at most {maximum}", subject(at)),
                None,
            );
        }
    }

    /// Checks a count against the two bounds that the schema has under `keys`.
    fn count(&mut self, schema: &Value, count: usize, keys: [&str; 2], what: &str, at: &str) {
        let bound = |key| schema.get(key).and_then(Value::as_u64);
        let [minimum, maximum] = keys.map(bound);
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if minimum.is_some_and(|minimum| count < minimum) {
            self.faults
                .value(at, format!("{} is empty", subject(at)), None);
        }
        if let Some(maximum) = maximum.filter(|maximum| count > *maximum) {
            let message = format!("{} has more than {maximum} {what}", subject(at));
            self.faults.value(at, message, None);
        }
    }
}

/// The schema says nothing about the value.
fn is_free(schema: &Value) -> bool {
    const SAYING: [&str; 5] = ["type", "anyOf", "oneOf", "x-minimum", "x-maximum"];
    !SAYING.iter().any(|key| schema.get(key).is_some())
}

/// How a value is called in a message: by its key, never by its content.
fn subject(at: &str) -> String {
    let Some((parent, last)) = at.rsplit_once('/') else {
        return "the file".to_owned();
    };
    if !last.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("`{}`", unescape(last));
    }
    match parent.rsplit_once('/') {
        Some((_, list)) => format!("an entry of `{}`", unescape(list)),
        None => "an entry".to_owned(),
    }
}

/// A pointer's token as its key was written, safe to print.
fn unescape(token: &str) -> String {
    token
        .replace("~1", "/")
        .replace("~0", "~")
        .escape_debug()
        .to_string()
}

#[cfg(test)]
mod tests;
