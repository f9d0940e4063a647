//! COPY: rows in streams of their own.

use bytes::BytesMut;
use narrowgate_chain::{Cell, Column, Direction, Passed, Rows, Shape};
use narrowgate_codec::postgres::analysis::{Catalog, Control, CopyFormat, OutputColumn};
use narrowgate_codec::postgres::copy_rows::{CopyRow, CopyRows};
use narrowgate_codec::postgres::frontend::Message;
use narrowgate_codec::postgres::{CopyData, Frame};

use super::expect::Expect;
use super::rows::unavailable;
use super::{Ended, Relay, Running};
use crate::postgres::error::{PROTOCOL_VIOLATION, Report};
use crate::postgres::types;

impl Relay {
    /// A message while the server takes COPY data.
    pub(super) fn while_copying(
        &self,
        message: &Message,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        match message {
            Message::CopyData(_) => {}
            Message::CopyDone | Message::CopyFail(_) => {
                self.copying.set(false);
                self.void_syncs();
            }
            // The server ignores both while it copies.
            Message::Sync | Message::Flush => return Ok(()),
            Message::Terminate => return Err(Ended::Terminated),
            _ => {
                let report = Report::new(PROTOCOL_VIOLATION, "another message during COPY from stdin");
                return Err(Ended::Gateway(report));
            }
        }
        out.extend_from_slice(frame.as_bytes());
        Ok(())
    }

    /// A COPY message before the server has said that it takes any: wait until
    /// it is known whether the COPY that is under way begins or fails. Without
    /// one the server would ignore the message, so it goes nowhere.
    pub(super) async fn copy_message(
        &self,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        while self.copy_may_begin() {
            self.progress.notified().await;
        }
        if self.copying.get() {
            let message = Message::decode(frame).map_err(Ended::Client)?;
            return self.while_copying(&message, frame, out);
        }
        Ok(())
    }

    /// True while a COPY FROM STDIN is under way whose data nobody takes yet.
    fn copy_may_begin(&self) -> bool {
        let takes = |running: &Running| {
            matches!(running.control(), Some(Control::CopyIn { .. }))
        };
        !self.copying.get()
            && self.queue.borrow().iter().any(|expect| match expect {
                Expect::Query(running) => running.iter().any(takes),
                Expect::Execute(portal) => portal.running.borrow().as_ref().is_some_and(takes),
                _ => false,
            })
    }

    /// Takes back the Syncs that the server has ignored because it was copying:
    /// those behind the Execute that copies.
    fn void_syncs(&self) {
        let mut queue = self.queue.borrow_mut();
        if matches!(queue.front(), Some(Expect::Execute(_))) {
            queue.retain(|expect| !matches!(expect, Expect::Sync));
        }
    }

    /// The server takes, or gives, COPY data.
    pub(super) async fn copy_begins(
        &self,
        to_client: bool,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        if !to_client {
            self.copying.set(true);
            self.progress.notify_one();
            out.extend_from_slice(frame.as_bytes());
            return Ok(());
        }
        let mut running = self.take_running()?;
        if running.failed.is_none() {
            match self.copy_out_begins(&mut running).await {
                Ok(()) => out.extend_from_slice(frame.as_bytes()),
                Err(report) => self.fail(&mut running, report),
            }
        }
        self.put_running(running);
        Ok(())
    }

    /// Tells the filters what a COPY TO STDOUT gives.
    async fn copy_out_begins(&self, running: &mut Running) -> Result<(), Report> {
        if running.permit.exchanges.is_empty() {
            return Ok(());
        }
        let format = copy_format(running)?;
        let content = match format {
            CopyFormat::Text { .. } => "postgres.copy.text",
            CopyFormat::Csv { .. } => "postgres.copy.csv",
            CopyFormat::Binary => "postgres.copy.binary",
            CopyFormat::Unknown => "postgres.copy.unknown",
        };
        let binary = matches!(format, CopyFormat::Binary);
        let snapshot = self.snapshot().await?;
        let columns = running
            .analysed
            .as_ref()
            .and_then(|analysed| analysed.statement.columns.as_ref())
            .map(|columns| {
                columns
                    .iter()
                    .map(|column| Column {
                        name: column.name.to_string(),
                        type_name: type_of(column, &snapshot.catalog).to_owned(),
                        binary,
                    })
                    .collect::<Vec<_>>()
            })
            .ok_or_else(|| unavailable("the columns of the COPY are not known"))?;
        running.copy = Some(CopyRows::new(&format, columns.len()));
        let shape = Shape { direction: Direction::ToClient, content, columns, attributes: Vec::new() };
        running.begun = true;
        running
            .permit
            .exchanges
            .begin(&shape)
            .await
            .map_err(|fault| Report::denial(&self.gate.fault(&fault)))
    }

