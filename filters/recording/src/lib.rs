//! What is written down about a session.
//!
//! The host writes: this filter says what. Put it first in a chain, so that it
//! is asked about everything an agent tries.

use std::collections::BTreeMap;

use narrowgate_sdk::matcher::{OneOrMany, What, Who};
use narrowgate_sdk::prelude::*;
use narrowgate_sdk::{Credential, Glob};

/// What is recorded.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What happens when an event cannot be stored.
    pub on_failure: OnFailure,
    /// Rows of results as the agent sees them, and what the target says besides:
    /// errors, notices and notifications may quote values.
    pub results: Switch,
    /// Parameters of operations, and data that is copied in.
    pub parameters: Switch,
    /// Operations of which results and parameters are not recorded; that they
    /// were tried and what was decided is.
    pub without_content: Vec<Without>,
}

/// What happens when an event cannot be stored.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// The operation is denied.
    #[default]
    Deny,
    /// It goes on, unrecorded; the log says so.
    Continue,
}

/// On, unless it is switched off.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
pub struct Switch(bool);

impl Default for Switch {
    fn default() -> Self {
        Self(true)
    }
}

/// Operations whose content is not recorded. All actions and all objects of an
/// operation have to be meant: a second table does not hide behind the first, and
/// what is not understood is recorded.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Without {
    /// Groups; empty: everybody.
    pub groups: Vec<String>,
    /// Subjects; empty: everybody.
    pub subjects: Vec<String>,
    /// Issuers; empty: all.
    pub issuers: Vec<String>,
    /// Claims that the token has to have.
    pub claims: BTreeMap<String, OneOrMany>,
    /// Targets; empty: all.
    pub targets: Vec<Glob>,
    /// Protocols; empty: all.
    pub protocols: Vec<String>,
    /// Actions, which have to be all that there are; empty: any.
    pub actions: Vec<String>,
    /// Objects, which have to be all that there are but harmless functions;
    /// empty: any.
    pub objects: Vec<Glob>,
    /// Attributes of the operation that have to have these values.
    pub attributes: BTreeMap<String, OneOrMany>,
}

/// The filter.
pub struct Recording {
    on_failure: &'static str,
    results: bool,
    parameters: bool,
    without: Vec<(Who, What)>,
}

impl Filter for Recording {
    type Config = Config;
    const DESCRIPTION: Description = Description::new("recording")
        .events(&[Event::Connect, Event::Operation])
        .grants(&["record", "identity"]);

    fn new(config: Config) -> Result<Self, Vec<ConfigError>> {
        let without = config.without_content.into_iter().map(|without| {
            let who = Who {
                groups: without.groups,
                subjects: without.subjects,
                issuers: without.issuers,
                claims: without.claims,
                targets: without.targets,
                protocols: without.protocols,
            };
            let what = What {
                actions: without.actions,
                objects: without.objects,
                attributes: without.attributes,
            };
            (who, what)
        });
        Ok(Self {
            on_failure: match config.on_failure {
                OnFailure::Deny => "deny",
                OnFailure::Continue => "continue",
            },
            results: config.results.0,
            parameters: config.parameters.0,
            without: without.collect(),
        })
    }

    fn connect(&self, _: &Session, _: Option<&Credential>) -> Connection {
        Connection::proceed().effect(self.record(true))
    }

    fn operation(&self, session: &Session, operation: &Operation) -> Decision {
        let without = self
            .without
            .iter()
            .any(|(who, what)| what.covers(operation) && who.matches(session));
        Decision::proceed().effect(self.record(!without)).stands()
    }
}

impl Recording {
    /// The effect that has something recorded.
    fn record(&self, content: bool) -> Effect {
        Effect::new("record")
            .with("results", content && self.results)
            .with("parameters", content && self.parameters)
            .with("on_failure", self.on_failure)
    }
}

narrowgate_sdk::export!(Recording);

#[cfg(test)]
mod tests {
    use narrowgate_sdk::Value;
    use narrowgate_sdk::testing::{operation, session};

    use super::*;

    fn recorded(
        config: &str,
        operation: &Operation,
    ) -> (Option<Value>, Option<Value>, Option<Value>) {
        let filter = Recording::new(serde_json::from_str(config).unwrap()).unwrap();
        let decision = filter.operation(&session().build(), operation);
        assert_eq!(decision.verdict, Verdict::Proceed);
        let effect = &decision.effects[0];
        let get = |name| effect.get(name).cloned();
        (get("results"), get("parameters"), get("on_failure"))
    }

    #[test]
    fn everything_is_recorded_unless_it_is_said_otherwise() {
        let select = operation("select").table("public.t", &["a"]).build();
        let all = (Some(true.into()), Some(true.into()), Some("deny".into()));
        assert_eq!(recorded("{}", &select), all);
        let some = (
            Some(false.into()),
            Some(true.into()),
            Some("continue".into()),
        );
        assert_eq!(
            recorded(r#"{"results":false,"on_failure":"continue"}"#, &select),
            some
        );
    }

    #[test]
    fn content_may_be_left_out_but_never_the_attempt() {
        let config = r#"{"without_content":[{"objects":["public.health"]}]}"#;
        let health = operation("select").table("public.health", &["a"]).build();
        let none = (Some(false.into()), Some(false.into()), Some("deny".into()));
        assert_eq!(recorded(config, &health), none);
        let other = operation("select").table("public.t", &["a"]).build();
        assert_eq!(recorded(config, &other).0, Some(true.into()));
    }

    #[test]
    fn nothing_hides_behind_what_is_left_out() {
        let config = r#"{"without_content":[{"actions":["select"],"objects":["public.health"]}]}"#;
        let select = || operation("select").table("public.health", &["a"]);
        let kept = Some(true.into());
        assert_ne!(recorded(config, &select().build()).0, kept);
        for operation in [
            select().table("public.customers", &["email"]),
            select().and("delete"),
            select().calls("function", "public.leak"),
            select().unresolved("a construct is not understood"),
            operation("select"),
        ] {
            let operation = operation.build();
            assert_eq!(recorded(config, &operation).0, kept, "{operation:?}");
        }
    }

    #[test]
    fn what_is_being_prepared_is_recorded_too() {
        let parse = operation("select")
            .table("public.t", &["a"])
            .preparing()
            .build();
        assert_eq!(recorded("{}", &parse).0, Some(true.into()));
    }

    #[test]
    fn a_session_is_recorded_from_its_start() {
        let filter = Recording::new(Config::default()).unwrap();
        assert_eq!(
            filter.connect(&session().build(), None).effects[0].name,
            "record"
        );
    }
}
