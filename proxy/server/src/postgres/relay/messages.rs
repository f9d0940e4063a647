//! Messages beside the answers: errors, notices, notifications, settings. What
//! they say passes the filters, since any of them can quote values.

use bytes::BytesMut;
use narrowgate_chain::{Direction, Message, Passed};
use narrowgate_codec::postgres::Text;
use narrowgate_codec::postgres::backend::{
    ErrorResponse, Fields, NoticeResponse, NotificationResponse, ParameterStatus,
};
use narrowgate_store::recordings;

use super::expect::Expect;
use super::{Ended, Relay, Running};
use crate::gate::{Outcome, Told};
use crate::postgres::error::Report;

impl Relay {
    /// A setting has changed. Those that the gateway reads by must not.
    pub(super) async fn parameter(
        &self,
        status: &ParameterStatus,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let changed = (status.name == "client_encoding" && status.value != "UTF8")
            || (status.name == "standard_conforming_strings" && status.value != "on");
        if changed {
            let name = status.name.to_string_lossy();
            return Err(Ended::Gateway(Report::new(
                "42501",
                format!("the setting \"{name}\", by which the gateway reads, was changed"),
            )));
        }
        let fields = vec![
            (
                "name".to_owned(),
                status.name.to_string_lossy().into_owned(),
            ),
            (
                "value".to_owned(),
                status.value.to_string_lossy().into_owned(),
            ),
        ];
        let Some(fields) = self.outside("postgres.parameter-status", fields).await? else {
            return Ok(());
        };
        let status = ParameterStatus {
            name: named(&fields, "name"),
            value: named(&fields, "value"),
        };
        status
            .encode(out)
            .map_err(|error| Ended::Target(error.to_string()))
    }

    /// Somebody has notified a channel.
    pub(super) async fn notification(
        &self,
        notification: NotificationResponse,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let fields = vec![
            (
                "channel".to_owned(),
                notification.channel.to_string_lossy().into_owned(),
            ),
            (
                "payload".to_owned(),
                notification.payload.to_string_lossy().into_owned(),
            ),
        ];
        let Some(fields) = self.outside("postgres.notification", fields).await? else {
            return Ok(());
        };
        let notification = NotificationResponse {
            channel: named(&fields, "channel"),
            payload: named(&fields, "payload"),
            ..notification
        };
        let told = Told::Notification(recordings::Notification {
            channel: &notification.channel.to_string_lossy(),
            payload: &notification.payload.to_string_lossy(),
            process: notification.process_id,
        });
        self.gate
            .record_quoted(None, told)
            .map_err(|denial| Ended::Gateway(Report::denial(&denial)))?;
        notification
            .encode(out)
            .map_err(|error| Ended::Target(error.to_string()))
    }

    /// The server remarks something.
    pub(super) async fn notice_response(
        &self,
        notice: NoticeResponse,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let fields = match self.take_running() {
            Ok(mut running) => {
                let fields = self
                    .inside(&mut running, "postgres.notice", notice.fields)
                    .await;
                let recorded = match &fields {
                    Ok(Some(fields)) => self.record_notice(Some(&running), fields),
                    _ => Ok(()),
                };
                self.put_running(running);
                recorded.and(fields)?
            }
            Err(_) => {
                let fields = self
                    .outside("postgres.notice", listed(&notice.fields))
                    .await?;
                let fields = fields.map(|fields| unlisted(&fields));
                fields
                    .iter()
                    .try_for_each(|fields| self.record_notice(None, fields))?;
                fields
            }
        };
        match fields {
            Some(fields) => NoticeResponse { fields }
                .encode(out)
                .map_err(|e| Ended::Target(e.to_string())),
            None => Ok(()),
        }
    }

    /// The server reports an error: the message whose answer was due has failed,
    /// and with it, in the extended protocol, everything up to the next Sync.
    pub(super) async fn error_response(
        &self,
        error: ErrorResponse,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        if self.swallow() {
            return Ok(());
        }
        let status = error
            .fields
            .get(narrowgate_codec::postgres::backend::field::CODE);
        let status = status
            .map(|code| code.to_string_lossy().into_owned())
            .unwrap_or_default();
        if self.copying.replace(false) {
            // The server has ignored those behind the Execute while it copied.
            let mut queue = self.queue.borrow_mut();
            if matches!(queue.front(), Some(Expect::Execute(_))) {
                queue.retain(|expect| !matches!(expect, Expect::Sync));
            }
        }
        let (extended, running) = self.failed();
        match running {
            Failed::Denied(report) => self.tell(&report, out),
            Failed::Running(mut running) => {
                self.check_revoked(&mut running);
                match running.failed.clone() {
                    Some(report) => {
                        self.cancelled_upstream().await;
                        self.tell(&report, out);
                    }
                    None => {
                        let mut fields = self
                            .inside(&mut running, "postgres.error", error.fields)
                            .await?;
                        if running.behind
                            && self.was_last()
                            && let Some(of_all) = fields.take()
                        {
                            fields = Some(self.of_nobody(of_all).await?);
                        }
                        self.send_error(Some(&running), fields, out)?;
                    }
                }
                self.close(running, Outcome::Error, &status).await;
            }
            Failed::Nobody => {
                let fields = self.of_nobody(error.fields).await?;
                self.send_error(None, Some(fields), out)?;
            }
        }
        if extended {
            self.void_pipeline().await;
        }
        self.progress.notify_one();
        Ok(())
    }

    /// Nothing comes behind the statement of a Query that has just been taken out of the queue.
    fn was_last(&self) -> bool {
        matches!(self.queue.borrow().front(), Some(Expect::Query(left)) if left.is_empty())
    }