    /// A piece of a COPY TO STDOUT.
    pub(super) async fn copy_out(&self, frame: &Frame, out: &mut BytesMut) -> Result<(), Ended> {
        if self.discarding.get() {
            return Ok(());
        }
        let mut running = self.take_running()?;
        self.check_revoked(&mut running);
        if running.failed.is_none()
            && let Err(report) = self.copy_piece(&mut running, frame, out).await
        {
            self.fail(&mut running, report);
        }
        self.put_running(running);
        Ok(())
    }

    /// A piece that is to go down: a row, as servers send them.
    async fn copy_piece(
        &self,
        running: &mut Running,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        if running.permit.row_limit.is_some_and(|most| running.rows >= most) {
            let most = running.permit.row_limit.unwrap_or_default();
            return Err(super::rows::too_many(most));
        }
        let before = out.len();
        if running.permit.exchanges.indifferent(Direction::ToClient) {
            out.extend_from_slice(frame.as_bytes());
        } else {
            self.copy_row(running, frame, out).await?;
        }
        let sent = out.get(before..).unwrap_or_default();
        let data = sent.get(narrowgate_codec::postgres::Header::SIZE..).unwrap_or_default();
        self.gate
            .record_output(&running.permit, "copy-out", data)
            .map_err(|denial| Report::denial(&denial))?;
        running.passed(1, sent.len());
        Ok(())
    }

    /// A row that filters have to see.
    async fn copy_row(
        &self,
        running: &mut Running,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        let unreadable = || unavailable("the COPY stream cannot be read");
        let copy = running.copy.as_mut().ok_or_else(unreadable)?;
        let body = frame.body();
        let cells = match copy.decode(&body).map_err(|_| unreadable())? {
            CopyRow::Frame => {
                out.extend_from_slice(frame.as_bytes());
                return Ok(());
            }
            CopyRow::Cells(cells) => cells,
        };
        let mut rows = Rows { columns: cells.len(), ..Rows::default() };
        let mut wire = BytesMut::new();
        for cell in cells {
            rows.cells.push(match cell {
                None => Cell::Null,
                Some(value) => {
                    let start = wire.len();
                    wire.extend_from_slice(&value);
                    Cell::Wire(start..wire.len())
                }
            });
        }
        rows.wire = wire.freeze();
        match running.permit.exchanges.rows(&mut rows, Direction::ToClient, false).await {
            Ok(Passed::On) => {}
            Ok(Passed::Denied(denial)) => return Err(Report::denial(&denial)),
            Ok(Passed::Dropped) => return Err(unavailable("a filter dropped rows")),
            Err(fault) => return Err(Report::denial(&self.gate.fault(&fault))),
        }
        if !rows.changed {
            out.extend_from_slice(frame.as_bytes());
            return Ok(());
        }
        let mut data = BytesMut::new();
        let values: Vec<_> = (0..rows.columns).map(|cell| rows.cell(cell)).collect();
        copy.encode(&values, &mut data).map_err(|_| unreadable())?;
        CopyData::encode_slice(&data, out).map_err(|_| unreadable())
    }
}

/// The type of a COPY's column: a stream does not tell, so it is what the table
/// says, and something unknown where the value is computed.
fn type_of(column: &OutputColumn, catalog: &Catalog) -> &'static str {
    column
        .expected
        .and_then(|(table, number)| {
            let relation = catalog.relation_by_oid(table)?;
            relation.columns.iter().find(|column| column.attnum == number)
        })
        .map_or("other", |column| types::name(column.type_oid))
}

/// The format of a COPY TO STDOUT.
fn copy_format(running: &Running) -> Result<CopyFormat, Report> {
    match running.control() {
        Some(Control::CopyOut { format }) if *format != CopyFormat::Unknown => Ok(format.clone()),
        _ => Err(Report {
            hint: Some("Use text, csv or binary with its default options.".to_owned()),
            ..Report::new("42501", "this COPY has a format that cannot be masked")
        }),
    }
}
