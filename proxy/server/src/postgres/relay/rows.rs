//! Result rows: passed on as they came where nobody has to see them, else shown
//! to the filters in batches, recorded as the client sees them, and encoded
//! anew where a filter changed something.

use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use narrowgate_chain::{Cell, Column, Denial, Direction, Passed, Rows, Shape, code};
use narrowgate_codec::postgres::analysis::Control;
use narrowgate_codec::postgres::backend::{DataRow, Field, Row};
use narrowgate_codec::postgres::{Format, Limits, Scan};

use super::expect::Expect;
use super::{Ended, Relay, Running};
use crate::postgres::error::Report;
use crate::postgres::types;

impl Relay {
    /// A run of whole DataRow messages.
    pub(super) async fn rows(
        &self,
        bytes: Bytes,
        count: usize,
        limits: &Limits,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        if self.discarding.get() {
            return Ok(());
        }
        let mut running = self.take_running()?;
        self.check_revoked(&mut running);
        if running.failed.is_none() {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            if running
                .permit
                .row_limit
                .is_some_and(|most| running.rows + count > most)
            {
                let most = running.permit.row_limit.unwrap_or_default();
                self.fail(&mut running, too_many(most));
            } else if running.rows_pass() {
                out.extend_from_slice(&bytes);
                running.passed(count, bytes.len());
            } else if let Err(report) = self.batch(&mut running, bytes, count, limits, out).await {
                self.fail(&mut running, report);
            }
        }
        self.put_running(running);
        Ok(())
    }

    /// Rows that filters or the recording have to see.
    async fn batch(
        &self,
        running: &mut Running,
        wire: Bytes,
        count: u64,
        limits: &Limits,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        self.begin(running).await?;
        let columns = running.fields.as_ref().map_or(0, |fields| fields.len());
        let (mut rows, frames) = decode(wire, columns, limits)?;
        match running
            .permit
            .exchanges
            .rows(&mut rows, Direction::ToClient, false)
            .await
        {
            Ok(Passed::On) => {}
            Ok(Passed::Denied(denial)) => return Err(Report::denial(&denial)),
            Ok(Passed::Dropped) => return Err(unavailable("a filter dropped rows")),
            Err(fault) => return Err(Report::denial(&self.gate.fault(&fault))),
        }
        self.record(running, &rows)?;
        let before = out.len();
        match rows.changed {
            false => out.extend_from_slice(&rows.wire),
            true => encode(&rows, &frames, out)?,
        }
        running.passed(count, out.len() - before);
        Ok(())
    }

    /// Tells the filters what is about to flow, once.
    pub(super) async fn begin(&self, running: &mut Running) -> Result<(), Report> {
        if running.begun {
            return Ok(());
        }
        let fields = running
            .fields
            .clone()
            .ok_or_else(|| unavailable("the columns of the result are not known"))?;
        running.begun = true;
        if running.permit.exchanges.is_empty() {
            return Ok(());
        }
        let shape = Shape {
            direction: Direction::ToClient,
            content: "postgres.rows",
            columns: fields.iter().map(column).collect(),
            attributes: Vec::new(),
        };
        running
            .permit
            .exchanges
            .begin(&shape)
            .await
            .map_err(|fault| Report::denial(&self.gate.fault(&fault)))
    }

    /// The columns of a result are known: they have to be those that were
    /// predicted, and the filters are told.
    pub(super) async fn described(
        &self,
        running: &mut Running,
        fields: Rc<[Field]>,
    ) -> Result<(), Report> {
        // The server says "no data" of a COPY, whose stream tells by itself.
        if let Some(Control::CopyIn { .. } | Control::CopyOut { .. }) = running.control() {
            return Ok(());
        }
        running.fields = Some(fields.clone());
        self.as_predicted(running, &fields)?;
        self.begin(running).await
    }

    /// Holds a description against the prediction. Where they differ, the
    /// catalog that was decided with is not the one the server used.
    fn as_predicted(&self, running: &Running, fields: &[Field]) -> Result<(), Report> {
        let Some(analysed) = &running.analysed else {
            return Ok(());
        };
        let Some(predicted) = &analysed.statement.columns else {
            return Ok(());
        };
        if !analysed.statement.unresolved.is_empty() {
            return Ok(());
        }
        let agrees = predicted.len() == fields.len()
            && predicted
                .iter()
                .zip(fields)
                .all(|(column, field)| column.matches(field.table_oid, field.attribute_number));
        if agrees {
            return Ok(());
        }
        self.catalog_after.set(Some(std::time::Instant::now()));
        self.own.mistaken();
        Err(Report {
            hint: Some("Run it again: the catalog is being read anew.".to_owned()),
            ..Report::new(
                "42501",
                "the result has other columns than the catalog says",
            )
        })
    }

