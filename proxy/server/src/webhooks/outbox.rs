//! The outbox of the approval store, delivered.
//!
//! What is queued survives a restart; what cannot be delivered is tried again,
//! each time later, and given up after [`ATTEMPTS`].

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use futures_util::stream::iter;
use narrowgate_store::approvals::{Outgoing, sign_webhook};
use serde::Deserialize;

use super::{Client, DeliveryError};
use crate::plan::Webhook;
use crate::services::Services;

/// Messages looked at in one go.
const BATCH: u32 = 64;
/// Deliveries at the same time.
const PARALLEL: usize = 8;
/// Time between two looks at an empty outbox.
const PAUSE: Duration = Duration::from_millis(500);
/// Deliveries of one message, before it is given up.
const ATTEMPTS: u32 = 12;
/// Longest time between two of them.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// What an event's name begins with.
const PREFIX: &str = "approval.";

/// The part of a message that says what it tells.
#[derive(Deserialize)]
struct Event {
    event: String,
}

/// Delivers what is queued, for ever.
pub async fn deliver(services: Arc<Services>, client: Client) {
    loop {
        match services.approvals.outbox_next(BATCH).await {
            Ok(messages) if messages.is_empty() => tokio::time::sleep(PAUSE).await,
            Ok(messages) => {
                iter(messages)
                    .for_each_concurrent(PARALLEL, |message| one(&services, &client, message))
                    .await;
            }
            Err(error) => {
                tracing::error!(%error, "the outbox of approvals cannot be read");
                tokio::time::sleep(PAUSE * 10).await;
            }
        }
    }
}

/// Delivers one message, and tells the store how that went.
async fn one(services: &Services, client: &Client, message: Outgoing) {
    let plan = services.plan.load_full();
    let webhook = plan
        .webhooks
        .iter()
        .find(|webhook| webhook.name == message.sink);
    let event = event(&message.body);
    let told = match webhook {
        // No longer configured, or not interested: there is nobody to tell.
        None => Ok(()),
        Some(webhook) if !webhook.wants(&event) => Ok(()),
        Some(webhook) => post(client, webhook, &event, &message).await,
    };
    let stored = match told {
        Ok(()) => services.approvals.outbox_done(message.id).await,
        Err(error) => {
            services.metrics.webhook_failure();
            let (webhook, attempt) = (&message.sink, message.attempts + 1);
            if attempt >= ATTEMPTS {
                tracing::error!(webhook, event, %error, "a webhook is given up");
                services.approvals.outbox_done(message.id).await
            } else {
                tracing::warn!(webhook, event, attempt, %error, "a webhook was not delivered");
                let next = now() + backoff(message.attempts);
                let next = u64::try_from(next.as_micros()).unwrap_or(u64::MAX);
                services.approvals.outbox_failed(message.id, next).await
            }
        }
    };
    if let Err(error) = stored {
        tracing::error!(%error, "the outbox of approvals cannot be written");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Posts one message, signed.
async fn post(
    client: &Client,
    webhook: &Webhook,
    event: &str,
    message: &Outgoing,
) -> Result<(), DeliveryError> {
    let signature = sign_webhook(webhook.secret.expose(), now().as_secs(), &message.body);
    let headers = [
        ("narrowgate-signature", signature),
        ("narrowgate-event", format!("{PREFIX}{event}")),
        ("narrowgate-delivery", message.id.to_string()),
    ];
    client
        .post(&webhook.url, &headers, message.body.clone())
        .await
}

/// The word of what a message tells.
fn event(body: &str) -> String {
    let event = serde_json::from_str::<Event>(body).map(|event| event.event);
    let event = event.unwrap_or_default();
    event.strip_prefix(PREFIX).unwrap_or(&event).to_owned()
}

/// Time until the next delivery after so many failures: 1 s, 2 s, 4 s …
fn backoff(failures: u32) -> Duration {
    let seconds = 1_u64.checked_shl(failures).unwrap_or(u64::MAX);
    Duration::from_secs(seconds).min(LONGEST)
}

/// Time since 1970.
fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_ever_later() {
        assert_eq!(backoff(0), Duration::from_secs(1));
        assert_eq!(backoff(3), Duration::from_secs(8));
        assert_eq!(backoff(11), LONGEST);
        assert_eq!(backoff(200), LONGEST);
    }

    #[test]
    fn a_message_says_what_it_tells() {
        assert_eq!(event(r#"{"event":"approval.denied","time":1}"#), "denied");
        assert_eq!(event("nonsense"), "");
    }
}
