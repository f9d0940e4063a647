//! Judging an operation by the rules that are meant for its session.

use narrowgate_sdk::matcher::Who;
use narrowgate_sdk::{
    ConfigError, Decision, Denial, Effect, Glob, Object, Operation, Phase, Session, Value,
};

use crate::config::{Catalog, Config, Entry};
use crate::pattern::Pattern;
use crate::{denial, shipped};

/// Actions that write rows.
const WRITES: &[&str] = &["insert", "update", "delete", "merge", "truncate", "copy", "lock"];

/// What reaches beyond the objects that a statement names: each takes a rule that
/// names it among its actions.
const POWERS: &[&str] =
    &["server_file", "server_program", "changes_role", "lasting_setting", "creates_code"];

/// A rule, ready to be asked.
pub(crate) struct Rule {
    pub(crate) name: String,
    /// Whom it is for.
    pub(crate) who: Who,
    allow: Vec<Entry>,
    deny: Vec<Entry>,
    catalog: Catalog,
    rows: Option<u64>,
    /// Operations, and seconds.
    rate: Option<(u64, u64)>,
}

/// Makes the rules of a configuration ready.
pub(crate) fn compile(config: Config) -> Result<Vec<Rule>, Vec<ConfigError>> {
    let mut errors = Vec::new();
    let mut names = std::collections::HashSet::new();
    let rules = config
        .rules
        .into_iter()
        .enumerate()
        .map(|(n, rule)| {
            if rule.name.is_empty() || !names.insert(rule.name.clone()) {
                let pointer = format!("/rules/{n}/name");
                errors.push(ConfigError::new(pointer, "a rule needs a name of its own"));
            }
            let rate = rule.rate.map(|rate| match seconds(&rate.per) {
                Some(per) if rate.operations > 0 => (rate.operations, per),
                _ => {
                    let pointer = format!("/rules/{n}/rate");
                    let message = "needs operations above 0 and a time such as 30s, 1m or 1h";
                    errors.push(ConfigError::new(pointer, message));
                    (1, 1)
                }
            });
            if rule.allow.is_empty() && rule.deny.is_empty() && rule.catalog == Catalog::None {
                let pointer = format!("/rules/{n}");
                errors.push(ConfigError::new(pointer, "the rule neither allows nor denies anything"));
            }
            Rule {
                name: rule.name,
                who: Who {
                    groups: rule.groups,
                    subjects: rule.subjects,
                    issuers: rule.issuers,
                    claims: rule.claims,
                    targets: rule.targets,
                    protocols: Vec::new(),
                },
                allow: rule.allow,
                deny: rule.deny,
                catalog: rule.catalog,
                rows: rule.rows,
                rate,
            }
        })
        .collect();
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

/// Seconds of a time such as `30s`.
fn seconds(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text.strip_suffix(unit)?.parse().ok().filter(|n| *n > 0)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// True when one of the rules allows an action by its name, and none denies it.
pub(crate) fn allows<'r>(rules: impl Iterator<Item = &'r Rule>, action: &str) -> bool {
    let names = |entry: &Entry| entry.everything || entry.actions.iter().any(|named| named == action);
    let mut allowed = false;
    for rule in rules {
        if rule.deny.iter().any(names) {
            return false;
        }
        allowed |= rule.allow.iter().any(names);
    }
    allowed
}

/// The decision about an operation.
pub(crate) fn judge(session: &Session, operation: &Operation, rules: &[&Rule]) -> Decision {
    for rule in rules {
        if let Some(what) = rule.deny.iter().find_map(|entry| denies(entry, operation)) {
            return denial::explicit(&rule.name, &what).into();
        }
    }
    if let Some(rule) = rules.iter().find(|rule| rule.allow.iter().any(|entry| entry.everything)) {
        return allowed(session, operation, &[rule]);
    }
    if let Some(why) = operation.unresolved.first() {
        return denial::unresolved(why).into();
    }
    match by(operation, rules) {
        Ok(by) => allowed(session, operation, &by),
        Err(denial) => denial.into(),
    }
}

/// The decision when these rules allow it, with what they ask for.
fn allowed(session: &Session, operation: &Operation, by: &[&Rule]) -> Decision {
    let mut decision = Decision::proceed();
    for rule in by {
        decision = decision.effect(Effect::rule(&rule.name));
        if operation.phase == Phase::Prepare {
            continue;
        }
        if let Some(rows) = rule.rows {
            decision = decision.effect(Effect::rows(rows));
        }
        if let Some((operations, per)) = rule.rate {
            let (issuer, subject) = session
                .identity()
                .map_or(("", ""), |identity| (identity.issuer.as_str(), identity.subject.as_str()));
            let key = format!("policy/{}/{issuer}/{subject}", rule.name);
            let limit = Effect::limit(&key, operations, per).with("rule", rule.name.as_str());
            decision = decision.effect(limit);
        }
    }
    decision
}

/// The rules that allow every part of an operation, or why they do not.
fn by<'r>(operation: &Operation, rules: &[&'r Rule]) -> Result<Vec<&'r Rule>, Denial> {
    let mut by: Vec<&Rule> = Vec::new();
    let mut add = |rule: &'r Rule| {
        if !by.iter().any(|known| known.name == rule.name) {
            by.push(rule);
        }
    };
    for object in &operation.objects {
        for rule in allows_object(operation, object, rules)? {
            add(rule);
        }
    }
    settings(operation)?;
    for power in POWERS.iter().filter(|power| operation.is(&format!("narrowgate.postgres.{power}"))) {
        let named = |entry: &Entry| entry.actions.iter().any(|action| action == power);
        let rule = rules.iter().find(|rule| rule.allow.iter().any(named));
        add(*rule.ok_or_else(|| denial::action(power))?);
    }
    for action in &operation.actions {
        if let Some(rule) = allows_action(action, operation, rules)? {
            add(rule);
        }
    }
    Ok(by)
}

