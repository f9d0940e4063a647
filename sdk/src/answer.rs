//! The answers of a filter.

use crate::{Attributes, Effect, Exchange, Identity, Value};

/// A refusal. Every text of it reaches the client: never put a secret in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Denial {
    /// `unauthenticated`, `forbidden`, `limited`, `unresolved`, `unavailable`.
    pub code: String,
    /// One sentence that says what was refused.
    pub message: String,
    /// Name of the rule, empty when none matched.
    pub rule: String,
    /// What the client can do about it; may be empty.
    pub hint: String,
}

impl Denial {
    /// A denial of that code.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            ..Self::default()
        }
    }

    /// No rule allows it, or one forbids it.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new("forbidden", message)
    }

    /// The same by a rule.
    #[must_use]
    pub fn rule(mut self, rule: &str) -> Self {
        rule.clone_into(&mut self.rule);
        self
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// What people have to agree to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hold {
    /// The rule that asks.
    pub rule: String,
    /// Shown to the approvers.
    pub reason: String,
    /// Groups whose members decide.
    pub approvers: Vec<String>,
    /// Distinct people needed.
    pub quorum: u32,
    /// How long the request stands, in seconds.
    pub wait: u64,
    /// How long the consent covers repetitions, in seconds; zero: used once.
    pub grant: u64,
    /// `on_disconnect` (`cancel`, `keep`), `in_transaction` (`deny`, `hold`).
    pub attributes: Attributes,
}

/// The answer to an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Ask the next filter.
    Proceed,
    /// Refuse.
    Deny(Denial),
    /// Wait for people.
    Hold(Hold),
    /// Ask again when these have been fetched.
    Wait(Vec<String>),
    /// Run this text instead.
    Rewrite(String),
}

/// The answer to `connect`.
#[derive(Debug)]
pub struct Connection {
    /// Whether the session may begin.
    pub verdict: Verdict,
    /// Who it is.
    pub identity: Option<Identity>,
    /// What else to do.
    pub effects: Vec<Effect>,
}

/// The answer to `operation`.
pub struct Decision {
    /// Whether it may run.
    pub verdict: Verdict,
    /// What else to do.
    pub effects: Vec<Effect>,
    /// Follows the operation.
    pub exchange: Option<Box<dyn Exchange>>,
}

impl Connection {
    /// Go on.
    pub fn proceed() -> Self {
        Self {
            verdict: Verdict::Proceed,
            identity: None,
            effects: Vec::new(),
        }
    }

    /// Go on, as this identity.
    pub fn identified(identity: Identity) -> Self {
        Self {
            identity: Some(identity),
            ..Self::proceed()
        }
    }

    /// The same with an effect more.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

impl Decision {
    /// Go on.
    pub fn proceed() -> Self {
        Self {
            verdict: Verdict::Proceed,
            effects: Vec::new(),
            exchange: None,
        }
    }

    /// The same with an effect more.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// The same, and it stands: it would be the same for every operation of the
    /// session that is the same statement, as long as identity, attributes and
    /// configuration stay, and so would what its exchange wants of results of one
    /// shape. The host then need not ask again. Only for a filter that decides by
    /// these alone and keeps no count of its own.
    #[must_use]
    pub fn stands(self) -> Self {
        self.effect(Effect::stands())
    }

    /// The same, followed by an exchange.
    #[must_use]
    pub fn exchange(mut self, exchange: impl Exchange + 'static) -> Self {
        self.exchange = Some(Box::new(exchange));
        self
    }

    /// The denial, if it is one.
    pub fn denial(&self) -> Option<&Denial> {
        match &self.verdict {
            Verdict::Deny(denial) => Some(denial),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision")
            .field("verdict", &self.verdict)
            .field("effects", &self.effects)
            .field("exchange", &self.exchange.is_some())
            .finish()
    }
}

impl From<Denial> for Verdict {
    fn from(denial: Denial) -> Self {
        Self::Deny(denial)
    }
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            ..Self::proceed()
        }
    }
}

impl From<Denial> for Decision {
    fn from(denial: Denial) -> Self {
        Verdict::Deny(denial).into()
    }
}

impl From<Hold> for Decision {
    fn from(hold: Hold) -> Self {
        Verdict::Hold(hold).into()
    }
}

impl From<Denial> for Connection {
    fn from(denial: Denial) -> Self {
        Self {
            verdict: Verdict::Deny(denial),
            ..Self::proceed()
        }
    }
}

impl Hold {
    /// The same with an attribute more.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }
}
