//! The configuration as run: patterns and paths read, keys tried.

use narrowgate_sdk::matcher::Who;
use narrowgate_sdk::{ConfigError, Glob, Session};

use crate::audience::Audience;
use crate::config::{ColumnRule, Config, Notifications, Predicates};
use crate::detect::Detectors;
use crate::json::{Path, Paths};
use crate::strategy::{Hasher, Strategy};

/// Everything that is masked.
pub(crate) struct Rules {
    /// Masked columns.
    pub(crate) columns: Vec<Rule>,
    /// What is found by its looks; none where nothing is looked for.
    pub(crate) detectors: Option<Detectors>,
    /// What becomes of values whose origin cannot be told.
    pub(crate) default: Strategy,
    /// Makes hashes, if there is a key.
    pub(crate) hasher: Option<Hasher>,
    /// Who sees everything.
    exempt: Vec<Who>,
    /// Functions that show no masked column by themselves.
    trusted: Vec<Glob>,
    /// What becomes of notifications.
    pub(crate) notifications: Notifications,
}

/// A masked column.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its name, or a pattern.
    pub(crate) column: Glob,
    /// Relations that have such columns.
    pub(crate) relation: Glob,
    /// Only the values at this path inside it.
    pub(crate) path: Option<Path>,
    /// What they are replaced by.
    pub(crate) with: Strategy,
    /// Whom it is for.
    pub(crate) audience: Audience,
    /// Whether it may choose rows.
    pub(crate) predicates: Predicates,
}

impl Rules {
    /// The rules of a configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its place.
    pub(crate) fn new(config: Config) -> Result<Self, Vec<ConfigError>> {
        let mut errors = Vec::new();
        let mut fault = |pointer: &str, message: String| {
            errors.push(ConfigError::new(pointer, message));
        };
        if config.columns.is_empty() && config.detectors.is_empty() {
            fault(
                "",
                "there is nothing to mask: name columns or detectors".to_owned(),
            );
        }
        if !config.default.is_opaque() {
            let why = "what is computed from masked values can only be redacted or null";
            fault("/default", why.to_owned());
        }
        let hasher = config.key.as_deref().map(|key| Hasher::new(key.as_bytes()));
        if let Some(Err(error)) = &hasher {
            fault("/key", error.to_string());
        }
        let has_key = hasher.is_some();
        for (index, rule) in config.detectors.iter().enumerate() {
            if rule.strategy() == Strategy::Hash && !has_key {
                fault(&format!("/detectors/{index}/with"), NO_KEY.to_owned());
            }
        }
        for (index, exempt) in config.exempt.iter().enumerate() {
            if exempt.who == Who::default() {
                let why = "this exempts everybody: say whom it is for";
                fault(&format!("/exempt/{index}"), why.to_owned());
            }
        }
        let mut columns = Vec::new();
        for (index, rule) in config.columns.into_iter().enumerate() {
            match Rule::new(rule, config.default, config.predicates, has_key) {
                Ok(rule) => columns.push(rule),
                Err((place, message)) => fault(&format!("/columns/{index}/{place}"), message),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let wanted = config
            .detectors
            .iter()
            .map(|rule| (rule.kind(), rule.strategy()));
        let detectors = Detectors::new(wanted);
        Ok(Self {
            columns,
            detectors: (!detectors.is_empty()).then_some(detectors),
            default: config.default,
            hasher: hasher.and_then(Result::ok),
            exempt: config.exempt.into_iter().map(|exempt| exempt.who).collect(),
            trusted: config.trusted_functions,
            notifications: config.notifications,
        })
    }

    /// True when a session sees everything as it is.
    pub(crate) fn exempts(&self, session: &Session) -> bool {
        self.exempt.iter().any(|who| who.matches(session))
    }

    /// True when a function shows no masked column by itself.
    pub(crate) fn trusts(&self, function: &str) -> bool {
        self.trusted.iter().any(|pattern| pattern.matches(function))
    }

    /// The columns that a value comes from; `None` when that cannot be told. What
    /// a trusted function returns comes from its arguments.
    pub(crate) fn told<'a>(
        &self,
        known: bool,
        columns: &'a [String],
    ) -> Option<impl Iterator<Item = &'a str> + Clone> {
        let called = move |column: &'a str| match known {
            true => None,
            false => column.strip_suffix("()"),
        };
        let columns = columns.iter().map(String::as_str);
        let mut functions = columns.clone().filter_map(called).peekable();
        let told = known || (functions.peek().is_some() && functions.all(|name| self.trusts(name)));
        told.then(|| columns.filter(move |column| called(column).is_none()))
    }

    /// True when a column is masked so that nothing of a value is left, for
    /// everybody for whom the other rule masks.
    pub(crate) fn hides(&self, column: &str, as_much_as: &Rule) -> bool {
        self.columns.iter().any(|rule| {
            rule.path.is_none()
                && rule.with.is_opaque()
                && rule.audience.covers(&as_much_as.audience)
                && rule.column.matches(column)
        })
    }
}

