//! What a statement may do, and how the columns of its result are masked.

mod laundering;
mod origins;
mod predicates;
mod reach;
mod refusal;

#[cfg(test)]
mod tests;

use narrowgate_sdk::{Denial, Operation};

use crate::scope::Scope;

pub(crate) use origins::{ColumnPlan, Plan};
use reach::Reach;

/// What masking makes of a statement.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// No masked column is in reach.
    Free,
    /// Masked columns are in reach: this becomes of the result.
    Masked(Plan),
    /// It would tell what is masked.
    Refused(Denial),
}

/// Decides a statement.
pub(crate) fn decide(scope: &Scope, operation: &Operation) -> Outcome {
    if scope.is_empty() {
        return Outcome::Free;
    }
    let reach = Reach::of(scope, operation);
    if !reach.masked && !reach.everything {
        // What triggers say, and what a deferred constraint quotes, can come from any table.
        return match operation.is("narrowgate.postgres.fires_triggers") {
            true => Outcome::Masked(Plan::new(scope, &reach, operation)),
            false => Outcome::Free,
        };
    }
    let refused = laundering::refused(scope, &reach, operation)
        .or_else(|| predicates::refused(scope, &reach, operation));
    match refused {
        Some(denial) => Outcome::Refused(denial),
        None => Outcome::Masked(Plan::new(scope, &reach, operation)),
    }
}
