//! What a rule denies, whatever else allows it.

use narrowgate_sdk::{Object, Operation};

use crate::config::Entry;
use crate::pattern::Pattern;
use crate::reading::{does, writes};

/// What of an operation an entry denies, in words.
pub(crate) fn denies(entry: &Entry, operation: &Operation) -> Option<String> {
    if entry.everything {
        return Some("everything".to_owned());
    }
    operation
        .objects
        .iter()
        .find_map(|object| of_object(entry, operation, object))
        .or_else(|| of_action(entry, operation))
}

/// What an entry denies of what is done with an object. Those that are reached
/// through a view are objects as well.
fn of_object(entry: &Entry, operation: &Operation, object: &Object) -> Option<String> {
    let name = &object.name;
    if object.access.call && entry.functions.iter().any(|glob| glob.matches(name)) {
        return Some(format!("calling {name}"));
    }
    let copies = does(operation, "copy");
    if object.access.read {
        let reads = |patterns: &[Pattern]| {
            patterns.iter().any(|pattern| {
                pattern.names(name)
                    && (pattern.is_whole() || object.reads.iter().any(|c| pattern.covers(name, c)))
            })
        };
        if reads(&entry.select) {
            return Some(format!("reading {name}"));
        }
        if copies && reads(&entry.copy) {
            return Some(format!("copying {name}"));
        }
    }
    if object.access.write {
        // Whole rows are written where no columns are named: a `delete`.
        let written = |patterns: &[Pattern]| {
            patterns.iter().any(|pattern| {
                pattern.names(name)
                    && (pattern.is_whole()
                        || object.writes.is_empty()
                        || object.writes.iter().any(|c| pattern.covers(name, c)))
            })
        };
        if writes(operation).any(|write| written(entry.of(write))) {
            return Some(format!("writing to {name}"));
        }
        if copies && written(&entry.copy) {
            return Some(format!("copying to {name}"));
        }
    }
    None
}

/// What an entry denies by the name of an action.
fn of_action(entry: &Entry, operation: &Operation) -> Option<String> {
    let action = entry
        .actions
        .iter()
        .find(|action| does(operation, action))?;
    let named = entry.objects.is_empty()
        || operation
            .objects
            .iter()
            .any(|object| entry.means(&object.name));
    named.then(|| format!("the action {action}"))
}
