//! One operation's results on their way, and its errors and notices.

mod cells;
mod treatment;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use narrowgate_sdk::{
    Batch, BatchOutcome, Direction, Exchange, Interest, Message, MessageOutcome, Shape,
};

use crate::message;
use crate::rules::Rules;
use crate::statement::{ColumnPlan, Plan};
use cells::Cells;
use treatment::Treatment;

/// Follows one operation.
pub(crate) struct Masking {
    rules: Rc<Rules>,
    /// What becomes of the columns, where masked ones are in reach.
    plan: Option<Plan>,
    /// The columns that are looked at, once it is known what comes.
    cells: Cells,
}

impl Masking {
    /// For an operation with masked columns in reach, or without.
    pub(crate) fn new(rules: Rc<Rules>, plan: Option<Plan>) -> Self {
        let cells = Cells::new(rules.clone());
        Self { rules, plan, cells }
    }

    /// How each column is treated, by index; those that are shown are left out.
    fn treatments(&self, shape: &Shape) -> Vec<(u32, Treatment)> {
        let count = shape.columns.len();
        let plans = match &self.plan {
            Some(plan) => plan.columns(count),
            None => vec![ColumnPlan::Shown; count],
        };
        let treated =
            shape
                .columns
                .iter()
                .zip(plans)
                .zip(0..)
                .filter_map(|((column, plan), at)| {
                    Treatment::of(plan, column, self.rules.detectors.is_some()).map(|how| (at, how))
                });
        treated.collect()
    }
}

impl Exchange for Masking {
    fn begin(&mut self, shape: &Shape) -> Interest {
        if shape.direction == Direction::ToTarget {
            return Interest::Nothing;
        }
        let rows = matches!(
            shape.content.as_str(),
            "postgres.rows" | "postgres.copy.text" | "postgres.copy.csv" | "postgres.copy.binary"
        );
        if !rows {
            self.cells.refuse();
            return Interest::Everything;
        }
        let (columns, how): (Vec<u32>, Vec<Treatment>) = self.treatments(shape).into_iter().unzip();
        self.cells.begin(how);
        if columns.is_empty() {
            Interest::Nothing
        } else {
            Interest::Columns(columns)
        }
    }

    fn batch(&mut self, batch: &Batch) -> BatchOutcome {
        match batch.direction {
            Direction::ToTarget => BatchOutcome::Pass,
            Direction::ToClient => self.cells.batch(batch),
        }
    }

    fn message(&mut self, message: &Message) -> MessageOutcome {
        match self.plan.is_some() {
            true => message::withhold(message),
            false => message::detect(&self.rules, message),
        }
    }
}