    /// The operation whose answers are coming now, taken out of its place.
    pub(super) fn take_running(&self) -> Result<Box<Running>, Ended> {
        let mut queue = self.queue.borrow_mut();
        let running = match queue.front_mut() {
            Some(Expect::Query(running)) => running.pop_front(),
            Some(Expect::Execute(portal)) => {
                let mut running = portal.running.take();
                if let Some(running) = &mut running
                    && running.fields.is_none()
                {
                    running.fields = portal.fields();
                }
                running
            }
            _ => None,
        };
        running.ok_or_else(|| Ended::Target("a result that nobody has asked for".to_owned()))
    }

    /// Puts it back.
    pub(super) fn put_running(&self, running: Box<Running>) {
        match self.queue.borrow_mut().front_mut() {
            Some(Expect::Query(others)) => others.push_front(running),
            Some(Expect::Execute(portal)) => *portal.running.borrow_mut() = Some(running),
            _ => {}
        }
    }

    /// Ends an operation while it runs: its answers are dropped, the client is
    /// told when the server has let go of it.
    pub(super) fn fail(&self, running: &mut Running, report: Report) {
        if running.failed.is_none() {
            running.failed = Some(report.about(running.permit.operation.id));
            self.precarious.set(true);
            self.cancel_upstream();
        }
    }

    /// Ends an operation whose approval has been revoked.
    pub(super) fn check_revoked(&self, running: &mut Running) {
        if self.is_revoked(running) {
            self.fail(running, revoked());
        }
    }

    /// True when an approval of the operation has been revoked.
    pub(super) fn is_revoked(&self, running: &Running) -> bool {
        self.revocations
            .operations
            .borrow()
            .contains(&running.permit.operation.id)
    }
}

impl Running {
    /// True when nobody has to see its rows. Filters that follow it say what they
    /// want only once they have been told what flows: until then, everything.
    fn rows_pass(&self) -> bool {
        (self.begun || self.permit.exchanges.is_empty()) && self.permit.rows_pass()
    }

    /// Rows have gone to the client.
    pub(super) fn passed(&mut self, rows: u64, bytes: usize) {
        self.rows += rows;
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }
}

/// A column as filters see it.
fn column(field: &Field) -> Column {
    Column {
        name: field.name.to_string_lossy().into_owned(),
        type_name: types::name(field.type_oid).to_owned(),
        binary: field.format == Format::Binary,
    }
}

/// The cells of a run of DataRow messages, and where each message is.
fn decode(
    wire: Bytes,
    columns: usize,
    limits: &Limits,
) -> Result<(Rows, Vec<std::ops::Range<usize>>), Report> {
    let broken = || unavailable("the target sends rows that cannot be read");
    let mut rows = Rows {
        columns,
        ..Rows::default()
    };
    let mut frames = Vec::new();
    for found in Scan::new(&wire, limits) {
        let found = found.map_err(|_| broken())?;
        let body = found.body();
        let row = Row::decode(wire.get(body.clone()).unwrap_or_default()).map_err(|_| broken())?;
        if row.len() != columns {
            return Err(broken());
        }
        rows.cells.extend(row.cells().map(|cell| match cell {
            None => Cell::Null,
            Some(range) => Cell::Wire(body.start + range.start..body.start + range.end),
        }));
        frames.push(found.range);
    }
    rows.wire = wire;
    Ok((rows, frames))
}

/// Appends rows: those that no filter changed as they came.
fn encode(
    rows: &Rows,
    frames: &[std::ops::Range<usize>],
    out: &mut BytesMut,
) -> Result<(), Report> {
    out.reserve(rows.wire.len() + rows.edited.len());
    for (row, frame) in frames.iter().enumerate() {
        let first = row * rows.columns;
        let cells = first..first + rows.columns;
        let kept = rows.cells.get(cells.clone()).unwrap_or_default();
        // Made of the same cells, a row with a NULL comes to the same bytes.
        if kept.iter().all(|cell| matches!(cell, Cell::Wire(_))) {
            out.extend_from_slice(rows.wire.get(frame.clone()).unwrap_or_default());
            continue;
        }
        DataRow::encode_values(cells.map(|cell| rows.cell(cell)), out)
            .map_err(|_| unavailable("a masked row is too long to be sent"))?;
    }
    Ok(())
}

/// The report for an approval that was taken back.
pub(super) fn revoked() -> Report {
    Report::new("57014", "the approval of this operation was revoked")
}

/// The report for a row limit.
pub(super) fn too_many(most: u64) -> Report {
    Report {
        hint: Some("Ask for fewer rows, for example with LIMIT.".to_owned()),
        ..Report::new(
            "53400",
            format!("the result has more than the {most} rows that are allowed"),
        )
    }
}

/// The report for what has to work and does not.
pub(super) fn unavailable(what: &str) -> Report {
    let hint = "Tell whoever runs the gateway.";
    Report::denial(&Denial::new(code::UNAVAILABLE, what, hint))
}
