//! The extended protocol: decided when it is prepared, and again, with its
//! parameters, before it is bound.
//!
//! Binding may plan, and planning may run functions: so what has to be held is
//! held before Bind goes up. The decision covers the portal to its completion;
//! a portal that is run again, or goes on under another configuration, is
//! decided anew.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use narrowgate_chain::Phase;
use narrowgate_codec::postgres::analysis::Control;
use narrowgate_codec::postgres::frontend::{Bind, Describe, Execute, Parse, Target};
use narrowgate_codec::postgres::{Format, Frame, Text};

use super::asking::Names;
use super::budget::no_room;
use super::copy::during_copy;
use super::decide::{Asked, Denied, Parameters};
use super::expect::{Described, Expect};
use super::names::{Portal, Prepared, inner_of};
use super::own::names_something;
use super::rows::revoked;
use super::simple::{REWRITES, report};
use super::{Ended, Relay, Running};
use crate::gate::Outcome;
use crate::postgres::error::Report;
use crate::postgres::statements::Analysed;

impl Relay {
    /// A Parse: decided as far as a statement can be without its parameters.
    pub(super) async fn parse(
        &self,
        parse: Parse,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        if !self.names.borrow().has_room(0) {
            let report = self.unreadable(&parse.query.to_string_lossy(), no_room());
            self.deny(report, false, out);
            return Ok(());
        }
        let room = match self.room_for_statement(parse.query.len()).await {
            Ok(room) => room,
            Err(report) => {
                let report = self.unreadable(&parse.query.to_string_lossy(), report);
                self.deny(report, false, out);
                return Ok(());
            }
        };
        let (prepared, running, rewritten) = match self.permit_parse(&parse).await {
            Ok(permitted) => permitted,
            Err(report) => {
                self.deny(report, false, out);
                return Ok(());
            }
        };
        if self.skipping.get() {
            self.skip(running).await;
            return Ok(());
        }
        match rewritten {
            None => out.extend_from_slice(frame.as_bytes()),
            Some(query) => {
                let message = Parse {
                    query: Text::from(query),
                    ..parse
                };
                if message.encode(out).is_err() {
                    self.skip(running).await;
                    let report = Report::new("42501", "a filter made a text that cannot be sent");
                    self.deny(report, false, out);
                    return Ok(());
                }
            }
        }
        let prepared = Prepared {
            _room: Some(room),
            ..prepared
        };
        self.expect(Expect::Parse(Rc::new(prepared), running));
        Ok(())
    }

    /// Leave to prepare a statement, and the text that takes its place.
    async fn permit_parse(
        &self,
        parse: &Parse,
    ) -> Result<(Prepared, Option<Box<Running>>, Option<String>), Report> {
        let mut sql = self.text(&parse.query)?;
        let given =
            (!parse.parameter_types.is_empty()).then(|| Rc::from(parse.parameter_types.as_slice()));
        let mut rewritten = false;
        for _ in 0..=REWRITES {
            let analysis = match self.analyse(&sql).await {
                Ok(analysis) => analysis,
                Err(report) => return Err(self.unreadable(&sql, report)),
            };
            let text: Arc<str> = Arc::from(sql.trim());
            let mut prepared = Prepared {
                name: parse.statement.detached(),
                text: text.clone(),
                analysed: None,
                types: RefCell::new(given.clone()),
                version: analysis.version,
                _room: None,
                fields: RefCell::new(None),
            };
            let [analysed] = &*analysis.statements else {
                if analysis.statements.is_empty() {
                    return Ok((prepared, None, rewritten.then_some(sql)));
                }
                // In PostgreSQL's own words (`exec_parse_message`).
                let words = "cannot insert multiple commands into a prepared statement";
                return Err(self.unreadable(&sql, Report::new("42601", words)));
            };
            prepared.analysed = Some(analysed.clone());
            let asked = Asked {
                analysed,
                text,
                phase: Phase::Prepare,
                parameters: Parameters::default(),
                names: Names::Text,
                room: None,
            };
            match self.decide(asked).await {
                Ok(running) => return Ok((prepared, Some(running), rewritten.then_some(sql))),
                Err(Denied::Report(report)) => return Err(report),
                Err(Denied::Rewritten(text)) => {
                    sql = text;
                    rewritten = true;
                }
            }
        }
        Err(Report::new("42501", "filters keep replacing the statement"))
    }

