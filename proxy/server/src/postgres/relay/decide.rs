//! From an analysed statement to leave to run it.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use narrowgate_chain::{Detail, Operation, Phase, Statement};
use narrowgate_codec::postgres::analysis::{self, Action, Change, Control, DiscardKind};
use narrowgate_codec::postgres::backend::{Fields, Severity};

use super::super::error::Report;
use super::super::operation as words;
use super::super::statements::Analysed;
use super::asking::{Asking, Names};
use super::budget::Share;
use super::names::inner_of;
use super::own::defines;
use super::{Relay, Running};
use crate::gate::Refused;

/// Why a statement may not run as it is.
pub(super) enum Denied {
    /// The client is told this.
    Report(Report),
    /// A filter put this text in its place.
    Rewritten(String),
}

impl From<Report> for Denied {
    fn from(report: Report) -> Self {
        Self::Report(report)
    }
}

/// What is to be decided.
pub(super) struct Asked<'a> {
    /// The statement.
    pub(super) analysed: &'a Rc<Analysed>,
    /// Its text.
    pub(super) text: Arc<str>,
    /// When.
    pub(super) phase: Phase,
    /// With what.
    pub(super) parameters: Parameters,
    /// Where its names stand.
    pub(super) names: Names,
    /// Its part of the budget, if it keeps one itself.
    pub(super) room: Option<Share>,
}

/// What an operation is given.
#[derive(Default)]
pub(super) struct Parameters {
    /// Values, as sent.
    pub(super) values: Vec<Option<Bytes>>,
    /// Where they are in binary format.
    pub(super) binary: Vec<bool>,
    /// Their types by OIDs, as far as they are known.
    pub(super) types: Option<Rc<[u32]>>,
}

/// What a statement runs in turn.
struct Source {
    /// Its analysis.
    analysed: Rc<Analysed>,
    /// Its text.
    text: Arc<str>,
}

impl Relay {
    /// Has a statement decided.
    pub(super) async fn decide(&self, asked: Asked<'_>) -> Result<Box<Running>, Denied> {
        let Asked {
            analysed,
            text,
            phase,
            parameters,
            names,
            room,
        } = asked;
        let display = analysed
            .statement
            .flags
            .secret_text
            .then(|| self.withheld(analysed, &text));
        let found = match pinned(&analysed.statement) {
            Ok(pinned) => self
                .source(&analysed.statement)
                .await
                .map(|source| (pinned, source)),
            Err(report) => Err(report),
        };
        let statement = match &found {
            Ok((_, source)) => self.operation(analysed, source.as_ref()),
            Err(_) => analysed.operation.clone(),
        };
        let Parameters {
            values,
            binary,
            types,
        } = parameters;
        let id = self.gate.next_operation();
        let operation = Operation {
            id,
            phase,
            statement,
            text,
            display,
            parameters: values,
            binary,
        };
        let (pinned, source) = match found {
            Ok(found) => found,
            Err(report) => return Err(self.refused(&operation, report).into()),
        };
        let mut running = self
            .permit(
                operation,
                Asking {
                    relay: self,
                    names,
                    types,
                },
            )
            .await?;
        running.room.set(room);
        running.control = Some(analysed.clone());
        let shown = source.filter(|_| !is_plan(analysed));
        running.analysed = Some(shown.map_or_else(|| analysed.clone(), |source| source.analysed));
        if phase == Phase::Execute {
            self.note(&analysed.statement, pinned);
        }
        Ok(running)
    }

    /// Records that the gateway itself refuses an operation.
    pub(super) fn refused(&self, operation: &Operation, report: Report) -> Report {
        match self.gate.record_refused(operation, &report.message) {
            Ok(()) => report.about(operation.id),
            Err(unrecorded) => Report::denial(&unrecorded),
        }
    }