/// The rules that allow what is done with an object.
fn allows_object<'r>(
    operation: &Operation,
    object: &Object,
    rules: &[&'r Rule],
) -> Result<Vec<&'r Rule>, Denial> {
    match object.kind.as_str() {
        // The view or parent through which it is reached decides.
        kind if kind.starts_with("base:") => Ok(Vec::new()),
        "builtin" => Ok(Vec::new()),
        "function" => function(object, rules, false),
        "catalog-function" => function(object, rules, true),
        "secret-catalog" => Err(denial::object(denial::verb(object.access), object, &[], false)),
        "catalog" if object.access.write || object.access.define => {
            Err(denial::object(denial::verb(object.access), object, &[], false))
        }
        "catalog" => catalog(object, rules),
        _ => relation(operation, object, rules),
    }
}

/// A function has to be named, or, of those on the catalog, browsing allowed.
fn function<'r>(
    object: &Object,
    rules: &[&'r Rule],
    on_catalog: bool,
) -> Result<Vec<&'r Rule>, Denial> {
    if on_catalog && shipped::CATALOG_FUNCTIONS.contains(&object.name.as_str()) {
        return Ok(Vec::new());
    }
    let named = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(&object.name));
    rules
        .iter()
        .find(|rule| {
            rule.allow.iter().any(|entry| named(&entry.functions))
                || (on_catalog && rule.catalog == Catalog::Browse)
        })
        .map(|rule| vec![*rule])
        .ok_or_else(|| denial::object("calling", object, &[], false))
}

/// Catalog columns that drivers read are free; all others take browsing.
fn catalog<'r>(object: &Object, rules: &[&'r Rule]) -> Result<Vec<&'r Rule>, Denial> {
    let columns: Vec<&str> = object
        .reads
        .iter()
        .map(String::as_str)
        .filter(|column| !shipped::catalog(&object.name, column))
        .collect();
    let known = shipped::CATALOG.iter().any(|(name, _)| *name == object.name);
    if known && columns.is_empty() {
        return Ok(Vec::new());
    }
    rules
        .iter()
        .find(|rule| rule.catalog == Catalog::Browse)
        .map(|rule| vec![*rule])
        .ok_or_else(|| denial::object("reading", object, &columns, false))
}

/// A relation, or anything else that has a name: each kind of access and each
/// column has to be allowed.
fn relation<'r>(
    operation: &Operation,
    object: &Object,
    rules: &[&'r Rule],
) -> Result<Vec<&'r Rule>, Denial> {
    let mut by = Vec::new();
    if object.access.read {
        covered("select", "reading", object, &object.reads, rules, &mut by)?;
    }
    if object.access.write {
        let mut actions = WRITES
            .iter()
            .copied()
            .filter(|write| operation.actions.iter().any(|action| action == write))
            .peekable();
        // Which of several actions writes which object is not told, so that all
        // of them have to be allowed. Rows that are only locked are `update`.
        if actions.peek().is_none() {
            covered("update", "locking rows of", object, &object.writes, rules, &mut by)?;
        }
        for action in actions {
            let action = if action == "copy" { "insert" } else { action };
            covered(action, "writing to", object, &object.writes, rules, &mut by)?;
        }
    }
    if object.access.define {
        for action in &operation.actions {
            if shipped::ACTIONS.contains(&action.as_str()) || action == "select" {
                continue;
            }
            let rule = rules.iter().find(|rule| {
                rule.allow.iter().any(|entry| {
                    entry.actions.contains(action)
                        && (entry.objects.is_empty()
                            || entry.objects.iter().any(|pattern| pattern.names(&object.name)))
                })
            });
            let hidden = object.kind != "function";
            by.push(*rule.ok_or_else(|| denial::object("changing", object, &[], hidden))?);
        }
    }
    Ok(by)
}

