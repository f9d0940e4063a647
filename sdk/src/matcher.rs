//! Who, where and what: the one matcher of all filters.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Glob, Identity, Object, Operation, Session, Value};

/// Who and where. An empty list stands for everybody, or everywhere.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(default)]
pub struct Who {
    /// Groups, any of which is enough: `dba`, or `staff/dba` for a group of one
    /// issuer. A group that has a `/` itself is written with its issuer:
    /// `github/org/team`.
    pub groups: Vec<String>,
    /// Subjects, any of which is enough: `bot`, or `agents/bot`. A subject that
    /// has a `/` itself is written with its issuer: `github/org/name`.
    pub subjects: Vec<String>,
    /// Names of issuers.
    pub issuers: Vec<String>,
    /// Claims that the token has to have, with one of these values.
    pub claims: std::collections::BTreeMap<String, OneOrMany>,
    /// Names or patterns of targets.
    pub targets: Vec<Glob>,
    /// Protocols.
    pub protocols: Vec<String>,
}

/// One value, or several.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(untagged, expecting = "a text, or a list of texts")]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// What. An empty list stands for everything.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(default)]
pub struct What {
    /// Actions, such as `drop`; one that is part of the operation is enough.
    pub actions: Vec<String>,
    /// Names or patterns of objects, such as `public.*`; one is enough.
    pub objects: Vec<Glob>,
    /// Attributes of the operation that have to have these values.
    pub attributes: std::collections::BTreeMap<String, OneOrMany>,
}

impl Who {
    /// True when a session is meant.
    pub fn matches(&self, session: &Session) -> bool {
        let anywhere = self.targets.is_empty()
            || self
                .targets
                .iter()
                .any(|target| target.matches(session.target()));
        let any_protocol = self.protocols.is_empty()
            || self
                .protocols
                .iter()
                .any(|protocol| protocol == session.protocol());
        anywhere && any_protocol && self.matches_identity(session.identity())
    }

    /// True when an identity is meant.
    fn matches_identity(&self, identity: Option<&Identity>) -> bool {
        let everybody = self.groups.is_empty()
            && self.subjects.is_empty()
            && self.issuers.is_empty()
            && self.claims.is_empty();
        let Some(identity) = identity else {
            return everybody;
        };
        let issuer = identity.issuer.as_str();
        // Names are the issuer's choice: one that calls somebody `staff/alice` does
        // not make them the alice of `staff`.
        let named = |wanted: &str, name: &str| match qualified(wanted) {
            Some((by, wanted)) => by == issuer && name == wanted,
            None => name == wanted,
        };
        let group = |wanted: &String| identity.groups.iter().any(|group| named(wanted, group));
        let subject = |wanted: &String| named(wanted, &identity.subject);
        (self.groups.is_empty() || self.groups.iter().any(group))
            && (self.subjects.is_empty() || self.subjects.iter().any(subject))
            && (self.issuers.is_empty() || self.issuers.iter().any(|wanted| wanted == issuer))
            && self.matches_claims(&identity.claims)
    }

    /// True when the claims are there, as text or in a list of texts.
    fn matches_claims(&self, claims: &str) -> bool {
        if self.claims.is_empty() {
            return true;
        }
        let Ok(serde_json::Value::Object(claims)) = serde_json::from_str(claims) else {
            return false;
        };
        self.claims
            .iter()
            .all(|(name, wanted)| match claims.get(name) {
                Some(serde_json::Value::String(text)) => wanted.has(text),
                Some(serde_json::Value::Bool(truth)) => {
                    wanted.has(if *truth { "true" } else { "false" })
                }
                Some(serde_json::Value::Number(number)) => wanted.has(&number.to_string()),
                Some(serde_json::Value::Array(list)) => list
                    .iter()
                    .any(|one| one.as_str().is_some_and(|text| wanted.has(text))),
                _ => false,
            })
    }
}

/// Issuer and name of something written `issuer/name`. What stands before the
/// `/` of `repo:org/name` cannot be the name of an issuer.
pub fn qualified(wanted: &str) -> Option<(&str, &str)> {
    let of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    wanted
        .split_once('/')
        .filter(|(issuer, _)| issuer.bytes().all(of_names))
}

impl OneOrMany {
    /// True when it is the value, or one of the values.
    pub fn has(&self, value: &str) -> bool {
        match self {
            Self::One(one) => one == value,
            Self::Many(many) => many.iter().any(|one| one == value),
        }
    }

