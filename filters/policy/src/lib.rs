//! What an identity may do: default deny, explicit rules, and a deny that no
//! allowance lifts.
//!
//! Every action, every object with its access and columns, and every function
//! of an operation has to be allowed by some rule that is meant for the
//! session. What drivers and `psql` need to connect is allowed by itself; see
//! [`shipped`].

mod config;
mod denial;
mod judge;
mod pattern;
mod reading;
mod refuse;
mod rule;
mod shipped;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use narrowgate_sdk::Value;
use narrowgate_sdk::prelude::*;

pub use config::{Catalog, Config, Entry, Rate, Rule};

/// Session attribute: the session may be listening to a channel.
const LISTENS: &str = "policy.listens";

/// Sessions whose rules are kept; more are worked out anew.
const SESSIONS: usize = 4096;

/// Places of the rules that are meant for a session, as of a revision of it.
type Meant = (u32, Rc<[usize]>);

/// The filter.
pub struct Policy {
    /// The rules, in the order of the configuration.
    rules: Vec<rule::Rule>,
    /// Rules that are meant for a session, by its number, with its revision.
    sessions: RefCell<HashMap<u64, Meant>>,
}

impl Filter for Policy {
    type Config = Config;
    const DESCRIPTION: Description = Description::new("policy")
        .events(&[Event::Operation, Event::Renew])
        .grants(&["identity"])
        .powers(&[Power::Deny]);

    fn new(config: Config) -> Result<Self, Vec<ConfigError>> {
        let rules = rule::compile(config)?;
        Ok(Self {
            rules,
            sessions: RefCell::default(),
        })
    }

    /// Rights are judged with every operation. What goes on without one, a
    /// channel that is listened to, ends when nothing allows it any more.
    fn renew(&self, session: &Session) -> Verdict {
        let listens = matches!(session.attribute(LISTENS), Some(Value::Boolean(true)));
        let meant = || self.rules.iter().filter(|rule| rule.who.matches(session));
        match listens && !judge::allows(meant(), "listen") {
            true => denial::action("listen").into(),
            false => Verdict::Proceed,
        }
    }

    fn operation(&self, session: &Session, operation: &Operation) -> Decision {
        let meant = self.meant(session);
        let rules: Vec<&rule::Rule> = meant
            .iter()
            .filter_map(|place| self.rules.get(*place))
            .collect();
        let decision = judge::judge(session, operation, &rules);
        let listens = operation.actions.iter().any(|action| action == "listen");
        match listens && decision.denial().is_none() {
            true => decision.effect(
                Effect::new("attribute")
                    .with("name", LISTENS)
                    .with("value", true),
            ),
            false => decision,
        }
    }
}

impl Policy {
    /// The rules that are meant for a session.
    fn meant(&self, session: &Session) -> Rc<[usize]> {
        let mut sessions = self.sessions.borrow_mut();
        match sessions.get(&session.number()) {
            Some((revision, meant)) if *revision == session.revision() => meant.clone(),
            _ => {
                let meant: Rc<[usize]> = (0..self.rules.len())
                    .filter(|place| {
                        self.rules
                            .get(*place)
                            .is_some_and(|rule| rule.who.matches(session))
                    })
                    .collect();
                if sessions.len() >= SESSIONS {
                    sessions.clear();
                }
                sessions.insert(session.number(), (session.revision(), meant.clone()));
                meant
            }
        }
    }
}

narrowgate_sdk::export!(Policy);

#[cfg(test)]
mod tests;
