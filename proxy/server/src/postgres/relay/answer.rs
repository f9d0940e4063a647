//! One answer of the target at a time: matched with what the client is owed,
//! held against what was permitted, and sent down.

use std::rc::Rc;
use std::time::Instant;

use bytes::BytesMut;
use narrowgate_codec::postgres::Frame;
use narrowgate_codec::postgres::analysis::{Control, DiscardKind};
use narrowgate_codec::postgres::backend::{
    CommandComplete, Field, Message, ReadyForQuery, TransactionStatus,
};
use narrowgate_codec::postgres::frontend::Target;

use super::expect::{Described, Expect};
use super::names::{Portal, Prepared, declared_by_sql, prepared_by_sql};
use super::{Ended, Relay, Running};
use crate::gate::Outcome;
use crate::postgres::error::Report;

impl Relay {
    /// Handles one message of the target.
    pub(super) async fn answer(
        &self,
        message: Message,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        match message {
            Message::ParameterStatus(status) => return self.parameter(&status, out).await,
            Message::NotificationResponse(notification) => {
                return self.notification(notification, out).await;
            }
            Message::NoticeResponse(notice) => return self.notice_response(notice, out).await,
            Message::ErrorResponse(error) => return self.error_response(error, out).await,
            Message::ReadyForQuery(ready) => return self.ready(ready, out).await,
            _ if self.discarding.get() => return Ok(()),
            Message::CopyInResponse(_) => return self.copy_begins(false, frame, out).await,
            Message::CopyOutResponse(_) => return self.copy_begins(true, frame, out).await,
            Message::CommandComplete(complete) => {
                return self.complete(&complete, frame, out).await;
            }
            Message::RowDescription(description) => {
                return self
                    .description(Rc::from(description.fields), frame, out)
                    .await;
            }
            Message::NoData => return self.description(Rc::from(Vec::new()), frame, out).await,
            Message::PortalSuspended => return self.suspended(frame, out).await,
            Message::EmptyQueryResponse => return self.empty(frame, out),
            Message::FunctionCallResponse(response) => {
                return self.function_result(response.value, frame, out);
            }
            Message::CopyDone => {
                let running = self.peek_failed();
                if !running {
                    out.extend_from_slice(frame.as_bytes());
                }
                return Ok(());
            }
            Message::ParameterDescription(description) => match self.queue.borrow().front() {
                Some(Expect::Describe {
                    of: Described::Statement(prepared),
                    ..
                }) => {
                    *prepared.types.borrow_mut() = Some(description.types.into());
                }
                _ => return Err(unasked("a description of parameters")),
            },
            Message::ParseComplete => match self.pop() {
                Some(Expect::Parse(prepared, running)) => {
                    self.names.borrow_mut().prepared(prepared);
                    if let Some(running) = running {
                        self.close(running, Outcome::Complete, "").await;
                    }
                }
                _ => return Err(unasked("ParseComplete")),
            },
            Message::BindComplete => match self.pop() {
                Some(Expect::Bind(portal)) => {
                    let replaced = self.names.borrow_mut().opened(portal);
                    if let Some(replaced) = replaced {
                        self.close_portal(&replaced).await;
                    }
                }
                _ => return Err(unasked("BindComplete")),
            },
            Message::CloseComplete => match self.pop() {
                Some(Expect::Close(target)) => {
                    let closed = self.names.borrow_mut().closed(&target);
                    if let Some(closed) = closed {
                        self.close_portal(&closed).await;
                    }
                }
                _ => return Err(unasked("CloseComplete")),
            },
            _ => return Err(unasked("a message that has no place in a session")),
        }
        out.extend_from_slice(frame.as_bytes());
        Ok(())
    }

    /// The next answer that the client is owed, which is hereby given.
    pub(super) fn pop(&self) -> Option<Expect> {
        let expect = self.queue.borrow_mut().pop_front();
        self.progress.notify_one();
        expect
    }

    /// True when the operation whose answers are coming has been ended by us.
    fn peek_failed(&self) -> bool {
        match self.queue.borrow().front() {
            Some(Expect::Query(running)) => running.front().is_some_and(|one| one.failed.is_some()),
            Some(Expect::Execute(portal)) => portal
                .running
                .borrow()
                .as_ref()
                .is_some_and(|one| one.failed.is_some()),
            _ => false,
        }
    }

    /// The columns of a result, or that there is none.
    async fn description(
        &self,
        fields: Rc<[Field]>,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let query = matches!(self.queue.borrow().front(), Some(Expect::Query(_)));
        if query {
            let mut running = self.take_running()?;
            match self.described(&mut running, fields).await {
                Ok(()) if running.failed.is_none() => out.extend_from_slice(frame.as_bytes()),
                Ok(()) => {}
                Err(report) => self.fail(&mut running, report),
            }
            self.put_running(running);
            return Ok(());
        }
        let Some(Expect::Describe { of, hidden }) = self.pop() else {
            return Err(unasked("a description"));
        };
        if let Described::Portal(portal) = &of {
            let running = portal.running.take();
            if let Some(mut running) = running {
                if let Err(report) = self.described(&mut running, fields.clone()).await {
                    self.fail(&mut running, report);
                }
                *portal.running.borrow_mut() = Some(running);
            }
        }
        let prepared = match &of {
            Described::Statement(prepared) => prepared,
            Described::Portal(portal) => &portal.prepared,
        };
        // FETCH and EXECUTE describe what they run, which another one of the
        // same text need not.
        let elsewhere = prepared
            .analysed
            .as_ref()
            .is_some_and(|analysed| analysed.statement.flags.result_elsewhere);
        if !elsewhere {
            *prepared.fields.borrow_mut() = Some(fields);
        }
        if !hidden {
            out.extend_from_slice(frame.as_bytes());
        }
        Ok(())
    }

