//! Masks of result columns, by where their values come from.

use std::rc::Rc;

use narrowgate_sdk::{Operation, Origin};

use super::reach::Reach;
use crate::json::Paths;
use crate::scope::Scope;
use crate::strategy::Strategy;

/// What becomes of the columns of a result.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// One for each column that was predicted; none when nothing was.
    columns: Option<Vec<ColumnPlan>>,
    /// What becomes of columns that were not predicted.
    default: Strategy,
}

/// What becomes of one column.
#[derive(Clone, Debug)]
pub(crate) enum ColumnPlan {
    /// It carries nothing masked.
    Shown,
    /// Its values are replaced.
    Whole(Strategy),
    /// Values inside its values are.
    Inside(Rc<Paths>),
}

impl Plan {
    pub(super) fn new(scope: &Scope, reach: &Reach, operation: &Operation) -> Self {
        let default = scope.rules().default;
        let plan = |origin: &Origin| match reach.unresolved {
            true => ColumnPlan::Whole(default),
            false => column(scope, reach, origin),
        };
        let columns = operation
            .origins()
            .map(|origins| origins.iter().map(plan).collect());
        Self { columns, default }
    }

    /// The plan for a result of so many columns. If these are not those that
    /// were predicted, nothing is known of any of them.
    pub(crate) fn columns(&self, count: usize) -> Vec<ColumnPlan> {
        match &self.columns {
            Some(columns) if columns.len() == count => columns.clone(),
            _ => vec![ColumnPlan::Whole(self.default); count],
        }
    }
}

/// What becomes of a column of this origin.
fn column(scope: &Scope, reach: &Reach, origin: &Origin) -> ColumnPlan {
    let default = scope.rules().default;
    let Some(mut columns) = scope.rules().told(origin.known, &origin.columns) else {
        return ColumnPlan::Whole(default);
    };
    if columns.clone().any(|column| reach.is_secret(column)) {
        return ColumnPlan::Whole(default);
    }
    let masks: Vec<_> = columns
        .by_ref()
        .filter_map(|column| scope.mask(column))
        .collect();
    let whole = masks
        .iter()
        .filter_map(|mask| mask.whole)
        .reduce(Strategy::or_stronger);
    match (masks.first(), origin.direct, whole) {
        (None, _, _) => ColumnPlan::Shown,
        (Some(_), true, Some(strategy)) => ColumnPlan::Whole(strategy),
        // Names of the same column, through views and partitions: each may have
        // paths of its own.
        (Some(first), true, None) => match masks.iter().all(|mask| mask.rules == first.rules) {
            true => ColumnPlan::Inside(first.paths.clone()),
            false => ColumnPlan::Whole(default),
        },
        // Of a value computed from a masked one, the characters that `partial`
        // leaves and the equality that `hash` keeps would tell more than those
        // of the value itself.
        (Some(_), false, whole) => {
            ColumnPlan::Whole(whole.filter(|whole| whole.is_opaque()).unwrap_or(default))
        }
    }
}
