//! The rules, checked and ready to be asked.

use std::collections::HashSet;

use narrowgate_sdk::matcher::Who;
use narrowgate_sdk::{ConfigError, seconds};

use crate::config::{self, Catalog, Config, Entry};
use crate::pattern::Pattern;

/// A rule, ready to be asked.
pub(crate) struct Rule {
    pub(crate) name: String,
    /// Whom it is for, and where.
    pub(crate) who: Who,
    pub(crate) allow: Vec<Entry>,
    pub(crate) deny: Vec<Entry>,
    pub(crate) catalog: Catalog,
    pub(crate) rows: Option<u64>,
    /// Operations, and seconds.
    pub(crate) rate: Option<(u64, u64)>,
}

/// Makes the rules of a configuration ready.
pub(crate) fn compile(config: Config) -> Result<Vec<Rule>, Vec<ConfigError>> {
    let mut errors = Vec::new();
    let mut names = HashSet::new();
    let rules = config
        .rules
        .into_iter()
        .enumerate()
        .map(|(n, rule)| {
            let mut wrong = |field: &str, message: &str| {
                errors.push(ConfigError::new(format!("/rules/{n}{field}"), message));
            };
            if rule.name.is_empty() || !names.insert(rule.name.clone()) {
                wrong("/name", "a rule needs a name of its own");
            }
            if rule.allow.is_empty() && rule.deny.is_empty() && rule.catalog == Catalog::None {
                wrong("", "the rule neither allows nor denies anything");
            }
            for (field, entries) in [("allow", &rule.allow), ("deny", &rule.deny)] {
                for (m, entry) in entries.iter().enumerate() {
                    if let Some(message) = entry.wrong() {
                        wrong(&format!("/{field}/{m}"), message);
                    }
                }
            }
            let rate = rule.rate.as_ref().map(|rate| match seconds(&rate.per) {
                Some(per) if rate.operations > 0 => (rate.operations, per),
                _ => {
                    wrong(
                        "/rate",
                        "needs operations above 0 and a time such as 30s, 1m or 1h",
                    );
                    (1, 1)
                }
            });
            Rule::new(rule, rate)
        })
        .collect();
    if errors.is_empty() {
        Ok(rules)
    } else {
        Err(errors)
    }
}

impl Rule {
    fn new(rule: config::Rule, rate: Option<(u64, u64)>) -> Self {
        Self {
            name: rule.name,
            who: Who {
                groups: rule.groups,
                subjects: rule.subjects,
                issuers: rule.issuers,
                claims: rule.claims,
                targets: rule.targets,
                protocols: rule.protocols,
            },
            allow: rule.allow,
            deny: rule.deny,
            catalog: rule.catalog,
            rows: rule.rows,
            rate,
        }
    }

    /// True when it allows everything.
    pub(crate) fn allows_everything(&self) -> bool {
        self.allow.iter().any(|entry| entry.everything)
    }

    /// True when it allows an action on an object, on some of its columns at
    /// least.
    pub(crate) fn names(&self, action: &str, object: &str) -> bool {
        self.allow.iter().any(|entry| entry.names(action, object))
    }

    /// True when it allows an action on a column of an object.
    pub(crate) fn covers(&self, action: &str, object: &str, column: &str) -> bool {
        self.allow
            .iter()
            .any(|entry| entry.covers(action, object, column))
    }

    /// True when it allows an action by its name, whatever it is done to.
    pub(crate) fn acts_anywhere(&self, action: &str) -> bool {
        self.allow
            .iter()
            .any(|entry| entry.acts(action) && entry.objects.is_empty())
    }

    /// True when it allows an action by its name on an object.
    pub(crate) fn acts_on(&self, action: &str, object: &str) -> bool {
        self.allow
            .iter()
            .any(|entry| entry.acts(action) && entry.means(object))
    }
}

impl Entry {
    /// What is wrong with it: it would not do what it looks like.
    fn wrong(&self) -> Option<&'static str> {
        let relations = [
            &self.select,
            &self.insert,
            &self.update,
            &self.delete,
            &self.merge,
            &self.truncate,
            &self.copy,
            &self.lock,
        ];
        let some = relations.iter().any(|patterns| !patterns.is_empty())
            || !self.functions.is_empty()
            || !self.actions.is_empty();
        match (self.everything, some, self.objects.is_empty()) {
            (true, false, true) | (false, true, true) => None,
            (true, ..) => Some("`everything` stands alone: nothing beside it narrows it"),
            (false, false, true) => Some("the entry names nothing"),
            (false, ..) if self.actions.is_empty() => Some("`objects` need `actions`"),
            (false, ..) => None,
        }
    }

    /// True when it names an action.
    pub(crate) fn acts(&self, action: &str) -> bool {
        self.actions.iter().any(|named| named == action)
    }

    /// True when its actions are meant for an object.
    pub(crate) fn means(&self, object: &str) -> bool {
        self.objects.is_empty() || self.objects.iter().any(|pattern| pattern.names(object))
    }

    /// True when an action on an object is meant, on some of its columns at least.
    fn names(&self, action: &str, object: &str) -> bool {
        self.of(action).iter().any(|pattern| pattern.names(object))
            || (self.acts(action) && self.means(object))
    }

    /// True when an action on a column of an object is meant.
    fn covers(&self, action: &str, object: &str, column: &str) -> bool {
        let covers = |pattern: &Pattern| pattern.covers(object, column);
        self.of(action).iter().any(covers)
            || (self.acts(action) && (self.objects.is_empty() || self.objects.iter().any(covers)))
    }

    /// The patterns under the key of an action.
    pub(crate) fn of(&self, action: &str) -> &[Pattern] {
        match action {
            "select" => &self.select,
            "insert" => &self.insert,
            "update" => &self.update,
            "delete" => &self.delete,
            "merge" => &self.merge,
            "truncate" => &self.truncate,
            "copy" => &self.copy,
            "lock" => &self.lock,
            _ => &[],
        }
    }
}
