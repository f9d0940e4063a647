//! The requirements as they are written.

use std::collections::BTreeMap;

use narrowgate_sdk::matcher::{OneOrMany, What, Who};
use narrowgate_sdk::{ConfigError, Glob, Hold, seconds};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Rule;

/// Longest wait and longest grant, in seconds: a week.
const LONGEST: u64 = 7 * 86_400;
/// Most people.
const PEOPLE: u32 = 20;

/// The approvals of a chain.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Operations that wait for a person.
    pub require: Vec<Requirement>,
}

/// Operations that wait for a person. What is left out means everything, or
/// everybody.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its name; without one it is named by its place: `require-1`.
    pub name: Option<String>,
    /// Actions, any of which is enough: `drop`, `delete`. What code does that a
    /// statement only runs is not seen: name `do` and `call` as well for those who
    /// may use them.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Names or patterns of objects, any of which is enough: `public.*`.
    #[serde(default)]
    pub objects: Vec<Glob>,
    /// Attributes of the operation that have to have these values.
    #[serde(default)]
    pub attributes: BTreeMap<String, OneOrMany>,
    /// Groups of those who have to ask.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Subjects who have to ask.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Issuers whose subjects have to ask.
    #[serde(default)]
    pub issuers: Vec<String>,
    /// Claims of those who have to ask.
    #[serde(default)]
    pub claims: BTreeMap<String, OneOrMany>,
    /// Targets where one has to ask.
    #[serde(default)]
    pub targets: Vec<Glob>,
    /// Protocols in which one has to ask.
    #[serde(default)]
    pub protocols: Vec<String>,
    /// Groups whose members may approve: `dba`, or `staff/dba` for the group of one
    /// issuer.
    pub approvers: Vec<String>,
    /// How many distinct people have to agree.
    #[serde(default = "one")]
    pub quorum: u32,
    /// How long the request stands: `10m`.
    #[serde(default = "ten_minutes")]
    pub wait: String,
    /// How long the consent lasts: `single` for one use, or a time such as `15m`
    /// in which the same operation may be repeated.
    #[serde(default = "single")]
    pub grant: String,
    /// Shown to those who approve.
    #[serde(default)]
    pub reason: String,
    /// What becomes of the request when the client goes away.
    #[serde(default)]
    pub on_disconnect: OnDisconnect,
    /// What becomes of it in a transaction that has already written.
    #[serde(default)]
    pub in_transaction: Transaction,
}

/// What becomes of a request when its client goes away.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum OnDisconnect {
    /// It is withdrawn.
    #[default]
    Cancel,
    /// It stands until its deadline, for the same client to come back to.
    Keep,
}

/// What becomes of an operation in a transaction that has already written,
/// whose locks would wait with it.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Transaction {
    /// It is denied.
    #[default]
    Deny,
    /// It waits all the same.
    Hold,
}

fn one() -> u32 {
    1
}

fn ten_minutes() -> String {
    "10m".to_owned()
}

fn single() -> String {
    "single".to_owned()
}

/// Makes the requirements ready.
pub(crate) fn compile(config: Config) -> Result<Vec<Rule>, Vec<ConfigError>> {
    let mut errors = Vec::new();
    let rules = config
        .require
        .into_iter()
        .enumerate()
        .map(|(n, requirement)| {
            let mut wrong = |field: &str, message: &str| {
                errors.push(ConfigError::new(format!("/require/{n}/{field}"), message));
            };
            if requirement.name.as_ref().is_some_and(String::is_empty) {
                wrong("name", "a name has at least one letter");
            }
            if requirement.approvers.is_empty() {
                wrong("approvers", "at least one group has to be named");
            }
            if !(1..=PEOPLE).contains(&requirement.quorum) {
                wrong("quorum", "from 1 to 20");
            }
            let wait = bounded(&requirement.wait).unwrap_or_else(|| {
                wrong("wait", "a time from 1s to 7d, such as 10m");
                1
            });
            let grant = match requirement.grant.as_str() {
                "single" => 0,
                time => bounded(time).unwrap_or_else(|| {
                    wrong("grant", "`single`, or a time from 1s to 7d, such as 15m");
                    0
                }),
            };
            Rule {
                who: Who {
                    groups: requirement.groups,
                    subjects: requirement.subjects,
                    issuers: requirement.issuers,
                    claims: requirement.claims,
                    targets: requirement.targets,
                    protocols: requirement.protocols,
                },
                what: What {
                    actions: requirement.actions,
                    objects: requirement.objects,
                    attributes: requirement.attributes,
                },
                hold: Hold {
                    rule: requirement
                        .name
                        .unwrap_or_else(|| format!("require-{}", n + 1)),
                    reason: requirement.reason,
                    approvers: requirement.approvers,
                    quorum: requirement.quorum,
                    wait,
                    grant,
                    attributes: Vec::new(),
                },
                keep: requirement.on_disconnect == OnDisconnect::Keep,
                within_transaction: requirement.in_transaction == Transaction::Hold,
            }
        })
        .collect();
    if errors.is_empty() {
        Ok(rules)
    } else {
        Err(errors)
    }
}

/// Seconds of a time that is not too long.
fn bounded(text: &str) -> Option<u64> {
    seconds(text).filter(|seconds| *seconds <= LONGEST)
}