/// Why a hash cannot be made.
const NO_KEY: &str = "hashes need a key: set `key`";

impl Rule {
    /// A rule as run, or the place of its fault and what is wrong.
    fn new(
        rule: ColumnRule,
        default: Strategy,
        predicates: Predicates,
        has_key: bool,
    ) -> Result<Self, (&'static str, String)> {
        let relation = relation(&rule.column).ok_or_else(|| {
            (
                "match",
                "a column is `schema.relation.column`; `*` stands for any name".to_owned(),
            )
        })?;
        let with = rule.with.unwrap_or(default);
        if with == Strategy::Hash && !has_key {
            return Err(("with", NO_KEY.to_owned()));
        }
        let path = rule.path.as_deref().map(Path::parse).transpose();
        let path = path.map_err(|error| ("path", error.to_string()))?;
        if let Some(path) = &path {
            Paths::default()
                .add(path, with)
                .map_err(|error| ("path", error.to_string()))?;
        }
        Ok(Self {
            column: rule.column,
            relation,
            path,
            with,
            audience: Audience::new(rule.groups, rule.except),
            predicates: rule.predicates.unwrap_or(predicates),
        })
    }
}

/// The pattern of the relations that a column can be in.
fn relation(column: &Glob) -> Option<Glob> {
    let pattern = column.as_str();
    let (relation, name) = match pattern.rsplit_once('.') {
        Some((relation, name)) if !name.contains("**") => (relation, name),
        _ if pattern.contains("**") => return Some(Glob::new("**")),
        _ => return None,
    };
    let named = relation.contains("**") || relation.contains('.');
    (named && !name.is_empty() && !relation.is_empty()).then(|| Glob::new(relation))
}

#[cfg(test)]
mod tests {
    use narrowgate_sdk::{ConfigError, Glob};

    use super::{Rules, relation};

    fn faults(json: &str) -> Vec<ConfigError> {
        Rules::new(serde_json::from_str(json).expect("well-formed"))
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn faults_have_their_places() {
        for (json, place, words) in [
            ("{}", "", "nothing to mask"),
            (
                r#"{"detectors":["card"],"default":"partial"}"#,
                "/default",
                "redacted",
            ),
            (r#"{"detectors":["card"],"key":"short"}"#, "/key", "shorter"),
            (
                r#"{"detectors":["card"],"exempt":[{}]}"#,
                "/exempt/0",
                "everybody",
            ),
            (
                r#"{"detectors":[{"detector":"card","with":"hash"}]}"#,
                "/detectors/0/with",
                "key",
            ),
            (
                r#"{"columns":[{"match":"email"}]}"#,
                "/columns/0/match",
                "schema.relation.column",
            ),
            (
                r#"{"columns":[{"match":"customers.email"}]}"#,
                "/columns/0/match",
                "schema",
            ),
            (
                r#"{"columns":[{"match":"a.b.c","with":"hash"}]}"#,
                "/columns/0/with",
                "key",
            ),
            (
                r#"{"columns":[{"match":"a.b.c","path":"phone"}]}"#,
                "/columns/0/path",
                "begins",
            ),
        ] {
            let faults = faults(json);
            assert_eq!(faults.len(), 1, "{json}: {faults:?}");
            assert!(
                faults[0].pointer == place && faults[0].message.contains(words),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn relations_of_columns() {
        for (column, expected) in [
            ("public.customers.email", Some("public.customers")),
            ("*.*.email", Some("*.*")),
            ("**.email", Some("**")),
            ("public.**", Some("**")),
            ("**", Some("**")),
            ("customers.email", None),
            ("email", None),
            ("public.customers.", None),
        ] {
            assert_eq!(
                relation(&Glob::new(column)),
                expected.map(Glob::new),
                "{column}"
            );
        }
    }
}
