//! An operation on its way: permitted, sent up, not ended yet.

use std::cell::Cell;
use std::rc::Rc;

use narrowgate_codec::postgres::analysis::Control;
use narrowgate_codec::postgres::backend::Field;
use narrowgate_codec::postgres::copy_rows::CopyRows;
use narrowgate_store::recordings;
use tokio::task::AbortHandle;

use super::super::error::Report;
use super::super::statements::Analysed;
use super::budget::Share;
use crate::gate::{End, Outcome, Permit};

/// An operation on its way.
pub(in crate::postgres) struct Running {
    /// Leave to run it.
    pub(super) permit: Permit,
    /// The statement whose columns its result has; `None` for a function call.
    pub(super) analysed: Option<Rc<Analysed>>,
    /// What it does to the session, where that is another statement: an EXECUTE
    /// gives the columns of what it runs.
    pub(super) control: Option<Rc<Analysed>>,
    /// Rows that have gone to the client.
    pub(super) rows: u64,
    /// Bytes of rows that have gone to the client.
    pub(super) bytes: u64,
    /// Its result's columns, once they are known.
    pub(super) fields: Option<Rc<[Field]>>,
    /// Its filters have been told of the result.
    pub(super) begun: bool,
    /// Rows to be recorded.
    pub(super) recorded: Option<recordings::Rows>,
    /// Other statements of its Query come before it: what is deferred to the end of all fails here.
    pub(super) behind: bool,
    /// Takes the rows of a COPY apart.
    pub(super) copy: Option<CopyRows>,
    /// It was ended by the gateway: the client gets this and nothing more.
    pub(super) failed: Option<Report>,
    /// Its part of the budget, which goes to what it makes.
    pub(super) room: Cell<Option<Share>>,
    /// Watches the approvals it runs under.
    watch: Option<Watch>,
    /// Its time at the target, in traces.
    _upstream: tracing::Span,
}

/// A task that ends when nobody needs it any more.
struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Running {
    /// An operation that has just been permitted.
    pub(super) fn new(permit: Permit) -> Self {
        Self {
            _upstream: permit.upstream(),
            permit,
            analysed: None,
            control: None,
            rows: 0,
            bytes: 0,
            fields: None,
            begun: false,
            recorded: None,
            behind: false,
            copy: None,
            failed: None,
            room: Cell::new(None),
            watch: None,
        }
    }

    /// What it does to the session.
    pub(super) fn control(&self) -> Option<&Control> {
        self.control
            .as_ref()
            .map(|analysed| &analysed.statement.control)
    }

    /// Keeps the task that watches its approvals; it ends with the operation.
    pub(super) fn watched(&mut self, watch: AbortHandle) {
        self.watch = Some(Watch(watch));
    }

    /// The end of it.
    pub(super) fn ended(&self, outcome: Outcome, status: &str) -> End {
        End {
            outcome: if self.failed.is_some() {
                Outcome::Denied
            } else {
                outcome
            },
            rows: self.rows,
            bytes: self.bytes,
            status: match &self.failed {
                Some(report) => report.sqlstate.clone(),
                None => status.to_owned(),
            },
            took: self.permit.elapsed(),
        }
    }

    /// Takes the permit, to end it.
    pub(super) fn into_permit(self) -> Permit {
        self.permit
    }
}
