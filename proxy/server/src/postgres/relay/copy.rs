//! COPY: rows in streams of their own.

use bytes::{Bytes, BytesMut};
use narrowgate_chain::{Cell, Column, Direction, Passed, Rows, Shape};
use narrowgate_codec::postgres::analysis::{Catalog, Control, CopyFormat, Origin, OutputColumn};
use narrowgate_codec::postgres::copy_rows::{CopyRow, CopyRows};
use narrowgate_codec::postgres::frontend::Message;
use narrowgate_codec::postgres::{CopyData, Frame, Limits, Scan};

use super::expect::Expect;
use super::rows::unavailable;
use super::{Ended, Relay, Running};
use crate::postgres::error::{PROTOCOL_VIOLATION, Report};
use crate::postgres::types;

impl Relay {
    /// A message while the server takes COPY data.
    pub(super) async fn while_copying(
        &self,
        message: Message,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        match message {
            Message::CopyData(CopyData { data }) => {
                return self.copy_in(data, Some(frame.as_bytes()), out).await;
            }
            Message::CopyDone => {
                self.copy_done(frame.as_bytes(), out).await;
                self.copying.set(false);
                self.void_syncs();
                return Ok(());
            }
            Message::CopyFail(_) => {
                self.copying.set(false);
                self.void_syncs();
            }
            // The server ignores both while it copies.
            Message::Sync | Message::Flush => return Ok(()),
            Message::Terminate => return Err(Ended::Terminated),
            _ => return Err(during_copy()),
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
        if self.is_copying().await {
            let message = Message::decode(frame).map_err(Ended::Client)?;
            return self.while_copying(message, frame, out).await;
        }
        Ok(())
    }

    /// Whether the server takes COPY data, once that is known.
    pub(super) async fn is_copying(&self) -> bool {
        while self.lent.get() || self.copy_may_begin() {
            self.progress.notified().await;
        }
        self.copying.get()
    }

    /// True while a COPY FROM STDIN is under way whose data nobody takes yet.
    fn copy_may_begin(&self) -> bool {
        let takes = |running: &Running| matches!(running.control(), Some(Control::CopyIn { .. }));
        !self.copying.get()
            && self.queue.borrow().iter().any(|expect| match expect {
                Expect::Query(running) => running.iter().any(|one| takes(one)),
                Expect::Execute(portal) => portal
                    .running
                    .borrow()
                    .as_ref()
                    .is_some_and(|one| takes(one)),
                _ => false,
            })
    }

    /// Takes back the Syncs that the server has ignored because it was copying:
    /// those behind the Execute that copies.
    fn void_syncs(&self) {
        let mut queue = self.queue.borrow_mut();
        if matches!(queue.front(), Some(Expect::Execute(_))) {
            queue.retain(|expect| !matches!(expect, Expect::Sync));
            self.own.sync_ignored();
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
            out.extend_from_slice(frame.as_bytes());
            return self.copy_in_begins().await;
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
        let predicted = running
            .analysed
            .as_ref()
            .and_then(|analysed| analysed.statement.columns.as_ref())
            .ok_or_else(|| unavailable("the columns of the COPY are not known"))?;
        let mut columns = Vec::with_capacity(predicted.len());
        for column in predicted {
            // Text is text, whatever its type; binary values of a type that
            // cannot be told could be neither searched nor replaced.
            let type_name = match type_of(column, &snapshot.catalog) {
                Some(name) => name,
                None if !binary => "text",
                None => return Err(untold(&column.name)),
            };
            let (name, type_name) = (column.name.to_string(), type_name.to_owned());
            columns.push(Column {
                name,
                type_name,
                binary,
            });
        }
        running.copy = Some(CopyRows::new(&format, columns.len()));
        let shape = Shape {
            direction: Direction::ToClient,
            content,
            columns,
            attributes: Vec::new(),
        };
        running.begun = true;
        running
            .permit
            .exchanges
            .begin(&shape)
            .await
            .map_err(|fault| Report::denial(&self.gate.fault(&fault)))
    }

    /// A run of whole CopyData messages of a COPY TO STDOUT.
    pub(super) async fn copy_out(
        &self,
        pieces: Bytes,
        count: usize,
        limits: &Limits,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        if self.discarding.get() {
            return Ok(());
        }
        let mut running = self.take_running()?;
        self.check_revoked(&mut running);
        if running.failed.is_none()
            && let Err(report) = self
                .copy_pieces(&mut running, pieces, count, limits, out)
                .await
        {
            self.fail(&mut running, report);
        }
        self.put_running(running);
        Ok(())
    }

    /// Pieces that are to go down: rows, as servers send them. They are recorded
    /// in one go before any of them does.
    async fn copy_pieces(
        &self,
        running: &mut Running,
        pieces: Bytes,
        count: usize,
        limits: &Limits,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if running
            .permit
            .row_limit
            .is_some_and(|most| running.rows + count > most)
        {
            let most = running.permit.row_limit.unwrap_or_default();
            return Err(super::rows::too_many(most));
        }
        let passes = running.permit.exchanges.indifferent(Direction::ToClient);
        if passes && !running.permit.records_results() {
            out.extend_from_slice(&pieces);
            running.passed(count, pieces.len());
            return Ok(());
        }
        let mut shown = BytesMut::new();
        for found in Scan::new(&pieces, limits) {
            let found = found.map_err(|_| unreadable())?;
            let row = pieces.slice(found.body());
            match passes {
                true => shown.extend_from_slice(&pieces.slice(found.range)),
                false => self.copy_row(running, row, &mut shown).await?,
            }
        }
        let mut recorded = Vec::with_capacity(shown.len());
        for found in Scan::new(&shown, limits).map_while(Result::ok) {
            recorded.extend_from_slice(shown.get(found.body()).unwrap_or_default());
        }
        self.gate
            .record_output(&running.permit, "copy-out", &recorded)
            .map_err(|denial| Report::denial(&denial))?;
        out.extend_from_slice(&shown);
        running.passed(count, shown.len());
        Ok(())
    }

    /// A row that filters have to see.
    async fn copy_row(
        &self,
        running: &mut Running,
        mut body: Bytes,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        let head = match copy_format(running)? {
            CopyFormat::Binary => binary_header(&mut body),
            _ => Bytes::new(),
        };
        let copy = running.copy.as_mut().ok_or_else(unreadable)?;
        if !head.is_empty() {
            copy.decode(&head).map_err(|_| unreadable())?;
            if body.is_empty() {
                return CopyData::encode_slice(&head, out).map_err(|_| unreadable());
            }
        }
        let cells = match copy.decode(&body).map_err(|_| unreadable())? {
            CopyRow::Frame => {
                return CopyData::encode_slice(&body, out).map_err(|_| unreadable());
            }
            CopyRow::Cells(cells) => cells,
        };
        let mut rows = Rows {
            columns: cells.len(),
            ..Rows::default()
        };
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
        let mut data = BytesMut::from(head.as_ref());
        if !rows.changed {
            data.extend_from_slice(&body);
            return CopyData::encode_slice(&data, out).map_err(|_| unreadable());
        }
        let values: Vec<_> = (0..rows.columns).map(|cell| rows.cell(cell)).collect();
        copy.encode(&values, &mut data).map_err(|_| unreadable())?;
        CopyData::encode_slice(&data, out).map_err(|_| unreadable())
    }
}

/// The end of a session whose client sends something else while it copies.
pub(super) fn during_copy() -> Ended {
    Ended::Gateway(Report::new(
        PROTOCOL_VIOLATION,
        "another message during COPY from stdin",
    ))
}

/// Takes the header off a message of the binary format: servers send it
/// together with the first row. No row begins like it, since its number of
/// columns would be above what tables may have.
fn binary_header(body: &mut Bytes) -> Bytes {
    const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
    let fixed = SIGNATURE.len() + 8;
    let extension = body
        .get(fixed - 4..fixed)
        .and_then(|length| <[u8; 4]>::try_from(length).ok())
        .and_then(|length| usize::try_from(u32::from_be_bytes(length)).ok());
    match extension.and_then(|extension| fixed.checked_add(extension)) {
        Some(length) if body.starts_with(SIGNATURE) && length <= body.len() => {
            body.split_to(length)
        }
        _ => Bytes::new(),
    }
}

/// The type of a COPY's column: a stream does not tell, so it is that of the
/// columns whose values it gives unchanged, if all have the same; nobody says
/// where the value is computed.
fn type_of(column: &OutputColumn, catalog: &Catalog) -> Option<&'static str> {
    let Origin::Known {
        columns,
        direct: true,
    } = &column.origin
    else {
        return None;
    };
    let mut types = columns.iter().map(|column| {
        let relation = catalog.relation(&column.schema, &column.relation)?;
        relation
            .column(&column.column)
            .map(|column| column.type_oid)
    });
    let first = types.next()??;
    types
        .all(|other| other == Some(first))
        .then(|| types::name(first))
}

/// The report for a binary column of which nobody says the type.
fn untold(column: &str) -> Report {
    Report {
        hint: Some("Use the text or csv format.".to_owned()),
        ..Report::new(
            "42501",
            format!("the type of the column {column} of this COPY cannot be told"),
        )
    }
}

/// The report for a stream that cannot be taken apart.
fn unreadable() -> Report {
    unavailable("the COPY stream cannot be read")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_taken_off_the_first_row() {
        let header = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
        let row = b"\0\x01\0\0\0\x01x";
        let mut body = Bytes::from([header.as_slice(), row].concat());
        assert_eq!(binary_header(&mut body), header.as_slice());
        assert_eq!(body, row.as_slice());
        assert!(binary_header(&mut body).is_empty());
        assert_eq!(body, row.as_slice());
        let cut = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\x01";
        assert!(binary_header(&mut Bytes::from_static(cut)).is_empty());
    }
}