/// Adds the rules that together allow an action on all columns of an object.
fn covered<'r>(
    action: &str,
    verb: &str,
    object: &Object,
    columns: &[String],
    rules: &[&'r Rule],
    by: &mut Vec<&'r Rule>,
) -> Result<(), Denial> {
    let seen = |rule: &&Rule| patterns(rule, "select").any(|pattern| pattern.names(&object.name));
    let hidden = !rules.iter().any(seen);
    // Without columns it is the object as such: counting its rows.
    if columns.is_empty() {
        let rule = rules.iter().find(|rule| {
            patterns(rule, action).any(|pattern| pattern.names(&object.name))
        });
        by.push(*rule.ok_or_else(|| denial::object(verb, object, &[], hidden))?);
        return Ok(());
    }
    let mut missing = Vec::new();
    for column in columns {
        let rule = rules.iter().find(|rule| {
            patterns(rule, action).any(|pattern| pattern.covers(&object.name, column))
        });
        match rule {
            Some(rule) => by.push(rule),
            None => missing.push(column.as_str()),
        }
    }
    match missing.len() {
        0 => Ok(()),
        all if all == columns.len() => Err(denial::object(verb, object, &[], hidden)),
        _ => Err(denial::object(verb, object, &missing, false)),
    }
}

/// The patterns by which a rule allows an action.
fn patterns<'r>(rule: &'r Rule, action: &str) -> impl Iterator<Item = &'r Pattern> {
    let action = action.to_owned();
    rule.allow.iter().flat_map(move |entry| {
        let by_action: &[Pattern] = match entry.actions.contains(&action) {
            true => &entry.objects,
            false => &[],
        };
        of(entry, &action).iter().chain(by_action)
    })
}

/// The patterns of an entry for an action.
fn of<'e>(entry: &'e Entry, action: &str) -> &'e [Pattern] {
    match action {
        "select" => &entry.select,
        "insert" => &entry.insert,
        "update" => &entry.update,
        "delete" => &entry.delete,
        "merge" => &entry.merge,
        "truncate" => &entry.truncate,
        "copy" => &entry.copy,
        "lock" => &entry.lock,
        _ => &[],
    }
}

/// An action has to be one of the session's own, one that its objects stand
/// for, or one that is named.
fn allows_action<'r>(
    action: &str,
    operation: &Operation,
    rules: &[&'r Rule],
) -> Result<Option<&'r Rule>, Denial> {
    let own = shipped::ACTIONS.contains(&action) || matches!(action, "set" | "show");
    let touches = |object: &&Object| !matches!(object.kind.as_str(), "builtin");
    let by_objects = match action {
        "select" => true,
        "insert" | "update" | "delete" | "merge" | "truncate" | "lock" => {
            operation.objects.iter().any(|object| object.access.write)
        }
        "copy" => {
            let named = |object: &Object| {
                rules.iter().any(|rule| patterns(rule, "copy").any(|p| p.names(&object.name)))
            };
            let mut relations = operation.objects.iter().filter(touches).peekable();
            relations.peek().is_none() || relations.all(named)
        }
        // Calling is decided by the function.
        "call" => operation.objects.iter().any(|object| object.access.call),
        _ => operation.objects.iter().any(|object| object.access.define),
    };
    if own || by_objects {
        return Ok(None);
    }
    rules
        .iter()
        .find(|rule| {
            rule.allow.iter().any(|entry| {
                entry.actions.iter().any(|named| named == action)
                    && (entry.objects.is_empty() || !operation.objects.is_empty())
            })
        })
        .map(|rule| Some(*rule))
        .ok_or_else(|| denial::action(action))
}

/// Settings may be set from a list, and shown from a longer one.
fn settings(operation: &Operation) -> Result<(), Denial> {
    // SET TRANSACTION and its like name no setting.
    let Some(Value::Texts(settings)) = operation.attribute("narrowgate.postgres.setting") else {
        return Ok(());
    };
    let shows = operation.action == "show";
    for setting in settings {
        let name = setting.as_str();
        let known = shipped::SETTINGS.contains(&name)
            || (shows && shipped::SHOWN.contains(&name))
            || (!shows && name == "all");
        if !known {
            return Err(denial::setting(if shows { "showing" } else { "changing" }, name));
        }
    }
    Ok(())
}

/// What of an operation an entry denies, in words.
fn denies(entry: &Entry, operation: &Operation) -> Option<String> {
    if entry.everything {
        return Some("everything".to_owned());
    }
    let does = |action: &str| operation.actions.iter().any(|known| known == action);
    for object in &operation.objects {
        if object.access.call && entry.functions.iter().any(|glob| glob.matches(&object.name)) {
            return Some(format!("calling {}", object.name));
        }
        let name = &object.name;
        let touches = |patterns: &[Pattern], columns: &[String]| {
            patterns.iter().any(|pattern| {
                pattern.names(name)
                    && (pattern.is_whole() || columns.iter().any(|c| pattern.covers(name, c)))
            })
        };
        if object.access.read && touches(&entry.select, &object.reads) {
            return Some(format!("reading {name}"));
        }
        let writes = WRITES.iter().filter(|write| does(write));
        if object.access.write
            && writes.clone().any(|write| touches(of(entry, write), &object.writes))
        {
            return Some(format!("writing to {name}"));
        }
    }
    let action = entry.actions.iter().find(|action| does(action))?;
    let named = entry.objects.is_empty()
        || operation.objects.iter().any(|object| entry.objects.iter().any(|p| p.names(&object.name)));
    named.then(|| format!("the action {action}"))
}
