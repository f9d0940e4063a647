//! The cells of batches, one column after the other.

use std::rc::Rc;

use narrowgate_sdk::{Batch, BatchOutcome, Denial, Edits};

use super::treatment::{Cell, Treatment};
use crate::detect::Hit;
use crate::rules::Rules;

/// A batch that is whole: it begins and ends its values.
const WHOLE: u8 = 3;
/// The piece begins its value.
const BEGINS: u8 = 1;
/// The piece ends its value.
const ENDS: u8 = 2;

/// Masks cells.
pub(super) struct Cells {
    rules: Rc<Rules>,
    /// What is done with each column that is looked at.
    treatments: Vec<Treatment>,
    /// The column of the next cell. A value in pieces can leave a row open.
    next: usize,
    /// What comes cannot be taken apart.
    refused: bool,
    /// What detectors find; kept for its room.
    hits: Vec<Hit>,
}

impl Cells {
    pub(super) fn new(rules: Rc<Rules>) -> Self {
        Self {
            rules,
            treatments: Vec::new(),
            next: 0,
            refused: false,
            hits: Vec::new(),
        }
    }

    /// These columns are to come.
    pub(super) fn begin(&mut self, treatments: Vec<Treatment>) {
        self.treatments = treatments;
        self.next = 0;
        self.refused = false;
    }

    /// What is to come cannot be masked.
    pub(super) fn refuse(&mut self) {
        self.begin(Vec::new());
        self.refused = true;
    }

    /// What becomes of a batch.
    pub(super) fn batch(&mut self, batch: &Batch) -> BatchOutcome {
        if self.refused {
            return deny(
                "this content cannot be masked",
                "Ask for rows, or for COPY in text, csv or binary.",
            );
        }
        match batch.fragment & WHOLE {
            WHOLE => self.rows(batch),
            piece => self.piece(batch, piece),
        }
    }

    /// Whole cells.
    fn rows(&mut self, batch: &Batch) -> BatchOutcome {
        let mut edits = Edits {
            cells: Vec::with_capacity(batch.lengths.len()),
            lengths: Vec::with_capacity(batch.lengths.len()),
            data: Vec::with_capacity(batch.data.len()),
        };
        let mut rest = batch.data.as_slice();
        for (index, length) in (0..).zip(&batch.lengths) {
            let column = self.advance();
            let treatment = self.treatments.get(column);
            let split = match usize::try_from(*length) {
                Ok(length) => rest.split_at_checked(length),
                // What leaves nothing of a value does not leave that it is NULL either: with
                // NULLIF it would answer any question about it.
                Err(_) if treatment.is_some_and(|how| how.is_blind().is_some()) => {
                    Some((&[][..], rest))
                }
                Err(_) => continue,
            };
            let (Some(treatment), Some((value, after))) = (treatment, split) else {
                return deny(
                    "the rows cannot be taken apart",
                    "Tell whoever runs the gateway.",
                );
            };
            rest = after;
            let start = edits.data.len();
            let cell = treatment.apply(&self.rules, value, &mut self.hits, &mut edits.data);
            let length = match cell {
                Cell::Same => continue,
                Cell::Null => {
                    edits.data.truncate(start);
                    -1
                }
                Cell::Changed => match i32::try_from(edits.data.len() - start) {
                    Ok(length) => length,
                    Err(_) => return deny("a masked value is too long", "Ask for less of it."),
                },
            };
            edits.cells.push(index);
            edits.lengths.push(length);
        }
        edits.into()
    }

    /// A piece of one value. Only what is replaced whatever it is can be
    /// replaced before its end is known.
    fn piece(&mut self, batch: &Batch, piece: u8) -> BatchOutcome {
        let Some(treatment) = self.treatments.get(self.next) else {
            return deny(
                "the rows cannot be taken apart",
                "Tell whoever runs the gateway.",
            );
        };
        if treatment.is_blind().is_none() {
            return deny(
                "a value is too large to be masked in part",
                "Leave the column out, or ask for a part of it that is small.",
            );
        }
        let mut edits = Edits::default();
        let mut length = 0;
        if piece & BEGINS != 0 {
            match treatment.apply(&self.rules, &batch.data, &mut self.hits, &mut edits.data) {
                Cell::Null => length = -1,
                _ => length = i32::try_from(edits.data.len()).unwrap_or(-1),
            }
        }
        edits.cells.push(0);
        edits.lengths.push(length);
        if piece & ENDS != 0 {
            self.advance();
        }
        BatchOutcome::Edit(edits)
    }

    /// The column of the next cell, and on to the one after it.
    fn advance(&mut self) -> usize {
        let column = self.next;
        self.next = if column + 1 < self.treatments.len() {
            column + 1
        } else {
            0
        };
        column
    }
}

fn deny(message: &str, hint: &str) -> BatchOutcome {
    BatchOutcome::Deny(Denial::forbidden(message).rule("masking").hint(hint))
}
