//! Laundering: a masked value that is stored or sent where its mask does not
//! follow it.

use narrowgate_sdk::{Denial, Flow, Operation};

use super::reach::Reach;
use super::refusal::refusal;
use crate::rules::Rule;
use crate::scope::Scope;

/// The denial, if masked values would go where they are not masked.
pub(super) fn refused(scope: &Scope, reach: &Reach, operation: &Operation) -> Option<Denial> {
    if reach.code {
        return Some(refusal(
            "code of one's own could carry masked columns elsewhere",
            "Have somebody define it for whom no column is masked.",
        ));
    }
    let changes = || {
        operation
            .objects
            .iter()
            .any(|o| o.access.write || o.access.define)
    };
    if reach.unresolved && reach.masked && changes() {
        return Some(refusal(
            "masked columns are in reach of a change that is not understood",
            "Write the statement in a simpler way.",
        ));
    }
    operation
        .flows()
        .iter()
        .find_map(|flow| refused_flow(scope, reach, flow))
}

/// The denial for one flow.
fn refused_flow(scope: &Scope, reach: &Reach, flow: &Flow) -> Option<Denial> {
    let hidden = |rule: &Rule| flow.into_kind == "column" && scope.rules().hides(&flow.into, rule);
    let told = scope.rules().told(flow.known, &flow.columns);
    let known = told.is_some();
    let what = if let Some(mut columns) = told {
        let column = columns.find(|column| {
            let rules = scope
                .mask(column)
                .map(|mask| mask.rules.clone())
                .unwrap_or_default();
            let mut rules = rules
                .iter()
                .filter_map(|index| scope.rules().columns.get(*index));
            reach.is_secret(column) || rules.any(|rule| !hidden(rule))
        });
        format!("column {} is masked", column?)
    } else if scope.holding().all(hidden) {
        return None;
    } else {
        "a value that may come from masked columns".to_owned()
    };
    let verb = if known {
        "and may not go"
    } else {
        "may not go"
    };
    Some(refusal(
        format!("{what} {verb} into {}", destination(flow)),
        "Values of masked columns may only be stored in columns that are redacted or null for the same people.",
    ))
}

/// Where a flow ends, in words.
fn destination(flow: &Flow) -> String {
    match flow.into_kind.as_str() {
        "column" => format!("column {}", flow.into),
        "relation" => format!("relation {}", flow.into),
        "function" => format!("function {}", flow.into),
        "notification" => "a notification".to_owned(),
        "setting" => "a setting".to_owned(),
        "file" => "a file of the server".to_owned(),
        _ => "another place".to_owned(),
    }
}
