//! Text: a choice of words, a format, bounds of what it stands for.

use serde_json::Value;

use super::expected::{expected, words};
use super::{Shape, subject};
use crate::suggest::did_you_mean;
use crate::value::{ByteSize, HumanDuration, Text, check};

impl Shape<'_> {
    pub(super) fn word(&mut self, schema: &Value, text: &str, at: &str) {
        if let Some(words) = words(schema) {
            if !words.contains(&text) {
                let message = format!("{} must be {}", subject(at), expected(self.root, schema));
                let suggestion = (words.len() > 1)
                    .then(|| did_you_mean(text, words))
                    .flatten();
                self.faults.value(at, message, suggestion);
            }
            return;
        }
        if schema.get("minLength").is_some() && text.is_empty() {
            self.faults
                .value(at, format!("{} is empty", subject(at)), None);
        }
        let Some(format) = schema.get("format").and_then(Value::as_str) else {
            return;
        };
        if let Err(refused) = check(format, text) {
            let message = format!("{} {}", subject(at), refused.message);
            return self.faults.value(at, message, refused.suggestion);
        }
        match format {
            HumanDuration::FORMAT => self.bounds::<HumanDuration>(schema, text, at),
            ByteSize::FORMAT => self.bounds::<ByteSize>(schema, text, at),
            _ => {}
        }
    }

    fn bounds<T: Text + PartialOrd>(&mut self, schema: &Value, text: &str, at: &str) {
        let bound = |key| {
            let shown = schema.get(key)?.as_str()?;
            Some((T::parse(shown).ok()?, shown))
        };
        let Ok(value) = T::parse(text) else { return };
        if let Some((_, shown)) = bound("x-minimum").filter(|(minimum, _)| value < *minimum) {
            self.faults.value(
                at,
                format!("{} must be at least {shown}", subject(at)),
                None,
            );
        }
        if let Some((_, shown)) = bound("x-maximum").filter(|(maximum, _)| value > *maximum) {
            self.faults
                .value(at, format!("{} must be at most {shown}", subject(at)), None);
        }
    }
}
