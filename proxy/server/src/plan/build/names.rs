//! Names in the configuration of built-in filters: of issuers, groups and
//! targets. A rule for a group that nobody can be in is a rule that somebody
//! relies on and that never holds.

use narrowgate_config::{Config, did_you_mean, pointer_child};
use serde_json::Value;

use super::faults::Faults;

/// Members whose content has names of its own.
const OPAQUE: [&str; 3] = ["claims", "required_claims", "attributes"];

/// Names that there are.
pub(super) struct Names<'a> {
    /// The configuration.
    config: &'a Config,
}

impl<'a> Names<'a> {
    /// The names of a configuration.
    pub(super) fn of(config: &'a Config) -> Self {
        Self { config }
    }

    /// Reports names in a filter's configuration that lead nowhere; `at` is its
    /// pointer.
    pub(super) fn check(&self, value: &Value, at: &str, faults: &mut Faults<'_>) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    let at = pointer_child(at, key);
                    match self.kind(key) {
                        Some(known) => each(member, &at, |name, at| {
                            if let Some((message, hint)) = known.missing(name) {
                                faults.add(at, message, hint);
                            }
                        }),
                        None if OPAQUE.contains(&key.as_str()) => {}
                        None => self.check(member, &at, faults),
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check(item, &pointer_child(at, index), faults);
                }
            }
            _ => {}
        }
    }

    /// What the names under a key are of.
    fn kind(&self, key: &str) -> Option<Known<'a>> {
        let issuers = || self.config.issuers.iter();
        let groups = |people: bool| {
            let issuers = issuers().filter(move |issuer| issuer.people || !people);
            let groups = issuers.flat_map(|issuer| {
                let groups = issuer.groups.iter();
                groups.map(|group| (issuer.name.to_string(), group.as_str()))
            });
            groups.collect()
        };
        Some(match key {
            "issuers" => Known::Plain(
                "issuer",
                issuers().map(|issuer| issuer.name.as_str()).collect(),
            ),
            "targets" => {
                let targets = self.config.targets.iter();
                Known::Patterns(
                    "target",
                    targets.map(|target| target.name.as_str()).collect(),
                )
            }
            "subjects" => Known::Subjects(issuers().map(|issuer| issuer.name.as_str()).collect()),
            "groups" | "except" => Known::Groups("group", groups(false)),
            "approvers" => Known::Groups("group of people", groups(true)),
            _ => return None,
        })
    }
}

/// Names that there are of one kind.
enum Known<'a> {
    /// Names.
    Plain(&'static str, Vec<&'a str>),
    /// Names, which patterns stand for as well.
    Patterns(&'static str, Vec<&'a str>),
    /// Issuers of subjects, which are written `subject` or `issuer/subject`.
    Subjects(Vec<&'a str>),
    /// Groups with their issuers, written `group` or `issuer/group`.
    Groups(&'static str, Vec<(String, &'a str)>),
}

impl Known<'_> {
    /// What to say of a name that there is not, and what to do about it.
    fn missing(&self, name: &str) -> Option<(String, Option<String>)> {
        let (kind, name, known) = match self {
            Self::Patterns(..) if name.contains(['*', '?', '[', '{']) => return None,
            Self::Plain(kind, known) | Self::Patterns(kind, known) => (*kind, name, known.clone()),
            Self::Subjects(issuers) => ("issuer", qualified(name)?.0, issuers.clone()),
            Self::Groups(kind, groups) => {
                let meant = |(issuer, group): &(String, &str)| match qualified(name) {
                    Some((of, name)) => issuer == of && *group == name,
                    None => *group == name,
                };
                if groups.iter().any(meant) {
                    return None;
                }
                // As filters read it, a group that has a `/` itself is one of an issuer.
                if let Some((issuer, _)) = groups.iter().find(|(_, group)| *group == name) {
                    let message = format!("the {kind} `{name}` has a `/`: write its issuer, too");
                    return Some((message, Some(format!("write `{issuer}/{name}`"))));
                }
                (
                    *kind,
                    name,
                    groups.iter().map(|(_, group)| *group).collect(),
                )
            }
        };
        let there = known.contains(&name) && !matches!(self, Self::Groups(..));
        (!there).then(|| {
            let message = format!("there is no {kind} `{name}`");
            (message, did_you_mean(name, known))
        })
    }
}

/// Issuer and name of `issuer/name`, as the matcher of the filters reads it.
fn qualified(wanted: &str) -> Option<(&str, &str)> {
    let of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    wanted
        .split_once('/')
        .filter(|(issuer, _)| issuer.bytes().all(of_names))
}

/// Calls `found` with a text, or with each text of a list.
fn each(value: &Value, at: &str, mut found: impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => found(text, at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Value::String(text) = item {
                    found(text, &pointer_child(at, index));
                }
            }
        }
        _ => {}
    }
}
