//! What the client is told is written down, in the words that it is told in.

use bytes::BytesMut;
use narrowgate_chain::Denial;
use narrowgate_codec::postgres::backend::{Fields, NoticeResponse, Severity, field};
use narrowgate_store::recordings;

use super::{Ended, Relay, Running};
use crate::gate::{Gate, Told};
use crate::postgres::error::Report;

/// Records a report as the client is about to be told it.
pub(in crate::postgres) fn said(
    gate: &Gate,
    report: &Report,
    severity: Severity,
) -> Result<(), Denial> {
    let number = |number: u64| number.to_string();
    gate.record_said(Told::Error(recordings::Message {
        operation: &report.operation.map(number).unwrap_or_default(),
        severity: severity.as_str(),
        code: &report.sqlstate,
        message: report.stored.as_deref().unwrap_or(&report.message),
        detail: report.detail.as_deref().unwrap_or_default(),
        hint: report.hint.as_deref().unwrap_or_default(),
        position: &report
            .position
            .map(u64::from)
            .map(number)
            .unwrap_or_default(),
        context: "",
    }))
}

impl Relay {
    /// Tells the client an error. One that cannot be recorded ends the session.
    pub(super) fn tell(&self, report: &Report, out: &mut BytesMut) {
        match said(&self.gate, report, Severity::Error) {
            Ok(()) => super::error(report, Severity::Error, out),
            Err(denial) => self.end_denied(&denial),
        }
    }

    /// Tells the client something at the next boundary between two messages.
    pub(super) fn remark(&self, operation: Option<u64>, fields: Fields) {
        let operation = operation
            .map(|number| number.to_string())
            .unwrap_or_default();
        let recorded = read(&fields, &operation, |message| {
            self.gate.record_said(Told::Notice(message))
        });
        match recorded {
            // It fails only for a message above two gigabytes.
            Ok(()) => {
                let _too_large = NoticeResponse { fields }.encode(&mut self.urgent.borrow_mut());
                self.wake.notify_one();
            }
            Err(denial) => self.end_denied(&denial),
        }
    }

    /// Records an error of the target as the client is about to see it.
    #[expect(clippy::redundant_closure, reason = "a variant is not general enough")]
    pub(super) fn record_error(
        &self,
        running: Option<&Running>,
        fields: &Fields,
    ) -> Result<(), Ended> {
        self.record_fields(running, fields, |message| Told::Error(message))
    }

    /// Records a notice of the target likewise.
    #[expect(clippy::redundant_closure, reason = "a variant is not general enough")]
    pub(super) fn record_notice(
        &self,
        running: Option<&Running>,
        fields: &Fields,
    ) -> Result<(), Ended> {
        self.record_fields(running, fields, |message| Told::Notice(message))
    }

    fn record_fields(
        &self,
        running: Option<&Running>,
        fields: &Fields,
        kind: impl Fn(recordings::Message<'_>) -> Told<'_>,
    ) -> Result<(), Ended> {
        let permit = running.map(|running| &running.permit);
        let operation = permit
            .map(|permit| permit.operation.id.to_string())
            .unwrap_or_default();
        read(fields, &operation, |message| {
            self.gate.record_quoted(permit, kind(message))
        })
        .map_err(|denial| Ended::Gateway(Report::denial(&denial)))
    }
}

/// Fields as recordings have them.
fn read<T>(fields: &Fields, operation: &str, then: impl FnOnce(recordings::Message<'_>) -> T) -> T {
    let said = |letter| {
        fields
            .get(letter)
            .map(|text| text.to_string_lossy())
            .unwrap_or_default()
    };
    then(recordings::Message {
        operation,
        severity: &said(field::SEVERITY),
        code: &said(field::CODE),
        message: &said(field::MESSAGE),
        detail: &said(field::DETAIL),
        hint: &said(field::HINT),
        context: &said(field::WHERE),
        position: &said(field::POSITION),
    })
}