    /// Has an operation decided.
    pub(super) async fn permit(
        &self,
        operation: Operation,
        asking: Asking<'_>,
    ) -> Result<Box<Running>, Denied> {
        let id = operation.id;
        let permit = self.gate.decide(Arc::new(operation), &asking).await;
        self.holding.set(false);
        let permit = permit.map_err(|refused| match refused {
            Refused::Denied(denial) => Denied::Report(Report::denial(&denial).about(id)),
            Refused::Rewritten(text) => Denied::Rewritten(text),
        })?;
        let mut running = Box::new(Running::new(permit));
        for message in std::mem::take(&mut running.permit.notices) {
            self.remark(Some(id), Fields::new(Severity::Notice, "00000", message));
        }
        if !running.permit.grants.is_empty() {
            self.watch(&mut running);
        }
        Ok(running)
    }

    /// The statement whose result this one gives: EXECUTE runs a prepared one,
    /// FETCH goes on with a cursor's.
    async fn source(&self, statement: &analysis::Statement) -> Result<Option<Source>, Report> {
        let (sqlstate, what, name) = match &statement.control {
            Control::Execute { name } => ("26000", "prepared statement", name),
            Control::Fetch { cursor, .. } => ("34000", "cursor", cursor),
            _ => return Ok(None),
        };
        let missing = || Report::new(sqlstate, format!("{what} \"{name}\" does not exist"));
        let prepared = self.runs(&statement.control).await.ok_or_else(missing)?;
        let analysed = prepared.analysed.clone().ok_or_else(missing)?;
        // A cursor was planned when it was opened; a statement may be planned
        // anew when it is run.
        let analysed = match &statement.control {
            Control::Execute { .. } => self.still_analysed(&prepared, &analysed).await?,
            _ => analysed,
        };
        Ok(Some(Source {
            analysed,
            text: prepared.text.clone(),
        }))
    }

    /// The statement in the chain's words, with what it takes from another one
    /// and with what this session no longer knows for sure.
    fn operation(&self, analysed: &Analysed, source: Option<&Source>) -> Arc<Statement> {
        let touches = !analysed.operation.objects.is_empty() || source.is_some();
        let doubt = match touches {
            true if self.has_failed() => self.taint.get(),
            true => self.own.doubt().or(self.taint.get()),
            false => None,
        };
        if source.is_none() && doubt.is_none() {
            return analysed.operation.clone();
        }
        let mut statement = (*analysed.operation).clone();
        if let Some(source) = source {
            words::merge(&mut statement, &source.analysed.operation);
            let mut detail = source.analysed.operation.detail.clone();
            if is_plan(analysed)
                && let (Detail::Postgres(of), Detail::Postgres(own)) =
                    (&mut detail, &analysed.operation.detail)
            {
                of.origins.clone_from(&own.origins);
            }
            statement.detail = detail;
            // The name says nothing to who has to approve it, and may mean
            // something else tomorrow.
            let text = source.text.to_string().into();
            statement
                .further
                .push((Cow::Borrowed(words::SOURCE_TEXT), text));
        }
        // It may be why others are there.
        let doubt = doubt.map(str::to_owned);
        statement.unresolved.splice(0..0, doubt);
        Arc::new(statement)
    }

    /// What recordings and approvers see of a text with a secret in it.
    fn withheld(&self, analysed: &Analysed, text: &str) -> Arc<str> {
        let key = &self.gate.worker().services.digest_key;
        let digest = narrowgate_store::recordings::digest_secret(key, text.as_bytes());
        format!(
            "{} (text with a secret withheld: {digest})",
            analysed.statement.tag
        )
        .into()
    }

