//! The catalog as this session alone sees it: within a transaction that has
//! changed definitions, and with temporary objects.
//!
//! It is read over the session's own connection, behind what has changed it and
//! in front of the first statement that names something, while nothing else is
//! under way there. Where that cannot be done, what names mean is in doubt, and
//! only a rule that allows everything lets such a statement through. Its version
//! is its own, so that no analysis made with it serves another session.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use narrowgate_codec::postgres::Text;
use narrowgate_codec::postgres::analysis::{self, Action, CatalogBuilder, Control, DiscardKind};
use narrowgate_codec::postgres::backend::TransactionStatus;
use narrowgate_codec::postgres::frontend::Query;
use tokio::sync::Notify;

use super::Relay;
use super::expect::Expect;
use super::reading::Reading;
use crate::postgres::catalog::Snapshot;
use crate::postgres::error::Report;
use crate::postgres::statements::Analysed;

/// What only this session knows of names.
#[derive(Default)]
pub(super) struct Own {
    /// A definition has gone up since the last idle moment that is not of
    /// temporary objects alone: the shared catalog is not the one that counts.
    pub(super) defining: Cell<bool>,
    /// Among what has gone up since is something that defines for all sessions.
    pub(super) redefining: Cell<bool>,
    /// Some definition has gone up since, so that its end may undo or drop.
    unsettled: Cell<bool>,
    /// There may be temporary objects.
    private: Cell<bool>,
    /// What has gone up has changed what was read; nothing is known for sure.
    stale: Cell<bool>,
    /// Until the next idle moment others' definitions cannot be seen in here.
    fixed: Cell<bool>,
    /// Messages have gone up behind which no Sync has.
    unsynced: Cell<bool>,
    /// The whole catalog as it is within the transaction, and when it was read.
    whole: RefCell<Option<(Arc<Snapshot>, Instant)>>,
    /// Temporary objects, as they were last read.
    temporary: RefCell<Option<CatalogBuilder>>,
    /// A shared catalog, and the same with the temporary objects.
    layered: RefCell<Option<(Arc<Snapshot>, Arc<Snapshot>)>>,
    /// What is being read.
    pub(super) reading: RefCell<Option<Rc<Reading>>>,
    /// The gateway's own message to the target.
    pub(super) upward: RefCell<BytesMut>,
    /// Told when there is one.
    pub(super) wanted: Notify,
}

impl Own {
    /// Something was sent: whether the target waits for a Sync behind it.
    pub(super) fn sent(&self, expect: &Expect) {
        self.unsynced.set(expect.is_extended());
    }

    /// The target has ignored the last Sync, so that another one is to come.
    pub(super) fn sync_ignored(&self) {
        self.unsynced.set(true);
    }

    /// Keeps in mind what a statement that goes up does to definitions.
    pub(super) fn note(&self, statement: &analysis::Statement) {
        if defines(statement) {
            let temporary = is_temporary(statement);
            self.defining.set(self.defining.get() || !temporary);
            let for_all = redefines(statement) && !temporary;
            self.redefining.set(self.redefining.get() || for_all);
            let private = statement.flags.temporary || temporary || runs_code(statement);
            self.private.set(self.private.get() || private);
            self.unsettled.set(true);
            self.stale.set(true);
        }
        let ends = matches!(
            statement.control,
            Control::Commit { .. } | Control::Rollback { .. } | Control::RollbackTo(_)
        );
        let discards = matches!(
            statement.control,
            Control::Discard(DiscardKind::All | DiscardKind::Temporary)
        );
        if (ends && self.unsettled.get()) || (discards && self.private.get()) {
            self.unsettled.set(true);
            self.stale.set(true);
        }
    }

    /// The target is idle, and nothing is under way to it. True if others' catalogs
    /// no longer hold what this session has defined.
    pub(super) fn settled(&self) -> bool {
        self.redefining.set(false);
        self.fixed.set(false);
        *self.whole.borrow_mut() = None;
        if self.unsettled.replace(false) {
            self.stale.set(self.private.get());
        }
        self.defining.replace(false)
    }

    /// Names are found to mean something else than what was read.
    pub(super) fn mistaken(&self) {
        self.stale.set(self.defining.get() || self.private.get());
    }