    /// A Bind: decided with its parameters.
    pub(super) async fn bind(
        &self,
        bind: Bind,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        if !self.names.borrow().has_room(0) {
            let report = self.misplaced("Bind of statement", &bind.statement, no_room());
            self.deny(report, false, out);
            return Ok(());
        }
        let named = !bind.portal.is_empty();
        let room = match self.room_for_portal(&bind, frame.as_bytes().len()).await {
            Ok(room) => room,
            Err(report) => {
                let report = self.misplaced("Bind of statement", &bind.statement, report);
                self.deny(report, false, out);
                return Ok(());
            }
        };
        let Some(prepared) = self.statement(&bind.statement).await else {
            let name = bind.statement.to_string_lossy();
            let report = match name.is_empty() {
                true => Report::new("26000", "unnamed prepared statement does not exist"),
                false => Report::new(
                    "26000",
                    format!("prepared statement \"{name}\" does not exist"),
                ),
            };
            let report = self.misplaced("Bind of statement", &bind.statement, report);
            self.deny(report, false, out);
            return Ok(());
        };
        let binary = (0..bind.parameters.len())
            .map(|n| bind.parameter_formats.get(n) == Format::Binary)
            .collect();
        let portal = Rc::new(Portal {
            name: bind.portal.detached(),
            prepared,
            parameters: if named {
                detached(&bind.parameters)
            } else {
                bind.parameters
            },
            binary,
            formats: bind.result_formats,
            source: RefCell::new(None),
            described: Cell::new(false),
            hold: false,
            running: RefCell::new(None),
            _room: Some(room),
            done: Cell::new(false),
        });
        if let Err(report) = self.permit_portal(&portal).await {
            self.deny(report, false, out);
            return Ok(());
        }
        if self.skipping.get() {
            let running = portal.running.take();
            self.skip(running).await;
            return Ok(());
        }
        out.extend_from_slice(frame.as_bytes());
        self.expect(Expect::Bind(portal));
        Ok(())
    }

    /// Leave to run a portal.
    async fn permit_portal(&self, portal: &Portal) -> Result<(), Report> {
        let Some(analysed) = &portal.prepared.analysed else {
            return Ok(());
        };
        let analysed = self.still_analysed(&portal.prepared, analysed).await?;
        let source = self.runs(&analysed.statement.control).await;
        *portal.source.borrow_mut() = source;
        portal.described.set(false);
        let control = &analysed.statement.control;
        self.room_for_name(control, 0)?;
        let room = match control {
            Control::Prepare { .. } | Control::Declare { .. } => {
                Some(self.room_for_statement(portal.prepared.text.len()).await?)
            }
            _ => None,
        };
        let asked = Asked {
            analysed: &analysed,
            text: portal.prepared.text.clone(),
            phase: Phase::Execute,
            parameters: Parameters {
                values: portal.parameters.clone(),
                binary: portal.binary.clone(),
                types: portal.prepared.types.borrow().clone(),
            },
            names: portal.prepared.names(),
            room,
        };
        let running = self.decide(asked).await.map_err(report)?;
        *portal.running.borrow_mut() = Some(running);
        Ok(())
    }

    /// The analysis of a prepared statement under the catalog of now: the server
    /// plans it anew when names have come to mean something else.
    pub(super) async fn still_analysed(
        &self,
        prepared: &Prepared,
        analysed: &Rc<Analysed>,
    ) -> Result<Rc<Analysed>, Report> {
        if names_something(analysed) {
            self.renew_own().await?;
        }
        let snapshot = self.snapshot().await?;
        if snapshot.catalog.version == prepared.version {
            return Ok(analysed.clone());
        }
        let analysis = Box::pin(self.analyse(&prepared.text)).await?;
        let [one] = &*analysis.statements else {
            return Ok(analysed.clone());
        };
        Ok(match &one.statement.control {
            Control::Prepare { inner, .. } if prepared.version == 0 => inner_of(one, inner),
            // A cursor was planned when it was opened.
            _ if prepared.version == 0 => analysed.clone(),
            _ => one.clone(),
        })
    }

    /// Asks what a portal gives before it is run, unless the client has: its
    /// columns are held against what was predicted each time, since definitions
    /// by others may have come in between.
    fn describe_for_ourselves(&self, portal: &Rc<Portal>, out: &mut BytesMut) {
        let gives = portal.prepared.analysed.as_ref().is_some_and(|analysed| {
            analysed.statement.columns.is_some() || analysed.statement.flags.result_elsewhere
        });
        let shown = portal.running.borrow().as_ref().is_some_and(|running| {
            !running.permit.exchanges.is_empty() || running.permit.records_results()
        });
        let copies = matches!(
            portal.control(),
            Some(Control::CopyIn { .. } | Control::CopyOut { .. })
        );
        if copies || !(gives || shown) || portal.described.replace(true) {
            return;
        }
        let target = Target::Portal(portal.name.clone());
        if (Describe { target }).encode(out).is_ok() {
            let of = Described::Portal(portal.clone());
            self.expect(Expect::Describe { of, hidden: true });
        }
    }

