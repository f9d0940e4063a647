//! Operations that the gateway ends and the target has completed all the same:
//! too many rows, a revoked approval, a row that a filter refuses.
//!
//! The client is told an error, so it has to find what an error leaves: a
//! transaction that has failed, a pipeline that is void up to its Sync. What the
//! target has completed in a transaction is undone by a failing statement in front
//! of whatever the client sends next; what it has committed cannot be, and the
//! client is told so. Behind an operation that may come to this, nothing goes up
//! but the Sync that belongs to it, until its outcome is known.

use bytes::BytesMut;
use narrowgate_codec::postgres::backend::{ReadyForQuery, TransactionStatus};
use narrowgate_codec::postgres::frontend::{Message, Sync};

use super::expect::Expect;
use super::{Relay, Running};
use crate::postgres::error::Report;

/// An error that the client is told when the target is ready.
pub(super) struct Late {
    /// The error.
    report: Report,
    /// The target has reported one as well: nothing of it stays.
    undone: bool,
}

impl Relay {
    /// Something has gone up that may have to be ended when it is too late.
    pub(super) fn went_up<'r>(&self, running: impl IntoIterator<Item = &'r Box<Running>>) {
        let ends_late = |running: &Running| {
            running.permit.row_limit.is_some() || !running.permit.grants.is_empty()
        };
        if running.into_iter().any(|one| ends_late(one)) {
            self.precarious.set(true);
        }
    }

    /// Waits while a message may not go up yet.
    pub(super) async fn in_turn(&self, message: Option<&Message>) {
        while self.holds_up(message) {
            self.progress.notified().await;
        }
    }

    fn holds_up(&self, message: Option<&Message>) -> bool {
        let queue = self.queue.borrow();
        if queue.is_empty() {
            self.precarious.set(false);
        }
        if !self.precarious.get() || self.copying.get() {
            return false;
        }
        match message {
            Some(Message::Sync) => queue.back().is_some_and(|last| !last.is_extended()),
            // Those of COPY wait for what they belong to by themselves.
            Some(
                Message::Flush
                | Message::Terminate
                | Message::CopyData(_)
                | Message::CopyDone
                | Message::CopyFail(_),
            ) => false,
            _ => true,
        }
    }

    /// An operation that we had ended has come to its end all the same, and is the
    /// client's no more to wait for.
    pub(super) fn completed_although(&self, report: Report, extended: bool, out: &mut BytesMut) {
        let (behind, ready) = {
            let queue = self.queue.borrow();
            match queue.front() {
                Some(Expect::Query(others)) if !extended => {
                    (queue.len() > 1 || !others.is_empty(), true)
                }
                Some(Expect::Sync) => (queue.len() > 1, true),
                front => (front.is_some(), false),
            }
        };
        if behind {
            // It runs as well, and nothing can be done about it.
            let said = "What was sent with the statement may have been carried out.";
            return self.end(saying(report, said));
        }
        self.discarding.set(true);
        if ready {
            *self.late.borrow_mut() = Some(Late {
                report,
                undone: false,
            });
        } else {
            // The client takes what follows up to its Sync for void.
            self.tell(&report, out);
            self.skipping.set(true);
            self.undo.set(true);
        }
    }

    /// The target has reported an error that the client does not get to see.
    pub(super) fn swallow(&self) -> bool {
        let undo = match self.queue.borrow().front() {
            Some(Expect::Undo { simple }) => Some(*simple),
            _ => None,
        };
        if undo == Some(false) {
            self.pop();
        }
        if let Some(late) = self.late.borrow_mut().as_mut() {
            late.undone = true;
        }
        undo.is_some() || self.discarding.get()
    }

    /// The target is ready: what the client is told before, and the transaction as
    /// the client has to find it.
    pub(super) fn ready_late(&self, ready: ReadyForQuery, out: &mut BytesMut) -> ReadyForQuery {
        self.discarding.set(false);
        let Some(Late { report, undone }) = self.late.take() else {
            return ready;
        };
        match ready.status {
            TransactionStatus::Idle if self.written.get() && !undone => {
                let said = "The statement was carried out before it could be stopped, and what it changed stays.";
                self.tell(&saying(report, said), out);
                ready
            }
            TransactionStatus::InTransaction => {
                self.tell(&report, out);
                self.undo.set(true);
                ReadyForQuery {
                    status: TransactionStatus::Failed,
                }
            }
            _ => {
                self.tell(&report, out);
                ready
            }
        }
    }

    /// Has the target fail where the client was told that it did, in front of the
    /// message that goes up next.
    pub(super) fn undo(&self, message: &Message, out: &mut BytesMut) {
        let simple = !self.skipping.get();
        if self.undo.get() && (simple || matches!(message, Message::Sync)) {
            self.undo.set(false);
            self.expect(Expect::Undo { simple });
            // A Query would take away the client's unnamed statement.
            super::front::fail(false, out);
            if simple {
                Sync.encode(out);
            }
        }
    }

    /// Waits until a cancel request that is on its way has arrived: it would meet
    /// what the client sends next.
    pub(super) async fn cancelled_upstream(&self) {
        while self.interrupting.get() {
            self.interrupted.notified().await;
        }
    }
}

/// A report that says what became of the statement.
fn saying(report: Report, said: &str) -> Report {
    let detail = match report.detail {
        Some(detail) => format!("{detail} {said}"),
        None => said.to_owned(),
    };
    Report {
        detail: Some(detail),
        ..report
    }
}
