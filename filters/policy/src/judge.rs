//! Judging an operation by the rules that are meant for its session.

use narrowgate_sdk::postgres::SETTINGS;
use narrowgate_sdk::{
    Access, Decision, Denial, Effect, Glob, Object, Operation, Phase, Session, Value,
};

use crate::config::Catalog;
use crate::reading::{POWERS, counts, writes};
use crate::refuse::denies;
use crate::rule::Rule;
use crate::{denial, shipped};

/// True when one of the rules allows an action by its name, and none denies it.
pub(crate) fn allows<'r>(rules: impl Iterator<Item = &'r Rule>, action: &str) -> bool {
    let mut allowed = false;
    for rule in rules {
        if rule
            .deny
            .iter()
            .any(|entry| entry.everything || entry.acts(action))
        {
            return false;
        }
        allowed |= rule.allows_everything() || rule.acts_anywhere(action);
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
    if let Some(rule) = rules.iter().find(|rule| rule.allows_everything()) {
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
            let (issuer, subject) = session.identity().map_or(("", ""), |identity| {
                (identity.issuer.as_str(), identity.subject.as_str())
            });
            let key = format!("policy/{}/{issuer}/{subject}", rule.name);
            let limit = Effect::limit(&key, operations, per).with("rule", rule.name.as_str());
            decision = decision.effect(limit);
        }
    }
    decision.stands()
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
    settings(operation, rules)?;
    for (power, _) in POWERS
        .iter()
        .filter(|(_, attribute)| operation.is(attribute))
    {
        let named = |rule: &&&Rule| rule.allow.iter().any(|entry| entry.acts(power));
        add(rules
            .iter()
            .find(named)
            .ok_or_else(|| denial::action(power))?);
    }
    for action in &operation.actions {
        for rule in allows_action(action, operation, rules)? {
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
        "builtin" | "function" | "catalog-function" => function(operation, object, rules),
        "secret-catalog" => Err(denial::object(
            denial::verb(object.access),
            object,
            &[],
            false,
        )),
        "catalog" if object.access.write || object.access.define => Err(denial::object(
            denial::verb(object.access),
            object,
            &[],
            false,
        )),
        "catalog" => catalog(object, rules),
        _ => relation(operation, object, rules),
    }
}

/// The rules that allow what is done with a function. That it may be called gives
/// no right to define, change or remove it: for that it is like any other object.
fn function<'r>(
    operation: &Operation,
    object: &Object,
    rules: &[&'r Rule],
) -> Result<Vec<&'r Rule>, Denial> {
    let mut by = Vec::new();
    if object.access.define {
        by = relation(operation, object, rules)?;
    }
    if object.access.call || !object.access.define {
        by.extend(call(object, rules)?);
    }
    Ok(by)
}