    /// Whose answer was due, taken out of the queue as far as it is over.
    fn failed(&self) -> (bool, Failed) {
        let mut queue = self.queue.borrow_mut();
        let extended = queue.front().is_some_and(Expect::is_extended);
        if extended {
            let failed = match queue.pop_front() {
                Some(Expect::Denied { report, .. }) => Failed::Denied(report),
                Some(Expect::Parse(_, running)) => Failed::of(running),
                Some(Expect::Bind(portal) | Expect::Execute(portal)) => {
                    Failed::of(portal.running.take())
                }
                _ => Failed::Nobody,
            };
            return (true, failed);
        }
        let failed = match queue.front_mut() {
            Some(Expect::Denied { report, .. }) => Failed::Denied(report.clone()),
            Some(Expect::Query(running)) => Failed::of(running.pop_front()),
            Some(front @ Expect::FunctionCall(_)) => {
                match std::mem::replace(front, Expect::Query(Default::default())) {
                    Expect::FunctionCall(running) => Failed::Running(running),
                    _ => Failed::Nobody,
                }
            }
            _ => Failed::Nobody,
        };
        // ReadyForQuery still comes for what is left of it.
        if let (Failed::Denied(_), Some(front)) = (&failed, queue.front_mut()) {
            *front = Expect::Query(Default::default());
        }
        (false, failed)
    }

    /// The server ignores everything up to the next Sync.
    async fn void_pipeline(&self) {
        let mut void = Vec::new();
        {
            let mut queue = self.queue.borrow_mut();
            while queue
                .front()
                .is_some_and(|expect| !matches!(expect, Expect::Sync))
            {
                void.extend(queue.pop_front());
            }
            if queue.is_empty() {
                self.skipping.set(true);
            }
        }
        for expect in void {
            match expect {
                Expect::Parse(_, Some(running)) => {
                    self.close(running, Outcome::Skipped, "").await;
                }
                Expect::Bind(portal) | Expect::Execute(portal) => self.close_portal(&portal).await,
                Expect::Query(running) => self.skip(running).await,
                Expect::FunctionCall(running) => self.skip([running]).await,
                _ => {}
            }
        }
    }

    /// Passes an error of the target on, if there is anything left of it.
    fn send_error(
        &self,
        running: Option<&Running>,
        fields: Option<Fields>,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let Some(fields) = fields else { return Ok(()) };
        self.record_error(running, &fields)?;
        ErrorResponse { fields }
            .encode(out)
            .map_err(|e| Ended::Target(e.to_string()))
    }

    /// A message of an operation, as its filters let it pass.
    async fn inside(
        &self,
        running: &mut Running,
        kind: &'static str,
        fields: Fields,
    ) -> Result<Option<Fields>, Ended> {
        if running.permit.exchanges.is_empty() {
            return Ok(Some(fields));
        }
        let mut message = Message {
            kind,
            direction: Direction::ToClient,
            fields: listed(&fields),
        };
        match running.permit.exchanges.message(&mut message).await {
            Ok(Passed::On) => Ok(Some(unlisted(&message.fields))),
            Ok(Passed::Dropped) if kind == "postgres.error" => Ok(Some(withheld(&fields))),
            Ok(Passed::Dropped | Passed::Denied(_)) => Ok(None),
            Err(fault) => {
                self.gate.fault(&fault);
                Ok((kind == "postgres.error").then(|| withheld(&fields)))
            }
        }
    }

    /// An error that may be about more than one operation, as the chain lets it pass.
    async fn of_nobody(&self, fields: Fields) -> Result<Fields, Ended> {
        let passed = self.outside("postgres.error", listed(&fields)).await?;
        Ok(passed.map_or_else(|| withheld(&fields), |fields| unlisted(&fields)))
    }

    /// A message outside of operations, as the chain lets it pass.
    async fn outside(
        &self,
        kind: &'static str,
        fields: Vec<(String, String)>,
    ) -> Result<Option<Vec<(String, String)>>, Ended> {
        let message = Message {
            kind,
            direction: Direction::ToClient,
            fields,
        };
        match self.gate.message(message).await {
            Ok(passed) => Ok(passed.map(|message| message.fields)),
            Err(denial) => Err(Ended::Gateway(Report::denial(&denial))),
        }
    }
}

/// Whose answer an error came for.
enum Failed {
    /// One of ours: the error was brought about.
    Denied(Report),
    /// An operation.
    Running(Box<Running>),
    /// Something without an operation.
    Nobody,
}

impl Failed {
    fn of(running: Option<Box<Running>>) -> Self {
        running.map_or(Self::Nobody, Self::Running)
    }
}

/// An error of which only what cannot quote a value is left: a client waits for
/// an error, so it gets one.
fn withheld(fields: &Fields) -> Fields {
    use narrowgate_codec::postgres::backend::{Severity, field};
    let code = fields
        .get(field::CODE)
        .map(|code| code.to_string_lossy().into_owned());
    let code = code.unwrap_or_else(|| "XX000".to_owned());
    Fields::new(Severity::Error, &code, "an error whose text is withheld")
}

/// Fields as filters see them: letters and texts.
fn listed(fields: &Fields) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(letter, text)| {
            (
                char::from(letter).to_string(),
                text.to_string_lossy().into_owned(),
            )
        })
        .collect()
}

/// Fields as the protocol has them. What a filter made up is left out.
fn unlisted(fields: &[(String, String)]) -> Fields {
    fields.iter().fold(Fields::default(), |all, (name, text)| {
        match name.as_bytes() {
            [letter] if letter.is_ascii_alphabetic() => all.with(*letter, text.clone()),
            _ => all,
        }
    })
}

/// A field by its name.
fn named(fields: &[(String, String)], name: &str) -> Text {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| Text::from(value.replace('\0', "\u{fffd}")))
        .unwrap_or_default()
}
