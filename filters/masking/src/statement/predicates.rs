//! Oracles: a masked column that chooses, orders or groups rows answers
//! questions about its values, whatever the result shows.

use narrowgate_sdk::{Denial, Operation, Value};

use super::reach::Reach;
use super::refusal::refusal;
use crate::config::Predicates;
use crate::scope::Scope;

const HINT: &str =
    "Leave masked columns out of conditions, joins, ORDER BY, GROUP BY, DISTINCT and CASE.";

/// The denial, if masked columns decide over what comes.
pub(super) fn refused(scope: &Scope, reach: &Reach, operation: &Operation) -> Option<Denial> {
    for predicate in operation.predicates() {
        if reach.is_secret(&predicate.column) {
            return Some(refusal(
                format!("column {} holds samples of masked values", predicate.column),
                "Leave it out of conditions.",
            ));
        }
        let Some(mask) = scope.mask(&predicate.column) else {
            continue;
        };
        match mask.predicates {
            Predicates::Allow => {}
            Predicates::Equality if predicate.equality => {}
            Predicates::Equality => {
                return Some(refusal(
                    format!(
                        "column {} is masked and may only be compared with a constant for equality",
                        predicate.column
                    ),
                    HINT,
                ));
            }
            Predicates::Deny => {
                return Some(refusal(
                    format!(
                        "column {} is masked and may not decide over rows",
                        predicate.column
                    ),
                    HINT,
                ));
            }
        }
    }
    // A condition that cannot be told may be about any column in reach.
    let unknown = reach.masked
        && operation.is("narrowgate.postgres.unknown_predicate")
        && !only_trusted(scope, operation);
    let strict = || {
        operation
            .reach()
            .iter()
            .find(|column| restricts(scope, column))
    };
    if unknown && let Some(column) = strict() {
        return Some(refusal(
            format!("column {column} is masked and might decide over rows here"),
            "Use built-in operators and functions in conditions.",
        ));
    }
    None
}

/// True when the condition hangs on nothing but what trusted functions return.
fn only_trusted(scope: &Scope, operation: &Operation) -> bool {
    let trusts = |name: &String| scope.rules().trusts(name);
    match operation.attribute("narrowgate.postgres.predicate_functions") {
        Some(Value::Texts(functions)) => functions.iter().all(trusts),
        Some(Value::Text(function)) => trusts(function),
        _ => false,
    }
}

/// True when a column may not decide over rows in every way.
fn restricts(scope: &Scope, column: &str) -> bool {
    scope
        .mask(column)
        .is_some_and(|mask| mask.predicates != Predicates::Allow)
}
