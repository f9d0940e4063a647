//! The configuration as written.

use std::fmt;

use narrowgate_sdk::Glob;
use narrowgate_sdk::matcher::Who;
use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor, value};
use serde::{Deserialize, Deserializer};

use crate::detect::Kind;
use crate::strategy::Strategy;

/// What is masked, and how.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Columns, wherever their values turn up.
    #[serde(default)]
    pub columns: Vec<ColumnRule>,
    /// What is masked in any column, error or notice because of what it looks
    /// like: names of detectors, or `{ detector: card, with: partial }`.
    #[serde(default)]
    pub detectors: Vec<DetectorRule>,
    /// What becomes of values whose origin cannot be told or that were computed
    /// from masked ones: `redact` or `null`.
    #[serde(default = "redact")]
    pub default: Strategy,
    /// Whether masked columns may choose, order or group rows, where their own
    /// rule does not say.
    #[serde(default)]
    pub predicates: Predicates,
    /// Key of the strategy `hash`, at least 16 bytes: `env:MASK_KEY`.
    #[serde(default)]
    pub key: Option<String>,
    /// Who sees everything as it is.
    #[serde(default)]
    pub exempt: Vec<Exempt>,
    /// Functions of one's own that show no masked column by themselves: what they
    /// return comes from their arguments. Of any other it counts that it might
    /// show every column, so that what it returns is masked. Nobody may hand masked
    /// columns to either.
    #[serde(default)]
    pub trusted_functions: Vec<Glob>,
    /// What becomes of notifications, whose payloads can come from anywhere,
    /// for those whom columns are masked for.
    #[serde(default)]
    pub notifications: Notifications,
}

/// A masked column.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// `schema.relation.column`, with `*` for any name and `**` for any names.
    #[serde(rename = "match")]
    pub column: Glob,
    /// Only these values inside a column of JSON: `$.phone`, `$.a[*].b`,
    /// `$..name`.
    #[serde(default)]
    pub path: Option<String>,
    /// What the value is replaced by; `default` of the whole where not given.
    #[serde(default)]
    pub with: Option<Strategy>,
    /// Only for these groups; for everybody if there are none.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Not for these groups.
    #[serde(default)]
    pub except: Vec<String>,
    /// Whether the column may choose, order or group rows.
    #[serde(default)]
    pub predicates: Option<Predicates>,
}

/// Whether a masked column may have a say in which rows come. Each answer to
/// such a question tells something about the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Predicates {
    /// It may not.
    #[default]
    Deny,
    /// Its whole value may be compared with a constant for equality: whoever
    /// guesses a value learns that it is there.
    Equality,
    /// It may: whoever asks often enough learns the values.
    Allow,
}

/// What becomes of notifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Notifications {
    /// Their payload is replaced.
    #[default]
    Mask,
    /// They pass, as far as the detectors let them.
    Pass,
}

/// A detector and what is done with what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum DetectorRule {
    /// Replaced by its name in brackets.
    Named(Kind),
    /// Replaced in another way.
    With(DetectorWith),
}

/// A detector with a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetectorWith {
    /// What is looked for.
    pub detector: Kind,
    /// What it is replaced by.
    pub with: Strategy,
}

/// Who sees everything as it is. Something has to be said.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exempt {
    /// Who and where.
    #[serde(flatten)]
    pub who: Who,
}

fn redact() -> Strategy {
    Strategy::Redact
}

impl DetectorRule {
    /// The detector.
    pub fn kind(self) -> Kind {
        match self {
            Self::Named(kind) => kind,
            Self::With(with) => with.detector,
        }
    }

    /// What is done with what it finds.
    pub fn strategy(self) -> Strategy {
        match self {
            Self::Named(_) => Strategy::Redact,
            Self::With(with) => with.with,
        }
    }
}

/// By hand, since an untagged enumeration would not say which name is wrong.
impl<'de> Deserialize<'de> for DetectorRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = DetectorRule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a detector or { detector, with }")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<DetectorRule, E> {
                Kind::deserialize(value::StrDeserializer::new(name)).map(DetectorRule::Named)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DetectorRule, A::Error> {
                DetectorWith::deserialize(value::MapAccessDeserializer::new(map))
                    .map(DetectorRule::With)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, DetectorRule, Kind, Predicates, Strategy};

    fn read(json: &str) -> Result<Config, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_one() {
        let config = read(
            r#"{
                "columns": [
                    { "match": "public.customers.email", "with": "partial", "except": ["dba"] },
                    { "match": "public.*.profile", "path": "$.phone", "predicates": "equality" }
                ],
                "detectors": ["card", { "detector": "email", "with": "null" }],
                "default": "null",
                "predicates": "allow",
                "key": "0123456789abcdef",
                "exempt": [{ "groups": ["staff/dba"], "targets": ["billing"] }],
                "notifications": "pass"
            }"#,
        )
        .expect("a configuration");
        assert_eq!(config.columns.len(), 2);
        assert_eq!(config.columns[1].predicates, Some(Predicates::Equality));
        assert_eq!(config.detectors[0], DetectorRule::Named(Kind::Card));
        assert_eq!(config.detectors[1].strategy(), Strategy::Null);
        assert_eq!(config.exempt[0].who.groups, ["staff/dba"]);
    }

    #[test]
    fn unknown_keys_and_names_are_refused() {
        for (json, words) in [
            (r#"{"colums":[]}"#, "colums"),
            (r#"{"columns":[{"match":"a.b.c","witch":"null"}]}"#, "witch"),
            (r#"{"columns":[{"with":"null"}]}"#, "match"),
            (r#"{"detectors":["cards"]}"#, "unknown variant `cards`"),
            (
                r#"{"detectors":[{"detector":"card","wiht":"null"}]}"#,
                "wiht",
            ),
            (r#"{"exempt":[{"group":["dba"]}]}"#, "group"),
            (r#"{"default":"hide"}"#, "hide"),
        ] {
            let error = read(json).err().unwrap_or_default();
            assert!(error.contains(words), "{json}: {error}");
        }
    }
}
