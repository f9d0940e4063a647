//! What a session keeps in the gateway's memory: prepared statements, portals,
//! and messages whose answers are due. All of it comes out of one budget.

use std::cell::Cell;
use std::rc::Rc;

use narrowgate_codec::postgres::analysis::Control;
use narrowgate_codec::postgres::frontend::Bind;

use super::Relay;
use super::front::READ;
use crate::postgres::error::Report;

/// Bytes that a statement takes beside its text, roughly, which is kept twice: as
/// it is, and taken apart.
const STATEMENT: usize = 2 * 1024;
/// Bytes that a portal takes beside its Bind, roughly.
const PORTAL: usize = 1024;
/// Bytes that a parameter takes beside its value: a place in a portal, and one in
/// an operation.
const PARAMETER: usize = 64;

/// The budget of one session, in bytes.
pub(super) struct Budget {
    /// What is left of it.
    left: Rc<Cell<usize>>,
    /// The whole of it.
    most: usize,
}

/// A part of a budget, given back when it is dropped.
pub(super) struct Share {
    bytes: usize,
    left: Rc<Cell<usize>>,
}

impl Budget {
    /// A budget of so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self {
            left: Rc::new(Cell::new(most)),
            most,
        }
    }

    /// Takes a part, if there is as much.
    fn take(&self, bytes: usize) -> Option<Share> {
        let left = self.left.get().checked_sub(bytes)?;
        self.left.set(left);
        Some(Share {
            bytes,
            left: self.left.clone(),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.left.set(self.left.get() + self.bytes);
    }
}

impl Relay {
    /// Room for a statement with a text of so many bytes.
    pub(super) async fn room_for_statement(&self, text: usize) -> Result<Share, Report> {
        self.share(STATEMENT.saturating_add(text.saturating_mul(2)))
            .await
    }

    /// Room for the portal of a Bind of so many bytes. Without a name it keeps what
    /// was read together with it.
    pub(super) async fn room_for_portal(&self, bind: &Bind, bytes: usize) -> Result<Share, Report> {
        let read = if bind.portal.is_empty() { READ } else { 0 };
        let values = bind.parameters.len().saturating_mul(PARAMETER);
        self.share(
            PORTAL
                .saturating_add(read)
                .saturating_add(values)
                .saturating_add(bytes),
        )
        .await
    }

    /// Whether what an SQL statement makes still fits, behind so many others in the
    /// same Query.
    pub(super) fn room_for_name(&self, control: &Control, before: usize) -> Result<(), Report> {
        let makes = matches!(control, Control::Prepare { .. } | Control::Declare { .. });
        match !makes || self.names.borrow().has_room(before) {
            true => Ok(()),
            false => Err(no_room()),
        }
    }

    /// A part of the budget. Where messages whose answers are due take too much of
    /// it, this waits for them.
    pub(super) async fn share(&self, bytes: usize) -> Result<Share, Report> {
        loop {
            if let Some(share) = self.budget.take(bytes) {
                return Ok(share);
            }
            if self.queue.borrow().is_empty() || self.copying.get() {
                let most = self.budget.most;
                return Err(Report {
                    detail: Some(format!("limits.session_memory is {most} bytes.")),
                    hint: Some(
                        "Close prepared statements and portals that are no longer needed."
                            .to_owned(),
                    ),
                    ..Report::new("53400", "the session keeps too much in memory")
                });
            }
            self.progress.notified().await;
        }
    }
}

/// The report for a session that has too many names.
pub(super) fn no_room() -> Report {
    Report {
        hint: Some("Close those that are no longer needed.".to_owned()),
        ..Report::new(
            "53400",
            "the session has too many prepared statements or portals",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn what_is_dropped_is_given_back() {
        let budget = Budget::new(10);
        let share = budget.take(7).unwrap();
        assert!(budget.take(4).is_none());
        drop(share);
        assert!(budget.take(10).is_some() && budget.take(11).is_none());
    }
}