    /// Why names may mean something else than what is known here.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        match (self.stale.get(), self.defining.get()) {
            (false, _) => None,
            (true, true) => Some(
                "definitions have changed in this transaction, and cannot be looked up here; \
                 end it, or wait for the answers to what was sent before",
            ),
            (true, false) => Some(
                "temporary objects have changed, and cannot be looked up here; \
                 wait for the answers to what was sent before",
            ),
        }
    }

    /// The catalog for this session, where it is not the shared one.
    pub(super) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        let whole = self.whole.borrow();
        whole.as_ref().map(|(snapshot, _)| snapshot.clone())
    }

    /// A shared catalog with the session's temporary objects.
    pub(super) fn layered(
        &self,
        shared: Arc<Snapshot>,
        version: impl FnOnce() -> u64,
    ) -> Arc<Snapshot> {
        let temporary = self.temporary.borrow();
        let Some(temporary) = temporary.as_ref() else {
            return shared;
        };
        let mut layered = self.layered.borrow_mut();
        if let Some((base, made)) = layered.as_ref()
            && Arc::ptr_eq(base, &shared)
        {
            return made.clone();
        }
        let catalog = temporary.clone().finish_on(&shared.catalog, version());
        let made = Arc::new(shared.with(catalog));
        *layered = Some((shared, made.clone()));
        made
    }
}

impl Relay {
    /// True if the session's own catalog has to be read before a statement that
    /// names something.
    pub(super) fn is_outdated(&self) -> bool {
        let own = &self.own;
        if !own.stale.get()
            && let Some((_, read)) = &*own.whole.borrow()
        {
            let catalogs = &self.gate.worker().services.catalogs;
            let place = self.place();
            own.stale
                .set(!catalogs.holds(&place.catalog, &place.target, *read));
        }
        own.stale.get()
    }

    /// Reads the session's own catalog if it is outdated and that can be done now;
    /// true if it was read.
    pub(super) async fn renew_own(&self) -> Result<bool, Report> {
        if !self.is_outdated() || !self.may_read() {
            return Ok(false);
        }
        // A COPY waits for what comes behind this.
        while !self.queue.borrow().is_empty() && !self.copying.get() {
            self.progress.notified().await;
        }
        if !self.may_read() || self.status.get() == TransactionStatus::Failed {
            return Ok(false);
        }
        let whole = self.own.defining.get();
        let reading = match whole {
            true => Reading::whole(),
            false => Reading::temporary(),
        };
        let inside = self.status.get() == TransactionStatus::InTransaction;
        let began = Instant::now();
        let reading = self.ask(reading.text(inside), reading).await?;
        if let Some(fault) = reading.fault.take() {
            tracing::warn!(
                target = self.place().target.name,
                fault,
                "a session's catalog cannot be read"
            );
            let undone = Reading::default();
            let undone = self.ask(Reading::undo(inside), undone).await?;
            if undone.fault.take().is_some() {
                let report = Report::new("58000", "the session's catalog cannot be read");
                self.end(report.clone());
                return Err(report);
            }
            return Ok(false);
        }
        if whole && inside && !reading.sees_others() {
            self.own.fixed.set(true);
            return Ok(false);
        }
        let builder = reading.builder.take();
        let catalogs = &self.gate.worker().services.catalogs;
        if whole {
            let catalog = builder.finish(catalogs.next_version());
            let snapshot = Arc::new(self.shared().await?.with(catalog));
            *self.own.whole.borrow_mut() = Some((snapshot, began));
        } else {
            self.own.private.set(!builder.is_empty());
            *self.own.temporary.borrow_mut() = (!builder.is_empty()).then_some(builder);
            *self.own.layered.borrow_mut() = None;
        }
        self.own.stale.set(false);
        Ok(true)
    }

    /// True if the target will refuse whatever is sent now but an end of the
    /// transaction, so that nothing hangs on what names mean.
    pub(super) fn has_failed(&self) -> bool {
        self.status.get() == TransactionStatus::Failed
            && !self.own.unsynced.get()
            && self.permitted.borrow().is_empty()
            && self.queue.borrow().is_empty()
    }

    /// True while the connection is free for the gateway's own questions, or will
    /// be when the target has answered what it was sent.
    fn may_read(&self) -> bool {
        let undoing = |expect: &Expect| matches!(expect, Expect::Undo { .. });
        !self.own.unsynced.get()
            && !self.own.fixed.get()
            && !self.skipping.get()
            && !self.copying.get()
            && self.permitted.borrow().is_empty()
            && !self.queue.borrow().iter().any(undoing)
    }

    /// Has the target answer a question of the gateway's own.
    async fn ask(&self, text: String, reading: Reading) -> Result<Rc<Reading>, Report> {
        let reading = Rc::new(reading);
        let query = Query {
            query: Text::from(text),
        };
        query
            .encode(&mut self.own.upward.borrow_mut())
            .map_err(|error| Report::new("58000", error.to_string()))?;
        *self.own.reading.borrow_mut() = Some(reading.clone());
        self.expect(Expect::Own);
        self.own.wanted.notify_one();
        reading.done.notified().await;
        Ok(reading)
    }
}

/// True for a statement whose result hangs on what names mean.
pub(super) fn names_something(analysed: &Analysed) -> bool {
    !analysed.operation.objects.is_empty()
        || matches!(
            analysed.statement.control,
            Control::Execute { .. } | Control::Fetch { .. }
        )
}