    /// A statement has run to its end.
    async fn complete(
        &self,
        complete: &CommandComplete,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let mut running = self.take_running()?;
        self.check_revoked(&mut running);
        let extended = match self.queue.borrow().front() {
            Some(Expect::Execute(portal)) => {
                portal.done.set(true);
                true
            }
            _ => false,
        };
        self.copying.set(false);
        self.session_changes(&running).await;
        let status = complete.tag.to_string_lossy().into_owned();
        let failed = self.over(running, &status).await;
        if extended {
            self.pop();
        }
        self.progress.notify_one();
        match failed {
            None => out.extend_from_slice(frame.as_bytes()),
            Some(report) => self.completed_although(report, extended, out),
        }
        Ok(())
    }

    /// An operation is over at the target; why it has failed all the same.
    async fn over(&self, mut running: Box<Running>, status: &str) -> Option<Report> {
        let id = running.permit.operation.id;
        let end = running.ended(Outcome::Complete, status);
        let failed = running.failed.take();
        self.spare.set(running.recorded.take());
        let ended = self.gate.end(running.into_permit(), &end).await;
        let failed =
            failed.or_else(|| ended.err().map(|denial| Report::denial(&denial).about(id)))?;
        self.cancelled_upstream().await;
        Some(failed)
    }

    /// A portal has given as many rows as it was asked for.
    async fn suspended(&self, frame: &Frame, out: &mut BytesMut) -> Result<(), Ended> {
        let failed = match self.peek_failed() {
            true => self.over(self.take_running()?, "").await,
            false => None,
        };
        match (self.pop(), failed) {
            (Some(Expect::Execute(_)), Some(report)) => {
                self.completed_although(report, true, out);
            }
            (Some(Expect::Execute(_)), None) => out.extend_from_slice(frame.as_bytes()),
            _ => return Err(unasked("PortalSuspended")),
        }
        Ok(())
    }

    /// There was nothing to run.
    fn empty(&self, frame: &Frame, out: &mut BytesMut) -> Result<(), Ended> {
        let query = matches!(self.queue.borrow().front(), Some(Expect::Query(_)));
        if !query && !matches!(self.pop(), Some(Expect::Execute(_))) {
            return Err(unasked("EmptyQueryResponse"));
        }
        out.extend_from_slice(frame.as_bytes());
        Ok(())
    }

    /// What a completed statement has done to statements, portals and settings.
    async fn session_changes(&self, running: &Running) {
        let closed = {
            let mut names = self.names.borrow_mut();
            match running.control() {
                Some(Control::Prepare { .. }) => {
                    if let Some(prepared) = prepared_by_sql(running) {
                        let prepared = Prepared {
                            _room: running.room.take(),
                            ..prepared
                        };
                        names.prepared(Rc::new(prepared));
                    }
                    Vec::new()
                }
                Some(Control::Declare { .. }) => declared_by_sql(running)
                    .map(|portal| Portal {
                        _room: running.room.take(),
                        ..portal
                    })
                    .and_then(|portal| names.opened(Rc::new(portal)))
                    .into_iter()
                    .collect(),
                Some(Control::Deallocate(None)) => {
                    names.deallocated();
                    Vec::new()
                }
                Some(Control::Deallocate(Some(name))) => {
                    names.closed(&Target::Statement(name.clone().into()));
                    Vec::new()
                }
                Some(Control::CloseCursor(None)) => names.portals_closed(true),
                Some(Control::CloseCursor(Some(name))) => names
                    .closed(&Target::Portal(name.clone().into()))
                    .into_iter()
                    .collect(),
                Some(Control::Discard(DiscardKind::All)) => {
                    names.deallocated();
                    names.portals_closed(true)
                }
                _ => Vec::new(),
            }
        };
        for portal in closed {
            self.close_portal(&portal).await;
        }
    }

    /// The target is ready for the next query.
    async fn ready(&self, ready: ReadyForQuery, out: &mut BytesMut) -> Result<(), Ended> {
        let expect = self.pop();
        if let Some(Expect::Undo { .. }) = expect {
            return Ok(());
        }
        // The client's next message is looked at as soon as this one waits.
        let ready = self.ready_late(ready, out);
        self.copying.set(false);
        self.status.set(ready.status);
        match expect {
            Some(Expect::Query(left)) => self.skip(left).await,
            Some(Expect::FunctionCall(running)) => {
                self.close(running, Outcome::Complete, "").await;
            }
            Some(Expect::Sync) => {}
            _ => return Err(unasked("ReadyForQuery")),
        }
        let quiet = self.queue.borrow().is_empty() && self.permitted.borrow().is_empty();
        if ready.status == TransactionStatus::Idle {
            if self.own.redefining.get() {
                let place = self.place.borrow();
                let catalogs = &self.gate.worker().services.catalogs;
                catalogs.changed(&place.target, &place.database);
            }
            if quiet {
                self.written.set(false);
                if self.own.settled() {
                    self.catalog_after.set(Some(Instant::now()));
                }
            }
            let closed = self.names.borrow_mut().portals_closed(false);
            for portal in closed {
                self.close_portal(&portal).await;
            }
        }
        ready.encode(out);
        Ok(())
    }
}

/// An answer to nothing: nobody knows what it belongs to.
fn unasked(what: &str) -> Ended {
    Ended::Target(format!("{what} that nobody has asked for"))
}
