//! Which operations wait for a person.
//!
//! A rule that matches an operation which is about to run holds it. Where
//! several match, what is asked for is the strictest of each: the most people,
//! the shortest wait, single use before a time box, and only groups that all of
//! the rules name.

mod config;

use narrowgate_sdk::Hold;
use narrowgate_sdk::Phase;
use narrowgate_sdk::matcher::{What, Who, qualified};
use narrowgate_sdk::prelude::*;

pub use config::{Config, OnDisconnect, Requirement, Transaction};

/// The filter.
pub struct Approval {
    rules: Vec<Rule>,
}

/// A requirement, ready to be asked.
struct Rule {
    who: Who,
    what: What,
    hold: Hold,
    keep: bool,
    within_transaction: bool,
}

impl Filter for Approval {
    type Config = Config;
    const DESCRIPTION: Description = Description::new("approval")
        .events(&[Event::Operation])
        .grants(&["identity"])
        .powers(&[Power::Hold, Power::Deny]);

    fn new(config: Config) -> Result<Self, Vec<ConfigError>> {
        config::compile(config).map(|rules| Self { rules })
    }

    fn operation(&self, session: &Session, operation: &Operation) -> Decision {
        // Nothing runs while it is being prepared, and its parameters, which
        // people have to see, are not known.
        if operation.phase == Phase::Prepare || self.rules.is_empty() {
            return Decision::proceed().stands();
        }
        let mut matching = self
            .rules
            .iter()
            .filter(|rule| rule.what.matches(operation) && rule.who.matches(session));
        let Some(first) = matching.next() else {
            return Decision::proceed().stands();
        };
        let mut strictest = Strictest::of(first);
        for rule in matching {
            strictest.add(rule);
        }
        strictest.decision()
    }
}

/// What several rules together ask for.
struct Strictest {
    hold: Hold,
    keep: bool,
    within_transaction: bool,
}

impl Strictest {
    fn of(rule: &Rule) -> Self {
        Self {
            hold: rule.hold.clone(),
            keep: rule.keep,
            within_transaction: rule.within_transaction,
        }
    }

    fn add(&mut self, rule: &Rule) {
        let hold = &mut self.hold;
        hold.rule = format!("{}, {}", hold.rule, rule.hold.rule);
        if !rule.hold.reason.is_empty() {
            hold.reason = match hold.reason.is_empty() {
                true => rule.hold.reason.clone(),
                false => format!("{}; {}", hold.reason, rule.hold.reason),
            };
        }
        hold.approvers = common(&hold.approvers, &rule.hold.approvers);
        hold.quorum = hold.quorum.max(rule.hold.quorum);
        hold.wait = hold.wait.min(rule.hold.wait);
        hold.grant = hold.grant.min(rule.hold.grant);
        self.keep &= rule.keep;
        self.within_transaction &= rule.within_transaction;
    }

    fn decision(self) -> Decision {
        if self.hold.approvers.is_empty() {
            return Denial::forbidden(
                "several rules ask for approval, and no group may give it for all of them",
            )
            .rule(&self.hold.rule)
            .hint("Tell whoever runs the gateway: the rules need a group in common.")
            .into();
        }
        self.hold
            .attribute("on_disconnect", if self.keep { "keep" } else { "cancel" })
            .attribute(
                "in_transaction",
                if self.within_transaction {
                    "hold"
                } else {
                    "deny"
                },
            )
            .into()
    }
}

/// Groups that both of two lists name: `dba` stands for the `dba` of every issuer,
/// `staff/dba` among them.
fn common(one: &[String], other: &[String]) -> Vec<String> {
    let names = |wider: &String, group: &String| {
        wider == group || qualified(group).is_some_and(|(_, group)| wider == group)
    };
    let within = |groups: &[String], others: &[String]| {
        let named = |group: &&String| others.iter().any(|wider| names(wider, group));
        groups.iter().filter(named).cloned().collect::<Vec<_>>()
    };
    let mut common = within(one, other);
    for group in within(other, one) {
        if !common.contains(&group) {
            common.push(group);
        }
    }
    common
}

narrowgate_sdk::export!(Approval);

#[cfg(test)]
mod tests;
