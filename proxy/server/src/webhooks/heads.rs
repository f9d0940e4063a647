//! Signed heads of the recording go off the machine, so that an older tail
//! cannot be put back unseen: into the log, and to a webhook.
//!
//! A head contains those before it, so what is sent late is the newest one and
//! nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use narrowgate_store::recordings::{Entry, Recorder};
use serde_json::json;
use tokio::sync::{broadcast, watch};

use super::Client;
use crate::services::Services;

/// Pause after a failed delivery.
const PAUSE: Duration = Duration::from_secs(5);

/// Publishes heads for as long as the recording lives.
pub async fn publish(recorder: Recorder, services: Arc<Services>, client: Client) {
    let mut entries = recorder.subscribe();
    drop(recorder);
    let (newest, waiting) = watch::channel(None::<Entry>);
    let log = async move {
        loop {
            match entries.recv().await {
                Ok(entry) => {
                    tracing::info!(head = entry.line(), "the recording was signed");
                    newest.send_replace(Some(entry));
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    };
    tokio::join!(log, send(waiting, services, client));
}

/// Sends the newest head, until there will be no other.
async fn send(
    mut waiting: watch::Receiver<Option<Entry>>,
    services: Arc<Services>,
    client: Client,
) {
    while waiting.changed().await.is_ok() {
        let Some(entry) = waiting.borrow_and_update().clone() else {
            continue;
        };
        loop {
            let plan = services.plan.load_full();
            let url = plan
                .recordings
                .as_ref()
                .and_then(|r| r.head_webhook.as_ref());
            let Some(url) = url else { break };
            let body = json!({ "event": "recording.head", "head": entry.line() }).to_string();
            let event = [("narrowgate-event", "recording.head".to_owned())];
            match client.post(url, &event, body).await {
                Ok(()) => break,
                Err(error) => {
                    services.metrics.webhook_failure();
                    tracing::warn!(%error, "a head of the recording was not delivered");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            if waiting.has_changed().unwrap_or(true) {
                break;
            }
        }
    }
}
