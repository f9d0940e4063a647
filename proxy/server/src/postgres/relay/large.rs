//! Messages of the target that are too large to be held: they go on as they
//! arrive.
//!
//! A row that filters or the recording have to see is taken apart cell by cell.
//! Its length stands in front of it, so what comes before the last cell that a
//! filter may change is held until that one is known; all behind it streams. A
//! cell that would have to be held and is too large for that ends the operation,
//! and nothing else.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use narrowgate_chain::{Denial, Direction, Passed, Piece};
use narrowgate_codec::postgres::backend::{
    DataRow, ErrorResponse, Fields, NoticeResponse, RowPiece, RowPieces,
};
use narrowgate_codec::postgres::{CopyData, Error as CodecError, Header, Passing};

use super::record::Shown;
use super::rows::{too_many, unavailable};
use super::{Ended, Relay, Running};
use crate::postgres::error::Report;

/// Bytes of an error or notice that are kept of one that is too large.
const TEXT: usize = 64 * 1024;

/// A message on its way that is too large to be held.
pub(super) enum Large {
    /// It goes down as it comes.
    Passing(Passing),
    /// COPY data: it goes down as it comes, and is recorded.
    Copy(Passing),
    /// A row that somebody has to see.
    Row(Box<Row>),
    /// An error or a notice, of which the beginning is enough.
    Text(Header),
    /// It goes nowhere.
    Dropped(Passing),
}

/// A row on its way.
pub(super) struct Row {
    /// Takes it apart.
    pieces: RowPieces,
    /// Columns that it has to have.
    columns: usize,
    /// Columns up to the last one that a filter wants.
    wanted: usize,
    /// Cells that have been begun.
    begun: usize,
    /// Bytes of the cell that was begun last.
    length: usize,
    /// Bytes of it that have been taken.
    taken: usize,
    /// What goes down once the row's length is known; `None` once it has.
    held: Option<Held>,
    /// What is recorded of it.
    shown: Shown,
}

/// The beginning of a row whose length is not known yet.
#[derive(Default)]
struct Held {
    /// The body so far.
    body: BytesMut,
    /// Where the value of the last cell begins.
    start: usize,
    /// The last cell is NULL.
    null: bool,
}

