//! Connections that do not become a session.

use std::time::Duration;

use narrowgate_codec::postgres::backend::Severity;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::accept::{Opening, OpeningError, negotiate};
use super::error::Report;
use super::relay;
use crate::connections::NoRoom;
use crate::gate::record_host;
use crate::plan::Listener;
use crate::worker::Worker;

/// Longest time at the door, from accept to the last byte: there are few places.
const DOOR: Duration = Duration::from_secs(3);

/// Serves a connection for which there is no room: it may cancel what a session
/// runs, or is told why it cannot be one. Clients show that only if it comes
/// when they expect an answer, behind their start-up message and within TLS.
pub async fn refuse(worker: &Worker, listener: &Listener, tcp: TcpStream, why: NoRoom) {
    let client = tcp
        .peer_addr()
        .map(|address| address.to_string())
        .unwrap_or_default();
    let (what, report) = match why {
        NoRoom::Full => (
            "limit",
            Report {
                hint: Some("Try again when others have ended.".to_owned()),
                ..Report::new("53300", "too many connections")
            },
        ),
        NoRoom::Ending => (
            "shutdown",
            Report {
                hint: Some("Connect again in a moment.".to_owned()),
                ..Report::new("57P03", "the gateway is shutting down")
            },
        ),
    };
    let talk = async {
        match negotiate(tcp, listener).await? {
            Opening::Cancel(request) => worker.services.cancels.request(&request),
            Opening::Session(mut wire, _) => {
                turned_away(worker, listener, &client, what, &report.message);
                relay::error(&report, Severity::Fatal, &mut wire.out);
                wire.send().await?;
            }
        }
        Ok::<_, OpeningError>(())
    };
    // Who does not come to the point is counted and closed, and no more.
    let _best_effort = timeout(DOOR, talk).await;
}

/// Logs, counts and records a connection that did not become a session.
pub(super) fn turned_away(
    worker: &Worker,
    listener: &Listener,
    client: &str,
    what: &'static str,
    reason: &str,
) {
    tracing::info!(
        listener = listener.name,
        client,
        what,
        reason,
        "a connection was turned away"
    );
    worker
        .services
        .metrics
        .session_refused(&listener.name, what);
    let fields = json!({ "listener": listener.name, "client": client, "reason": reason });
    if let Err(fault) = record_host(&worker.recorder, what, &fields) {
        tracing::error!(%fault, "a refused connection could not be recorded");
    }
}
