//! Names of objects, with columns where only some are meant.

use narrowgate_sdk::Glob;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// `schema.relation`, or `schema.relation(column, column)`, with patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The object.
    object: Glob,
    /// Its columns; `None`: all.
    columns: Option<Vec<Glob>>,
}

impl Pattern {
    /// Reads a pattern.
    fn parse(text: &str) -> Result<Self, String> {
        let (object, columns) = match text.split_once('(') {
            None => (text, None),
            Some((object, rest)) => {
                let columns = rest.strip_suffix(')').ok_or_else(|| {
                    format!("`{text}` has an opening bracket without its closing one")
                })?;
                let columns: Vec<Glob> = columns
                    .split(',')
                    .map(|column| Glob::new(column.trim()))
                    .collect();
                if columns.iter().any(|column| column.as_str().is_empty()) {
                    return Err(format!("`{text}` names a column without a name"));
                }
                (object.trim_end(), Some(columns))
            }
        };
        match object.is_empty() || text.len() > 4096 {
            true => Err("a name or pattern has 1 to 4096 bytes".to_owned()),
            false => Ok(Self {
                object: Glob::new(object),
                columns,
            }),
        }
    }

    /// True when the object is meant, whatever the columns.
    pub(crate) fn names(&self, object: &str) -> bool {
        self.object.matches(object)
    }

    /// True when the object with all these columns is meant.
    pub(crate) fn covers(&self, object: &str, column: &str) -> bool {
        self.names(object)
            && self
                .columns
                .as_ref()
                .is_none_or(|columns| columns.iter().any(|c| c.matches(column)))
    }

    /// True when all columns are meant.
    pub(crate) fn is_whole(&self) -> bool {
        self.columns.is_none()
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": 4096,
            "description": "A name or pattern, with columns in brackets where only some are meant: `public.customers(id, name)`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_brackets_are_all_that_is_meant() {
        let some = Pattern::parse("public.customers(id, n*)").unwrap();
        assert!(some.covers("public.customers", "id"));
        assert!(some.covers("public.customers", "name"));
        assert!(!some.covers("public.customers", "email"));
        assert!(!some.covers("public.invoices", "id"));
        assert!(!some.is_whole());
        assert!(
            Pattern::parse("public.*")
                .unwrap()
                .covers("public.customers", "email")
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for text in ["", "a(b", "a()", "a(b,)", "(b)"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
