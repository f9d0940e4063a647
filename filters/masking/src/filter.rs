//! The filter: events in, answers out.

use std::rc::Rc;

use narrowgate_sdk::{
    ConfigError, Decision, Description, Event, Filter, Message, MessageOutcome, Operation, Phase,
    Power, Session,
};

use crate::config::Config;
use crate::exchange;
use crate::message;
use crate::rules::Rules;
use crate::scope::Scopes;
use crate::statement::{self, Outcome};

/// Masks what an agent must not see.
pub struct Masking {
    rules: Rc<Rules>,
    scopes: Scopes,
}

impl Filter for Masking {
    type Config = Config;

    const DESCRIPTION: Description = Description::new("masking")
        .version(env!("CARGO_PKG_VERSION"))
        .events(&[Event::Operation, Event::Message])
        .grants(&["identity", "results"])
        .powers(&[Power::Deny, Power::Edit])
        .secrets(&["/key"]);

    fn new(config: Config) -> Result<Self, Vec<ConfigError>> {
        Ok(Self {
            rules: Rc::new(Rules::new(config)?),
            scopes: Scopes::default(),
        })
    }

    fn operation(&self, session: &Session, operation: &Operation) -> Decision {
        let scope = self.scopes.of(&self.rules, session);
        if scope.is_exempt() {
            return Decision::proceed().stands();
        }
        match statement::decide(&scope, operation) {
            Outcome::Refused(denial) => denial.into(),
            // Also while it is being prepared: there are errors then, too.
            Outcome::Masked(plan) => self.follow(Some(plan)),
            Outcome::Free
                if self.rules.detectors.is_some() && operation.phase == Phase::Execute =>
            {
                self.follow(None)
            }
            Outcome::Free => Decision::proceed().stands(),
        }
    }

    fn message(&self, session: &Session, message: &Message) -> MessageOutcome {
        message::outside(&self.scopes.of(&self.rules, session), message)
    }
}

impl Masking {
    /// Go on, and see to the results.
    fn follow(&self, plan: Option<statement::Plan>) -> Decision {
        Decision::proceed()
            .exchange(exchange::Masking::new(self.rules.clone(), plan))
            .stands()
    }
}
