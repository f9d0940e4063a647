//! Result rows as they are recorded: a line for many of them, and a value that
//! is large in pieces before the line of its row.

use std::ops::Range;

use narrowgate_chain::Rows;
use narrowgate_codec::postgres::Format;
use narrowgate_store::recordings::{self, Cell, Fragment, Room};

use super::{Relay, Running};
use crate::postgres::error::Report;
use crate::postgres::types;

/// The cells of a row that goes down in pieces.
#[derive(Default)]
pub(super) struct Shown {
    /// Cells as they stand in the row's line.
    cells: Vec<Part>,
    /// Bytes of those that do.
    inline: Vec<u8>,
    /// What the line still has room for.
    room: Room,
}

/// A cell of a row that goes down in pieces.
enum Part {
    /// NULL.
    Null,
    /// In the line.
    Inline(Range<usize>),
    /// Recorded before it.
    Large(u64),
}

impl Relay {
    /// Records rows as the client is about to see them.
    pub(super) fn record(&self, running: &mut Running, rows: &Rows) -> Result<(), Report> {
        if !running.permit.records_results() {
            return Ok(());
        }
        let mut recorded = self.recorded(running);
        let fits = rows.wire.len() + rows.edited.len() <= recordings::Rows::CHUNK;
        for row in 0..rows.len() {
            let first = row * rows.columns;
            let cells = || (first..first + rows.columns).map(|cell| rows.cell(cell));
            // Most rows fit, and then there is nothing to be looked for.
            if !fits {
                let mut room = Room::default();
                for (column, cell) in cells().enumerate() {
                    if let Some(bytes) = cell
                        && !room.takes(bytes.len())
                    {
                        self.record_pieces(running, recorded.total(), column, 0, bytes, true)?;
                    }
                }
            }
            let mut room = Room::default();
            recorded.push(cells().map(|cell| match cell {
                None => Cell::Null,
                Some(bytes) if room.takes(bytes.len()) => Cell::Bytes(bytes),
                Some(bytes) => Cell::Large(bytes.len() as u64),
            }));
            if recorded.is_full() {
                self.store_rows(running, &mut recorded)?;
            }
        }
        if !recorded.is_empty() {
            self.store_rows(running, &mut recorded)?;
        }
        running.recorded = Some(recorded);
        Ok(())
    }

    /// Records a piece, or all, of a cell of a row that goes down in pieces.
    pub(super) fn show_piece(
        &self,
        running: &mut Running,
        shown: &mut Shown,
        column: usize,
        offset: usize,
        bytes: Option<&[u8]>,
        ends: bool,
    ) -> Result<(), Report> {
        if !running.permit.records_results() {
            return Ok(());
        }
        let Some(bytes) = bytes else {
            shown.cells.push(Part::Null);
            return Ok(());
        };
        let start = shown.inline.len();
        if offset == 0 && ends && shown.room.takes(bytes.len()) {
            shown.inline.extend_from_slice(bytes);
            shown.cells.push(Part::Inline(start..shown.inline.len()));
            return Ok(());
        }
        let recorded = self.recorded(running);
        let row = recorded.total();
        running.recorded = Some(recorded);
        self.record_pieces(running, row, column, offset, bytes, ends)?;
        if ends {
            shown.cells.push(Part::Large((offset + bytes.len()) as u64));
        }
        Ok(())
    }

    /// Records the line of a row that has gone down in pieces.
    pub(super) fn record_shown(&self, running: &mut Running, shown: Shown) -> Result<(), Report> {
        if !running.permit.records_results() {
            return Ok(());
        }
        let mut recorded = self.recorded(running);
        recorded.push(shown.cells.into_iter().map(|cell| match cell {
            Part::Null => Cell::Null,
            Part::Inline(range) => Cell::Bytes(shown.inline.get(range).unwrap_or_default()),
            Part::Large(length) => Cell::Large(length),
        }));
        self.store_rows(running, &mut recorded)?;
        running.recorded = Some(recorded);
        Ok(())
    }

    /// Records a value that is too large for the line of its row, from `offset` on.
    fn record_pieces(
        &self,
        running: &Running,
        row: u64,
        column: usize,
        offset: usize,
        bytes: &[u8],
        ends: bool,
    ) -> Result<(), Report> {
        let operation = running.permit.operation.id.to_string();
        let mut offset = offset as u64;
        let mut pieces = bytes.chunks(recordings::Rows::CHUNK).peekable();
        while let Some(bytes) = pieces.next() {
            let fragment = Fragment {
                operation: &operation,
                row,
                column: column as u64,
                offset,
                last: ends && pieces.peek().is_none(),
                bytes,
            };
            self.gate
                .record_fragment(&running.permit, &fragment)
                .map_err(|denial| Report::denial(&denial))?;
            offset += bytes.len() as u64;
        }
        Ok(())
    }

    /// Records a line of rows.
    fn store_rows(&self, running: &Running, rows: &mut recordings::Rows) -> Result<(), Report> {
        self.gate
            .record_rows(&running.permit, rows)
            .map_err(|denial| Report::denial(&denial))
    }

    /// Rows to be recorded; to be put back.
    fn recorded(&self, running: &mut Running) -> recordings::Rows {
        if let Some(recorded) = running.recorded.take() {
            return recorded;
        }
        let names: Vec<_> = running
            .fields
            .iter()
            .flat_map(|fields| fields.iter())
            .map(|field| (field.name.to_string_lossy(), field))
            .collect();
        let columns: Vec<_> = names
            .iter()
            .map(|(name, field)| recordings::Column {
                name,
                kind: types::name(field.type_oid),
                binary: field.format == Format::Binary,
            })
            .collect();
        let mut recorded = self.spare.take().unwrap_or_default();
        recorded.restart(&running.permit.operation.id.to_string(), &columns);
        recorded
    }
}