    /// True when the names of an operation mean what they did when it was made:
    /// its text is analysed anew, with a catalog that is read now.
    pub(super) async fn still_means(&self, operation: &Operation, names: Names) -> bool {
        if names == Names::None {
            return true;
        }
        self.catalog_after.set(Some(Instant::now()));
        self.own.mistaken();
        let Ok(analysing) = self.analyse(&operation.text).await else {
            return false;
        };
        if self.own.doubt().is_some() {
            return false;
        }
        let [analysed] = &*analysing.statements else {
            return false;
        };
        let analysed = match (&analysed.statement.control, names) {
            (Control::Prepare { inner, .. } | Control::Declare { inner, .. }, Names::Within) => {
                inner_of(analysed, inner)
            }
            _ => analysed.clone(),
        };
        // What it takes from a prepared statement or cursor belongs to it too.
        let source = self.source(&analysed.statement).await;
        let Ok(source) = source else { return false };
        let now = self.operation(&analysed, source.as_ref());
        now.objects == operation.objects && now.further == operation.further
    }

    /// Keeps in mind what a permitted statement does to the session.
    pub(super) fn note(&self, statement: &analysis::Statement, pinned: Option<&'static str>) {
        let flags = &statement.flags;
        if flags.modifies || flags.locks_rows || defines(statement) {
            self.written.set(true);
        }
        self.own.note(statement);
        if flags.changes_role {
            self.taint.set(Some("the role of the session was changed"));
        }
        if pinned.is_some() {
            self.taint.set(pinned);
        }
        if matches!(
            statement.control,
            Control::Discard(DiscardKind::All | DiscardKind::Temporary)
        ) {
            // The names are cleared when the server confirms.
            self.written.set(true);
        }
    }

    /// Ends an operation when one of its approvals is revoked while it runs.
    fn watch(&self, running: &mut Running) {
        let approvals = self.gate.worker().services.approvals.clone();
        let grants = running.permit.grants.clone();
        let revocations = self.revocations.clone();
        let operation = running.permit.operation.id;
        let watch = tokio::task::spawn_local(async move {
            let waits = grants.iter().map(|id| {
                let approvals = approvals.clone();
                Box::pin(async move { approvals.revoked(id).await })
            });
            let (outcome, _, _) = futures_util::future::select_all(waits).await;
            if let Err(error) = outcome {
                tracing::warn!(%error, "an approval can no longer be watched");
            }
            // Whether revoked or unwatchable, what runs under it ends.
            revocations.operations.borrow_mut().push(operation);
            revocations.told.notify_one();
        });
        running.watched(watch.abort_handle());
    }
}

/// True for EXPLAIN EXECUTE, whose rows are a plan and not those of what it explains.
fn is_plan(analysed: &Analysed) -> bool {
    analysed.statement.action == Action::Explain
}

/// Settings that the gateway reads by: changing them is refused, or makes that
/// names can no longer be told.
fn pinned(statement: &analysis::Statement) -> Result<Option<&'static str>, Report> {
    let mut doubt = None;
    for setting in &statement.settings {
        let Some(name) = setting.name.as_deref() else {
            doubt = Some("a setting was changed that cannot be told");
            continue;
        };
        match (name, &setting.change) {
            (_, Change::Reset) => {}
            // Nothing is found that is not named in full, so what is found is
            // what it was before: `pg_dump` asks for this.
            ("search_path", Change::To(values)) if values.iter().all(String::is_empty) => {}
            ("client_encoding" | "names", Change::To(values))
                if values.iter().all(|value| utf8(value)) => {}
            ("standard_conforming_strings", Change::To(values))
                if values.iter().all(|value| on(value)) => {}
            ("client_encoding" | "names" | "standard_conforming_strings", _) => {
                return Err(Report {
                    hint: Some("Leave it as it is: UTF8, and on.".to_owned()),
                    ..Report::new(
                        "42501",
                        format!("the setting \"{name}\" is fixed by the gateway"),
                    )
                });
            }
            ("search_path" | "role" | "session_authorization", _) => {
                doubt = Some("the search path or the role of the session was changed");
            }
            _ => {}
        }
    }
    Ok(doubt)
}

/// True for the encoding that the gateway reads.
fn utf8(value: &str) -> bool {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(plain.to_ascii_lowercase().as_str(), "utf8" | "unicode")
}

/// True for a setting's `on`.
fn on(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "on" | "true" | "yes" | "1"
    )
}