    /// A Describe.
    pub(super) async fn describe(
        &self,
        target: Target,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let of = match &target {
            Target::Statement(name) => self.statement(name).await.map(Described::Statement),
            Target::Portal(name) => self.portal(name).await.map(Described::Portal),
        };
        if self.skipping.get() {
            return Ok(());
        }
        if let Some(Described::Portal(portal)) = &of {
            portal.described.set(true);
        }
        match (of, target) {
            (Some(of), _) => {
                self.expect(Expect::Describe { of, hidden: false });
                out.extend_from_slice(frame.as_bytes());
            }
            (None, Target::Statement(name)) => {
                let shown = name.to_string_lossy();
                let message = format!("prepared statement \"{shown}\" does not exist");
                let report = self.misplaced(
                    "Describe of statement",
                    &name,
                    Report::new("26000", message),
                );
                self.deny(report, false, out);
            }
            (None, Target::Portal(name)) => {
                let report = self.misplaced("Describe of portal", &name, no_portal(&name));
                self.deny(report, false, out);
            }
        }
        Ok(())
    }

    /// An Execute.
    pub(super) async fn execute(
        &self,
        execute: Execute,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let Some(portal) = self.idle_portal(&execute.portal).await else {
            let name = &execute.portal;
            let report = self.misplaced("Execute of portal", name, no_portal(name));
            self.deny(report, false, out);
            return Ok(());
        };
        if self.copying.get() {
            return Err(during_copy());
        }
        let current = self.gate.worker().services.plan.load().generation;
        let decided = portal
            .running
            .borrow()
            .as_ref()
            .map(|running| running.permit.generation);
        if let Err(report) = self.may_go_on(&portal) {
            let old = portal.running.take();
            self.skip(old).await;
            self.deny(report, false, out);
            return Ok(());
        }
        let covered = self.runs_the_same(&portal).await && decided == Some(current);
        if !covered && portal.prepared.analysed.is_some() {
            let old = portal.running.take();
            self.skip(old).await;
            if let Err(report) = self.permit_portal(&portal).await {
                self.deny(report, false, out);
                return Ok(());
            }
        }
        if self.skipping.get() {
            return Ok(());
        }
        // It may have been bound long ago.
        if let Some(analysed) = &portal.prepared.analysed {
            self.own.note(&analysed.statement);
        }
        self.describe_for_ourselves(&portal, out);
        self.went_up(portal.running.borrow().as_ref());
        self.expect(Expect::Execute(portal));
        out.extend_from_slice(frame.as_bytes());
        Ok(())
    }

    /// Whether a portal that was permitted may still run: its approval may have
    /// been revoked, its columns may have turned out to be others.
    fn may_go_on(&self, portal: &Portal) -> Result<(), Report> {
        let running = portal.running.borrow();
        let Some(running) = running.as_ref() else {
            return Ok(());
        };
        if running.failed.is_none() && self.is_revoked(running) {
            return Err(revoked());
        }
        running.failed.clone().map_or(Ok(()), Err)
    }

    /// True when an EXECUTE or FETCH still runs what it was decided with: the
    /// server looks names up when it runs them, and by then they may have been
    /// given to something else, or what they name may be planned anew.
    async fn runs_the_same(&self, portal: &Portal) -> bool {
        let Some(control) = portal.control() else {
            return true;
        };
        if !matches!(control, Control::Execute { .. } | Control::Fetch { .. }) {
            return true;
        }
        let now = self.runs(control).await;
        let same = match (&now, &*portal.source.borrow()) {
            (Some(now), Some(then)) => Rc::ptr_eq(now, then),
            _ => false,
        };
        same && !self.own.defining.get()
    }

    /// The portal of a name, once no Execute of it is under way: what comes of that
    /// decides whether another one has to be decided anew.
    async fn idle_portal(&self, name: &Text) -> Option<Rc<Portal>> {
        loop {
            let portal = self.portal(name).await?;
            if self.copying.get() || !self.is_queued(&portal) {
                return Some(portal);
            }
            self.progress.notified().await;
        }
    }

    /// True while an Execute of the portal waits for its answer.
    fn is_queued(&self, portal: &Rc<Portal>) -> bool {
        self.queue
            .borrow()
            .iter()
            .any(|expect| matches!(expect, Expect::Execute(other) if Rc::ptr_eq(other, portal)))
    }

    /// Ends what a portal was permitted and has not done.
    pub(super) async fn close_portal(&self, portal: &Portal) {
        let running = portal.running.take();
        if let Some(running) = running {
            self.close(running, Outcome::Skipped, "").await;
        }
    }
}

/// Parameters in memory of their own: as they came, each keeps what was read
/// together with it.
fn detached(parameters: &[Option<Bytes>]) -> Vec<Option<Bytes>> {
    let own = |value: &Option<Bytes>| value.as_deref().map(Bytes::copy_from_slice);
    parameters.iter().map(own).collect()
}

/// The report for a portal that is not there.
fn no_portal(name: &Text) -> Report {
    Report::new(
        "34000",
        format!("portal \"{}\" does not exist", name.to_string_lossy()),
    )
}
