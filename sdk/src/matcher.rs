//! Who, where and what: the one matcher of all filters.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Glob, Identity, Object, Operation, Session, Value};

/// Who and where. An empty list stands for everybody, or everywhere.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(default)]
pub struct Who {
    /// Groups, any of which is enough: `dba`, or `staff/dba` for a group of one
    /// issuer.
    pub groups: Vec<String>,
    /// Subjects, any of which is enough: `bot`, or `agents/bot`.
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
#[serde(untagged)]
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
            || self.targets.iter().any(|target| target.matches(session.target()));
        let any_protocol = self.protocols.is_empty()
            || self.protocols.iter().any(|protocol| protocol == session.protocol());
        anywhere && any_protocol && self.matches_identity(session.identity())
    }

    /// True when an identity is meant.
    fn matches_identity(&self, identity: Option<&Identity>) -> bool {
        let everybody = self.groups.is_empty()
            && self.subjects.is_empty()
            && self.issuers.is_empty()
            && self.claims.is_empty();
        let Some(identity) = identity else { return everybody };
        let issuer = identity.issuer.as_str();
        let of_issuer = |wanted: &str, name: &str| match wanted.split_once('/') {
            Some((by, rest)) if by == issuer => rest == name || wanted == name,
            _ => wanted == name,
        };
        let group = |wanted: &String| identity.groups.iter().any(|group| of_issuer(wanted, group));
        (self.groups.is_empty() || self.groups.iter().any(group))
            && (self.subjects.is_empty()
                || self.subjects.iter().any(|wanted| of_issuer(wanted, &identity.subject)))
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
        self.claims.iter().all(|(name, wanted)| match claims.get(name) {
            Some(serde_json::Value::String(text)) => wanted.has(text),
            Some(serde_json::Value::Bool(truth)) => wanted.has(if *truth { "true" } else { "false" }),
            Some(serde_json::Value::Number(number)) => wanted.has(&number.to_string()),
            Some(serde_json::Value::Array(list)) => {
                list.iter().any(|one| one.as_str().is_some_and(|text| wanted.has(text)))
            }
            _ => false,
        })
    }
}

impl OneOrMany {
    /// True when it is the value, or one of the values.
    pub fn has(&self, value: &str) -> bool {
        match self {
            Self::One(one) => one == value,
            Self::Many(many) => many.iter().any(|one| one == value),
        }
    }
}

impl What {
    /// True when an operation is meant.
    pub fn matches(&self, operation: &Operation) -> bool {
        let action = self.actions.is_empty()
            || self.actions.iter().any(|wanted| operation.actions.contains(wanted));
        let object = self.objects.is_empty()
            || operation.objects.iter().any(|object| self.names(object));
        action && object && self.matches_attributes(operation)
    }

    /// True when an object is named.
    fn names(&self, object: &Object) -> bool {
        self.objects.iter().any(|pattern| pattern.matches(&object.name))
    }

    /// True when the attributes have the values.
    fn matches_attributes(&self, operation: &Operation) -> bool {
        self.attributes.iter().all(|(name, wanted)| match operation.attribute(name) {
            Some(Value::Text(text)) => wanted.has(text),
            Some(Value::Boolean(truth)) => wanted.has(if *truth { "true" } else { "false" }),
            Some(Value::Integer(number)) => wanted.has(&number.to_string()),
            Some(Value::Texts(texts)) => texts.iter().any(|text| wanted.has(text)),
            _ => false,
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
        let bot = session().groups(&["insights"]).claims(r#"{"env":"prod","n":[ "a","b" ]}"#).build();
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
    fn one_action_or_object_is_enough() {
        let drop = operation("drop").and("select").defines("table", "public.invoices").build();
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