    /// True when the value of an attribute is it, or one of them.
    fn has_value(&self, value: &Value, all: bool) -> bool {
        match value {
            Value::Text(text) => self.has(text),
            Value::Boolean(truth) => self.has(if *truth { "true" } else { "false" }),
            Value::Integer(number) => self.has(&number.to_string()),
            Value::Texts(texts) if all => {
                !texts.is_empty() && texts.iter().all(|text| self.has(text))
            }
            Value::Texts(texts) => texts.iter().any(|text| self.has(text)),
            Value::Real(_) | Value::Bytes(_) => false,
        }
    }
}

impl What {
    /// True when an operation is meant: a part of it is enough. For what is asked
    /// of an operation, such as approval.
    pub fn matches(&self, operation: &Operation) -> bool {
        let action = self.actions.is_empty()
            || self
                .actions
                .iter()
                .any(|wanted| operation.actions.contains(wanted));
        let object =
            self.objects.is_empty() || operation.objects.iter().any(|object| self.names(object));
        action && object && self.matches_attributes(operation, false)
    }

    /// True when an operation is meant with all its parts: every action, and
    /// every object but harmless functions and what a view is made of. For what
    /// an operation is spared: a second table must not hide behind a first.
    pub fn covers(&self, operation: &Operation) -> bool {
        let counts =
            |object: &&Object| object.kind != "builtin" && !object.kind.starts_with("base:");
        let objects = || {
            let mut objects = operation.objects.iter().filter(counts).peekable();
            objects.peek().is_some() && objects.all(|object| self.names(object))
        };
        operation.unresolved.is_empty()
            && (self.actions.is_empty()
                || operation
                    .actions
                    .iter()
                    .all(|action| self.actions.contains(action)))
            && (self.objects.is_empty() || objects())
            && self.matches_attributes(operation, true)
    }

    /// True when an object is named.
    fn names(&self, object: &Object) -> bool {
        self.objects
            .iter()
            .any(|pattern| pattern.matches(&object.name))
    }