impl Relay {
    /// A message begins that is too large to be held.
    pub(super) async fn large(
        &self,
        header: Header,
        input: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<Large, Ended> {
        match header.tag {
            DataRow::TAG | CopyData::TAG if self.discarding.get() => {
                Ok(Large::Dropped(Passing::begin(header)))
            }
            DataRow::TAG | CopyData::TAG => {
                let mut running = self.take_running()?;
                self.check_revoked(&mut running);
                let begun = match header.tag {
                    _ if running.failed.is_some() => Ok(Large::Dropped(Passing::begin(header))),
                    DataRow::TAG => self.large_row(&mut running, header, input).await,
                    _ => self.large_copy(&mut running, header, input, out),
                };
                let large = begun.unwrap_or_else(|report| {
                    self.fail(&mut running, report);
                    Large::Dropped(Passing::begin(header))
                });
                self.put_running(running);
                Ok(large)
            }
            ErrorResponse::TAG | NoticeResponse::TAG => Ok(Large::Text(header)),
            _ => Err(Ended::Gateway(
                self.too_large("a message of the target", header.total()),
            )),
        }
    }

    /// Takes what is there of it; true once it is over.
    pub(super) async fn more(
        &self,
        large: &mut Large,
        input: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<bool, Ended> {
        match large {
            Large::Passing(rest) => out.extend_from_slice(&rest.take(input)),
            Large::Dropped(rest) => drop(rest.take(input)),
            Large::Copy(rest) => {
                let bytes = rest.take(input);
                let running = self.take_running()?;
                let recorded = self.gate.record_output(&running.permit, "copy-out", &bytes);
                self.put_running(running);
                // Its beginning has gone down already.
                recorded.map_err(|denial| Ended::Gateway(Report::denial(&denial)))?;
                out.extend_from_slice(&bytes);
            }
            Large::Text(header) if input.len() < Header::SIZE + TEXT => {
                let _more_to_come = header;
                return Ok(false);
            }
            Large::Text(header) => {
                let header = *header;
                *large = Large::Dropped(Passing::rest(header.total() - Header::SIZE - TEXT));
                input.advance(Header::SIZE);
                let fields = Fields::decode_start(&input.split_to(TEXT)).map_err(broken)?;
                match header.tag {
                    ErrorResponse::TAG => {
                        self.error_response(ErrorResponse { fields }, out).await?
                    }
                    _ => self.notice_response(NoticeResponse { fields }, out).await?,
                }
            }
            Large::Row(row) => {
                let mut running = self.take_running()?;
                let taken = self.cells(row, &mut running, input, out).await;
                if let Err(Stopped::Failed(report)) = &taken {
                    self.fail(&mut running, report.clone());
                }
                self.put_running(running);
                match taken {
                    Ok(()) => return Ok(row.pieces.is_done()),
                    Err(Stopped::Failed(_)) => {
                        *large = Large::Dropped(Passing::rest(row.pieces.rest()));
                    }
                    Err(Stopped::Ended(ended)) => return Err(ended),
                }
            }
        }
        match large {
            Large::Passing(rest) | Large::Copy(rest) | Large::Dropped(rest) => Ok(rest.is_done()),
            Large::Text(_) | Large::Row(_) => Ok(false),
        }
    }

    /// A row begins.
    async fn large_row(
        &self,
        running: &mut Running,
        header: Header,
        input: &mut BytesMut,
    ) -> Result<Large, Report> {
        one_more(running)?;
        self.begin(running).await?;
        if running.permit.rows_pass() {
            running.passed(1, header.total());
            return Ok(Large::Passing(Passing::begin(header)));
        }
        let columns = running.fields.as_ref().map_or(0, |fields| fields.len());
        Ok(Large::Row(Box::new(Row {
            wanted: running
                .permit
                .exchanges
                .wanted(Direction::ToClient, columns),
            pieces: RowPieces::begin(header, input),
            columns,
            begun: 0,
            length: 0,
            taken: 0,
            held: Some(Held::default()),
            shown: Shown::default(),
        })))
    }

    /// COPY data begins.
    fn large_copy(
        &self,
        running: &mut Running,
        header: Header,
        input: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<Large, Report> {
        one_more(running)?;
        if !running.permit.exchanges.indifferent(Direction::ToClient) {
            return Err(self.too_large("a row of a COPY that filters want", header.total()));
        }
        running.passed(1, header.total());
        out.extend_from_slice(&input.split_to(Header::SIZE));
        let rest = Passing::rest(header.total() - Header::SIZE);
        Ok(match running.permit.records_results() {
            true => Large::Copy(rest),
            false => Large::Passing(rest),
        })
    }

    /// Takes what is there of a row's cells.
    async fn cells(
        &self,
        row: &mut Row,
        running: &mut Running,
        input: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<(), Stopped> {
        while let Some(piece) = row.pieces.next(input).map_err(broken)? {
            match piece {
                RowPiece::Cells(count) if usize::from(count) != row.columns => {
                    return Err(unavailable("the target sends rows that cannot be read").into());
                }
                RowPiece::Cells(count) => row.hold(&count.to_be_bytes()),
                RowPiece::Cell(length) => {
                    if row.begun >= row.wanted {
                        row.release(4, running, out)?;
                    }
                    row.begun += 1;
                    row.length = length.unwrap_or(0);
                    row.taken = 0;
                    if row.length == 0 {
                        let empty = length.map(|_| Bytes::new());
                        self.cell(row, running, empty, out).await?;
                    }
                }
                RowPiece::Bytes(bytes) => self.cell(row, running, Some(bytes), out).await?,
            }
        }
        if row.pieces.is_done() {
            row.release(0, running, out)?;
            let shown = std::mem::take(&mut row.shown);
            self.record_shown(running, shown)?;
        }
        Ok(())
    }

    /// A piece of the cell that was begun last.
    async fn cell(
        &self,
        row: &mut Row,
        running: &mut Running,
        bytes: Option<Bytes>,
        out: &mut BytesMut,
    ) -> Result<(), Stopped> {
        let begins = row.taken == 0;
        row.taken += bytes.as_ref().map_or(0, Bytes::len);
        let ends = row.taken == row.length;
        let column = row.begun.saturating_sub(1);
        let Some(held) = &mut row.held else {
            // What has begun to go down goes down whole, or the session ends.
            let length = bytes
                .as_ref()
                .map_or(-1, |_| i32::try_from(row.length).unwrap_or(-1));
            if begins {
                out.put_i32(length);
            }
            out.extend_from_slice(bytes.as_deref().unwrap_or_default());
            let offset = row.taken - bytes.as_ref().map_or(0, Bytes::len);
            return self
                .show_piece(
                    running,
                    &mut row.shown,
                    column,
                    offset,
                    bytes.as_deref(),
                    ends,
                )
                .map_err(|report| Stopped::Ended(Ended::Gateway(report)));
        };
        let data = bytes.map(|bytes| bytes.to_vec());
        let mut piece = Piece {
            column,
            data,
            begins,
            ends,
        };
        match running
            .permit
            .exchanges
            .piece(&mut piece, Direction::ToClient)
            .await
        {
            Ok(Passed::On) => {}
            Ok(Passed::Denied(denial)) => {
                let report = match begins && ends {
                    true => Report::denial(&denial),
                    false => self.refused_in_part(&denial, row.length),
                };
                return Err(report.into());
            }
            Ok(Passed::Dropped) => return Err(unavailable("a filter dropped rows").into()),
            Err(fault) => return Err(Report::denial(&self.gate.fault(&fault)).into()),
        }
        held.put(piece.data.as_deref(), begins);
        if held.body.len() > self.bounds.message_length {
            let what = "a value that filters look at, or one in front of it,";
            return Err(self.too_large(what, row.length).into());
        }
        if ends {
            let value = held.close();
            self.show_piece(running, &mut row.shown, column, 0, value, true)?;
        }
        Ok(())
    }

    /// The report for what would have to be held and is too large for that.
    fn too_large(&self, what: &str, bytes: usize) -> Report {
        let most = self.bounds.message_length;
        Report {
            detail: Some(format!("It has {bytes} bytes; limits.message_length is {most}.")),
            hint: Some(
                "Ask for a part of it, or for large columns behind all others; or have the limit raised."
                    .to_owned(),
            ),
            ..Report::new("54000", format!("{what} is too large to be held"))
        }
    }

    /// The report for a value that a filter refuses to see in pieces.
    fn refused_in_part(&self, denial: &Denial, bytes: usize) -> Report {
        Report {
            message: denial.message.clone(),
            hint: (!denial.hint.is_empty()).then(|| denial.hint.clone()),
            ..self.too_large("", bytes)
        }
    }
}

/// Why a row is not taken any further.
enum Stopped {
    /// Its operation is ended; nothing of the row has gone down.
    Failed(Report),
    /// The session is.
    Ended(Ended),
}

impl From<Report> for Stopped {
    fn from(report: Report) -> Self {
        Self::Failed(report)
    }
}

impl From<Ended> for Stopped {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

impl Large {
    /// True when it has gone down in part.
    pub(super) fn is_midway(&self) -> bool {
        match self {
            Self::Passing(_) | Self::Copy(_) => true,
            Self::Row(row) => row.held.is_none(),
            Self::Text(_) | Self::Dropped(_) => false,
        }
    }
}

impl Row {
    /// Holds bytes that belong to no cell.
    fn hold(&mut self, bytes: &[u8]) {
        if let Some(held) = &mut self.held {
            held.body.extend_from_slice(bytes);
        }
    }

    /// Sends down what is held: from here on the row goes as it comes. `taken` are
    /// bytes that have been taken of it and are not held.
    fn release(
        &mut self,
        taken: usize,
        running: &mut Running,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        let Some(held) = self.held.take() else {
            return Ok(());
        };
        let length = held.body.len() + taken + self.pieces.rest() + 4;
        let length = i32::try_from(length)
            .map_err(|_| unavailable("a masked row is too long to be sent"))?;
        out.put_u8(DataRow::TAG);
        out.put_i32(length);
        out.extend_from_slice(&held.body);
        running.passed(1, usize::try_from(length).unwrap_or(0) + 1);
        Ok(())
    }
}

impl Held {
    /// A piece of a cell, as filters have left it.
    fn put(&mut self, bytes: Option<&[u8]>, begins: bool) {
        if begins {
            self.body.put_i32(-1);
            self.start = self.body.len();
            self.null = bytes.is_none();
        }
        if !self.null {
            self.body.extend_from_slice(bytes.unwrap_or_default());
        }
    }

    /// The cell is over: its length is known.
    fn close(&mut self) -> Option<&[u8]> {
        if self.null {
            return None;
        }
        let length = self.body.len() - self.start;
        let place = self
            .start
            .checked_sub(4)
            .and_then(|at| self.body.get_mut(at..self.start));
        if let (Some(place), Ok(length)) = (place, i32::try_from(length)) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        self.body.get(self.start..)
    }
}

/// Holds a row against the most that may come.
fn one_more(running: &Running) -> Result<(), Report> {
    match running.permit.row_limit {
        Some(most) if running.rows >= most => Err(too_many(most)),
        _ => Ok(()),
    }
}

/// What the target sends cannot be read.
fn broken(error: CodecError) -> Ended {
    Ended::Target(error.to_string())
}
