//! COPY data on its way up: shown to the filters that ask for it, as bytes in the
//! pieces that the client sends, and recorded as the target gets it.

use bytes::{Bytes, BytesMut};
use narrowgate_chain::{Cell, Direction, Passed, Rows, Shape};
use narrowgate_codec::postgres::analysis::{Control, CopyFormat};
use narrowgate_codec::postgres::frontend::CopyFail;
use narrowgate_codec::postgres::{CopyData, Text};

use super::rows::unavailable;
use super::{Ended, Relay, Running};
use crate::postgres::error::Report;

/// Most bytes of a batch, as the contract has it.
const BATCH: usize = 256 << 10;

impl Relay {
    /// The server takes COPY data: tells the filters, once, what is about to flow.
    pub(super) async fn copy_in_begins(&self) -> Result<(), Ended> {
        let mut running = self.take_running()?;
        if !running.permit.exchanges.is_empty() {
            self.lent.set(true);
            let shape = Shape {
                direction: Direction::ToTarget,
                content: match running.control() {
                    Some(Control::CopyIn {
                        format: CopyFormat::Text { .. },
                    }) => "postgres.copy.text",
                    Some(Control::CopyIn {
                        format: CopyFormat::Csv { .. },
                    }) => "postgres.copy.csv",
                    Some(Control::CopyIn {
                        format: CopyFormat::Binary,
                    }) => "postgres.copy.binary",
                    _ => "postgres.copy.unknown",
                },
                columns: Vec::new(),
                attributes: Vec::new(),
            };
            if let Err(fault) = running.permit.exchanges.begin(&shape).await {
                self.end_copy(&mut running, Report::denial(&self.gate.fault(&fault)));
            }
            self.lent.set(false);
        }
        self.put_running(running);
        self.copying.set(true);
        self.progress.notify_one();
        Ok(())
    }

    /// COPY data that the client has sent. It goes up as it came, in `wire`, if no
    /// filter wants to see it; a part of a message becomes one of its own.
    pub(super) async fn copy_in(
        &self,
        data: Bytes,
        wire: Option<&[u8]>,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let Some(mut running) = self.running_copy().await else {
            out.extend_from_slice(wire.unwrap_or_default());
            return Ok(());
        };
        let passes = running.permit.exchanges.indifferent(Direction::ToTarget);
        let passed = match (passes, wire) {
            _ if running.failed.is_some() => Ok(()),
            (true, Some(wire)) => self
                .record_copy_in(&running, &data)
                .map(|()| out.extend_from_slice(wire)),
            (true, None) => self.send_up(&running, &data, out),
            (false, _) => {
                // The target may answer while filters look at it.
                self.lent.set(true);
                let shown = self.show(&mut running, data, out).await;
                self.lent.set(false);
                self.returned.notify_one();
                shown
            }
        };
        if let Err(report) = passed {
            self.end_copy(&mut running, report);
        }
        self.put_running(running);
        Ok(())
    }

    /// The client has sent all of it. A COPY that was ended is failed instead: only
    /// now can anything of it come to stay.
    pub(super) async fn copy_done(&self, wire: &[u8], out: &mut BytesMut) {
        let Some(mut running) = self.running_copy().await else {
            return out.extend_from_slice(wire);
        };
        if let Err(denial) = self.gate.settle() {
            self.end_copy(&mut running, Report::denial(&denial));
        }
        if running.failed.is_some() {
            let message = Text::from("narrowgate ended this COPY");
            // A constant message can be encoded.
            let _never = (CopyFail { message }).encode(out);
        } else {
            out.extend_from_slice(wire);
        }
        self.put_running(running);
    }

    /// The operation that copies, taken out of its place; none if it has failed
    /// meanwhile, so that the server ignores what comes. While a filter looks at a
    /// notice of it, this waits: without it nobody would look at the data.
    async fn running_copy(&self) -> Option<Box<Running>> {
        while self.copying.get() {
            match self.take_running() {
                Ok(running) => return Some(running),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        None
    }

    /// Waits until the operation whose input filters are looking at is back in its
    /// place: what the target says is about it.
    pub(super) async fn in_place(&self) {
        while self.lent.get() {
            self.returned.notified().await;
        }
    }

    /// Ends a COPY from the client, who is told at its end.
    fn end_copy(&self, running: &mut Running, report: Report) {
        running
            .failed
            .get_or_insert(report.about(running.permit.operation.id));
    }

    /// Shows data to the filters; what they leave of it goes up.
    async fn show(
        &self,
        running: &mut Running,
        mut data: Bytes,
        out: &mut BytesMut,
    ) -> Result<(), Report> {
        while !data.is_empty() {
            let wire = data.split_to(data.len().min(BATCH));
            let cells = vec![Cell::Wire(0..wire.len())];
            let mut bytes = Rows {
                cells,
                wire,
                ..Rows::default()
            };
            let passed = running
                .permit
                .exchanges
                .rows(&mut bytes, Direction::ToTarget, false);
            match passed.await {
                Ok(Passed::On) => {}
                Ok(Passed::Denied(denial)) => return Err(Report::denial(&denial)),
                Ok(Passed::Dropped) => return Err(unavailable("a filter dropped COPY data")),
                Err(fault) => return Err(Report::denial(&self.gate.fault(&fault))),
            }
            let left = bytes.cell(0).unwrap_or_default();
            self.send_up(running, left, out)?;
        }
        Ok(())
    }

    /// Sends data up in a message of its own.
    fn send_up(&self, running: &Running, data: &[u8], out: &mut BytesMut) -> Result<(), Report> {
        self.record_copy_in(running, data)?;
        CopyData::encode_slice(data, out)
            .map_err(|_| unavailable("a filter made too much of COPY data"))
    }

    /// Records COPY data as the target is about to get it.
    fn record_copy_in(&self, running: &Running, data: &[u8]) -> Result<(), Report> {
        let recorded = self.gate.record_input(&running.permit, "copy-in", data);
        recorded.map_err(|denial| Report::denial(&denial))
    }
}