/// True for statements after which names may mean something else.
pub(super) fn defines(statement: &analysis::Statement) -> bool {
    redefines(statement) || runs_code(statement)
}

/// True for statements that run code as they find it in their text or elsewhere.
fn runs_code(statement: &analysis::Statement) -> bool {
    let runs = |action: &Action| matches!(action, Action::Do | Action::Call);
    statement.actions.iter().any(runs)
}

/// True for statements after which names mean something else for all sessions:
/// definitions. What a procedure defines, others learn at the next look.
fn redefines(statement: &analysis::Statement) -> bool {
    matches!(statement.control, Control::Ddl)
        || statement.flags.creates_from_query
        || statement.flags.creates_code
        || statement
            .actions
            .iter()
            .any(|action| matches!(action, Action::Create | Action::Alter | Action::Drop))
}

/// True if all that a statement defines are temporary relations.
fn is_temporary(statement: &analysis::Statement) -> bool {
    let mut defined = statement
        .relations
        .iter()
        .filter(|relation| relation.access.define)
        .peekable();
    defined.peek().is_some()
        && defined.all(|relation| &*relation.schema == "pg_temp")
        && statement.objects.is_empty()
        && !statement.flags.creates_code
        && !statement.flags.cascade
        && !runs_code(statement)
}

#[cfg(test)]
mod tests {
    use narrowgate_codec::postgres::analysis::{Catalog, Limits, Settings, analyse_text};
    use narrowgate_codec::postgres::frontend::Target;

    use super::*;

    /// What a session knows once these have gone up, one after the other.
    fn after(own: &Own, sql: &str) {
        let (catalog, settings) = (Catalog::default(), Settings::default());
        let statements = analyse_text(sql, &catalog, &settings, &Limits::default()).unwrap();
        for statement in &statements {
            own.note(statement);
        }
    }

    /// Whether names are in doubt, others' catalogs are of no use here, and theirs
    /// have changed as well.
    fn state(own: &Own) -> (bool, bool, bool) {
        (
            own.doubt().is_some(),
            own.defining.get(),
            own.redefining.get(),
        )
    }

    #[test]
    fn what_is_defined_for_all_is_told_from_what_is_temporary() {
        for (sql, expected) in [
            ("SELECT 1", (false, false, false)),
            (
                "BEGIN; SAVEPOINT s; ROLLBACK TO s; COMMIT",
                (false, false, false),
            ),
            ("CREATE TABLE public.t (id int)", (true, true, true)),
            ("CREATE TEMP TABLE t (id int)", (true, false, false)),
            ("SELECT 1 AS a INTO TEMP t", (true, false, false)),
            ("CREATE TEMP VIEW v AS SELECT 1", (true, false, false)),
            ("CREATE INDEX ON pg_temp.t (id)", (true, false, false)),
            ("DROP TABLE public.t, pg_temp.t", (true, true, true)),
            (
                "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS '1'",
                (true, true, true),
            ),
            ("DO 'BEGIN END'", (true, true, true)),
            ("CALL f()", (true, true, false)),
        ] {
            let own = Own::default();
            after(&own, sql);
            assert_eq!(state(&own), expected, "{sql}");
        }
    }

    #[test]
    fn an_end_may_take_back_what_was_defined() {
        let own = Own::default();
        after(&own, "CREATE TEMP TABLE t (id int)");
        own.stale.set(false);
        after(&own, "SELECT 1; SAVEPOINT s");
        assert!(own.doubt().is_none());
        for end in [
            "ROLLBACK TO s",
            "COMMIT AND CHAIN",
            "ROLLBACK",
            "DISCARD TEMP",
        ] {
            after(&own, end);
            assert!(own.doubt().is_some(), "{end}");
            own.stale.set(false);
        }
        // At rest it has to be looked at once more, and then no longer.
        assert!(!own.settled());
        assert!(own.doubt().is_some());
        own.stale.set(false);
        assert!(!own.settled());
        assert!(own.doubt().is_none());
        // What was defined for all, all know at rest.
        let own = Own::default();
        after(&own, "ALTER TABLE public.t ADD a int");
        assert!(own.settled());
        assert_eq!(state(&own), (false, false, false));
    }

    #[test]
    fn the_target_waits_for_a_sync_behind_extended_messages() {
        let own = Own::default();
        own.sent(&Expect::Close(Target::Statement(Text::default())));
        assert!(own.unsynced.get());
        own.sent(&Expect::Sync);
        assert!(!own.unsynced.get());
        own.sync_ignored();
        assert!(own.unsynced.get());
        own.sent(&Expect::Query(Default::default()));
        assert!(!own.unsynced.get());
    }
}