    /// True when the attributes have the values: of several texts of an attribute
    /// one is enough, or, with `all`, each has to be meant.
    fn matches_attributes(&self, operation: &Operation, all: bool) -> bool {
        self.attributes
            .iter()
            .all(|(name, wanted)| match operation.attribute(name) {
                Some(value) => wanted.has_value(value, all),
                // Some are told on demand only.
                None => operation
                    .further(name)
                    .is_some_and(|value| wanted.has_value(&value, all)),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{operation, session};

    fn who(json: &str) -> Who {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn everything_that_is_said_has_to_fit() {
        let bot = session()
            .groups(&["insights"])
            .claims(r#"{"env":"prod","n":[ "a","b" ]}"#)
            .build();
        for (json, fits) in [
            ("{}", true),
            (r#"{"groups":["insights"]}"#, true),
            (r#"{"groups":["agents/insights"]}"#, true),
            (r#"{"groups":["staff/insights"]}"#, false),
            (r#"{"groups":["dba","insights"]}"#, true),
            (r#"{"groups":["dba"]}"#, false),
            (r#"{"subjects":["agents/bot"],"targets":["bill*"]}"#, true),
            (r#"{"subjects":["bot"],"targets":["other"]}"#, false),
            (r#"{"issuers":["staff"]}"#, false),
            (r#"{"claims":{"env":"prod"}}"#, true),
            (r#"{"claims":{"env":["test","prod"],"n":"b"}}"#, true),
            (r#"{"claims":{"env":"test"}}"#, false),
            (r#"{"claims":{"missing":"x"}}"#, false),
            (r#"{"protocols":["ssh"]}"#, false),
        ] {
            assert_eq!(who(json).matches(&bot), fits, "{json}");
        }
        let nobody = session().anonymous().build();
        assert!(who("{}").matches(&nobody));
        assert!(!who(r#"{"groups":["insights"]}"#).matches(&nobody));
    }

    #[test]
    fn no_issuer_can_mint_a_subject_of_another() {
        let who = |wanted: &str| Who {
            subjects: vec![wanted.to_owned()],
            ..Who::default()
        };
        for (wanted, issuer, subject, fits) in [
            ("staff/alice", "staff", "alice", true),
            ("staff/alice", "agents", "staff/alice", false),
            ("staff/alice", "agents", "alice", false),
            ("staff/alice", "staff", "staff/alice", false),
            ("alice", "agents", "alice", true),
            ("github/org/name", "github", "org/name", true),
            (
                "repo:org/name:ref:main",
                "github",
                "repo:org/name:ref:main",
                true,
            ),
            (
                "github/repo:org/name:ref:main",
                "github",
                "repo:org/name:ref:main",
                true,
            ),
            (
                "github/repo:org/name:ref:main",
                "other",
                "repo:org/name:ref:main",
                false,
            ),
        ] {
            let session = session().subject(issuer, subject).build();
            assert_eq!(
                who(wanted).matches(&session),
                fits,
                "{wanted} {issuer} {subject}"
            );
        }
    }

    #[test]
    fn a_group_with_a_slash_of_its_own_is_written_with_its_issuer() {
        let who = |wanted: &str| Who {
            groups: vec![wanted.to_owned()],
            ..Who::default()
        };
        let session = session().groups(&["org/team"]).build();
        assert!(!who("org/team").matches(&session));
        assert!(who("agents/org/team").matches(&session));
        assert!(!who("staff/org/team").matches(&session));
        assert!(!who("team").matches(&session));
    }

    #[test]
    fn a_value_of_another_kind_says_what_is_expected() {
        let error = serde_json::from_str::<OneOrMany>("7").unwrap_err();
        assert!(
            error.to_string().starts_with("a text, or a list of texts"),
            "{error}"
        );
    }

    #[test]
    fn attributes_are_looked_up_where_they_are() {
        let what: What = serde_json::from_str(
            r#"{"attributes":{"db.operation.name":["DROP TABLE","TRUNCATE TABLE"],"cascade":"true"}}"#,
        )
        .unwrap();
        let drop = || operation("drop").attribute("cascade", true);
        assert!(what.matches(&drop().further("db.operation.name", "DROP TABLE").build()));
        assert!(what.matches(&drop().attribute("db.operation.name", "DROP TABLE").build()));
        assert!(!what.matches(&drop().further("db.operation.name", "DROP VIEW").build()));
        assert!(!what.matches(&drop().build()));
    }

    #[test]
    fn one_of_several_texts_is_enough_to_be_asked_and_not_to_be_spared() {
        let what: What = serde_json::from_str(r#"{"attributes":{"ids":["a","b"]}}"#).unwrap();
        let of = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            operation("select")
                .attribute("ids", Value::Texts(ids))
                .build()
        };
        for (ids, asked, spared) in [
            (&["a"][..], true, true),
            (&["a", "b"], true, true),
            (&["a", "c"], true, false),
            (&["c"], false, false),
            (&[], false, false),
        ] {
            assert_eq!(what.matches(&of(ids)), asked, "{ids:?}");
            assert_eq!(what.covers(&of(ids)), spared, "{ids:?}");
        }
    }

    #[test]
    fn what_is_spared_is_meant_with_all_its_parts() {
        let what = |json: &str| serde_json::from_str::<What>(json).unwrap();
        let health = what(r#"{"objects":["public.health"]}"#);
        let select = || operation("select").table("public.health", &["a"]);
        assert!(health.covers(&select().build()));
        assert!(health.covers(&select().calls("builtin", "pg_catalog.now").build()));
        assert!(!health.covers(&select().table("public.customers", &["a"]).build()));
        assert!(!health.covers(&select().calls("function", "public.f").build()));
        assert!(!health.covers(&select().unresolved("a name is not known").build()));
        assert!(!health.covers(&operation("select").build()));
        let reading = what(r#"{"actions":["select"]}"#);
        assert!(reading.covers(&select().build()));
        assert!(!reading.covers(&select().and("delete").build()));
        assert!(what("{}").covers(&operation("select").build()));
    }

    #[test]
    fn one_action_or_object_is_enough() {
        let drop = operation("drop")
            .and("select")
            .defines("table", "public.invoices")
            .build();
        for (json, fits) in [
            ("{}", true),
            (r#"{"actions":["select"]}"#, true),
            (r#"{"actions":["delete"]}"#, false),
            (r#"{"objects":["public.*"]}"#, true),
            (r#"{"objects":["secret.*"],"actions":["drop"]}"#, false),
        ] {
            let what: What = serde_json::from_str(json).unwrap();
            assert_eq!(what.matches(&drop), fits, "{json}");
        }
    }
}