/// The rule that lets a function be called: harmless ones are free, those on the
/// catalog go with browsing, and all others have to be named.
fn call<'r>(object: &Object, rules: &[&'r Rule]) -> Result<Option<&'r Rule>, Denial> {
    let on_catalog = object.kind == "catalog-function";
    if object.kind == "builtin"
        || (on_catalog && shipped::CATALOG_FUNCTIONS.contains(&object.name.as_str()))
    {
        return Ok(None);
    }
    let named = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(&object.name));
    rules
        .iter()
        .find(|rule| {
            rule.allow.iter().any(|entry| named(&entry.functions))
                || (on_catalog && rule.catalog == Catalog::Browse)
        })
        .map(|rule| Some(*rule))
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
    let known = shipped::CATALOG
        .iter()
        .any(|(name, _)| *name == object.name);
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
    // What is done with it is not told, so that it is at least read.
    let untold = object.access == Access::default();
    if object.access.read || untold {
        covered("select", "reading", object, &object.reads, rules, &mut by)?;
    }
    if object.access.write {
        let verb = match writes(operation).eq(["update"]) && operation.action == "select" {
            true => "locking rows of",
            false => "writing to",
        };
        for action in writes(operation) {
            covered(action, verb, object, &object.writes, rules, &mut by)?;
        }
    }
    if object.access.define {
        let denied = || denial::object("changing", object, &[], object.kind != "function");
        let free = |action: &str| shipped::ACTIONS.contains(&action) || action == "select";
        let mut actions = operation
            .actions
            .iter()
            .filter(|action| !free(action))
            .peekable();
        // Nothing that is free defines anything.
        if actions.peek().is_none() {
            return Err(denied());
        }
        for action in actions {
            let rule = rules.iter().find(|rule| rule.acts_on(action, &object.name));
            by.push(*rule.ok_or_else(denied)?);
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
    let hidden = !rules.iter().any(|rule| rule.names("select", &object.name));
    // Without columns it is the object as such: counting its rows.
    if columns.is_empty() {
        let rule = rules.iter().find(|rule| rule.names(action, &object.name));
        by.push(*rule.ok_or_else(|| denial::object(verb, object, &[], hidden))?);
        return Ok(());
    }
    let mut missing = Vec::new();
    for column in columns {
        match rules
            .iter()
            .find(|rule| rule.covers(action, &object.name, column))
        {
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

/// The rules that allow an action: it has to be one of the session's own, one
/// that its objects stand for, or one that is named.
fn allows_action<'r>(
    action: &str,
    operation: &Operation,
    rules: &[&'r Rule],
) -> Result<Vec<&'r Rule>, Denial> {
    let own = shipped::ACTIONS.contains(&action) || matches!(action, "set" | "show");
    let mut objects = operation
        .objects
        .iter()
        .filter(|object| counts(object))
        .peekable();
    let by_objects = match action {
        "select" => true,
        "insert" | "update" | "delete" | "merge" | "truncate" => {
            objects.any(|object| object.access.write)
        }
        // The lock that reading takes goes with reading.
        "lock" => objects.any(|object| object.access.write || object.access.read),
        "copy" => {
            let named = |object: &Object| rules.iter().any(|rule| rule.names("copy", &object.name));
            objects.peek().is_none() || objects.all(named)
        }
        // Calling is decided by the function.
        "call" => operation.objects.iter().any(|object| object.access.call),
        _ => objects.any(|object| object.access.define),
    };
    if own || by_objects {
        return Ok(Vec::new());
    }
    if let Some(rule) = rules.iter().find(|rule| rule.acts_anywhere(action)) {
        return Ok(vec![*rule]);
    }
    // Every object has to be one that the action is allowed on.
    let mut by = Vec::new();
    for object in operation.objects.iter().filter(|object| counts(object)) {
        let rule = rules.iter().find(|rule| rule.acts_on(action, &object.name));
        by.push(*rule.ok_or_else(|| denial::action(action))?);
    }
    if by.is_empty() {
        Err(denial::action(action))
    } else {
        Ok(by)
    }
}

/// Settings may be set from a list, and shown from a longer one, in whatever form.
/// Whoever browses the catalog sees them all there.
fn settings(operation: &Operation, rules: &[&Rule]) -> Result<(), Denial> {
    let browses = rules.iter().any(|rule| rule.catalog == Catalog::Browse);
    let changed = |name: &str| SETTINGS.contains(&name) || name == "all";
    let shown = |name: &str| browses || SETTINGS.contains(&name) || shipped::SHOWN.contains(&name);
    named_settings(
        operation,
        "narrowgate.postgres.setting",
        "changing",
        changed,
    )?;
    named_settings(operation, "narrowgate.postgres.shown", "showing", shown)
}

/// The settings that an attribute names are all known.
fn named_settings(
    operation: &Operation,
    attribute: &str,
    verb: &str,
    known: impl Fn(&str) -> bool,
) -> Result<(), Denial> {
    let settings = match operation.attribute(attribute) {
        // SET TRANSACTION and its like name no setting.
        None => return Ok(()),
        Some(Value::Texts(settings)) => settings.as_slice(),
        Some(Value::Text(setting)) => std::slice::from_ref(setting),
        Some(_) => return Err(denial::setting(verb, "*")),
    };
    match settings.iter().find(|name| !known(name)) {
        Some(name) => Err(denial::setting(verb, name)),
        None => Ok(()),
    }
}
