//! Rows that a client is about to see, on their way into the recording.
//!
//! A result that is small and comes in one piece is one event with the end of its
//! operation. So rows wait here: for that end, for the next event of the session,
//! or for the moment before something goes to the client, whichever comes first.

use std::cell::RefCell;

use narrowgate_chain::Denial;
use narrowgate_store::recordings::{self, Data};

use super::permit::Permit;
use super::{Gate, RecordingFault};

/// Rows that wait.
#[derive(Default)]
pub(super) struct Unwritten {
    place: RefCell<Place>,
}

/// The room for them, which is used again.
#[derive(Default)]
struct Place {
    /// The operation whose rows these are.
    operation: Option<u64>,
    /// The rows.
    rows: recordings::Rows,
}

impl Gate {
    /// Takes rows as the client is about to see them; `rows` has room for the next
    /// ones then.
    pub fn record_rows(&self, permit: &Permit, rows: &mut recordings::Rows) -> Result<(), Denial> {
        let Some(plan) = permit.record.filter(|plan| plan.results) else {
            rows.clear();
            return Ok(());
        };
        let appended = self.append_rows();
        let mut place = self.rows.place.borrow_mut();
        place.operation = Some(permit.operation.id);
        rows.hand_over(&mut place.rows);
        // From here on, losing them means that nothing goes to the client.
        Ok(self.later(appended, plan.lenient)?)
    }

    /// Appends the rows that wait.
    pub(super) fn append_rows(&self) -> Result<(), RecordingFault> {
        let mut place = self.rows.place.borrow_mut();
        match place.operation.take() {
            Some(_) => self.append_alone(Data::Rows(&place.rows)),
            None => Ok(()),
        }
    }

    /// Appends the end of an operation, together with rows of it that wait.
    pub(super) fn append_outcome(
        &self,
        operation: u64,
        outcome: recordings::Outcome<'_>,
    ) -> Result<(), RecordingFault> {
        let mut place = self.rows.place.borrow_mut();
        if place.operation != Some(operation) {
            drop(place);
            return self.append(Data::Result(&outcome));
        }
        place.operation = None;
        self.append_alone(Data::Result(&recordings::Outcome {
            content: Some(&place.rows),
            ..outcome
        }))
    }
}
