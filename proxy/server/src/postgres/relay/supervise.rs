//! What can end a session beside its two peers: a lost right, a revoked
//! approval, silence, the end of the gateway. And the end itself.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use narrowgate_codec::postgres::backend::{Severity, TransactionStatus};
use narrowgate_codec::postgres::frontend::Terminate;
use narrowgate_codec::postgres::startup::CancelRequest;
use tokio::io::{AsyncWriteExt, WriteHalf};
use tokio::time::{sleep, sleep_until, timeout};

use super::expect::Expect;
use super::{Ended, Relay, error, said};
use crate::gate::Outcome;
use crate::net::Stream;
use crate::plan::Target;
use crate::postgres::error::{ADMIN_SHUTDOWN, PROTOCOL_VIOLATION, QUERY_CANCELED, Report};
use crate::postgres::upstream;
use crate::services::Stage;

/// Longest time to say goodbye to a peer that does not listen.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);
/// Longest wait for the boundary between two messages that an end needs: a
/// client that does not read may never get there.
const BOUNDARY: Duration = Duration::from_secs(1);
/// Between two looks at whether a draining session is idle.
const DRAINING: Duration = Duration::from_millis(50);

/// Watches over a session until something ends it.
pub(super) async fn run(relay: &Relay) -> Ended {
    let services = relay.gate.worker().services.clone();
    let mut generation = services.generation.subscribe();
    let mut stage = services.stage.subscribe();
    let mut interrupts = pin!(relay.interrupts());
    let mut expiry = relay.next_look();
    loop {
        let gateway = *stage.borrow_and_update();
        if gateway == Stage::Ending || (gateway == Stage::Draining && relay.is_at_rest()) {
            relay.end(Report::new(ADMIN_SHUTDOWN, "the gateway is shutting down"));
        }
        let ending = relay.ending.borrow().clone();
        if let Some(report) = ending {
            // The loop that talks to the client ends the session, if it can.
            sleep(BOUNDARY).await;
            return Ended::Gateway(report);
        }
        let idle = relay.heard.get() + relay.bounds.idle;
        tokio::select! {
            _ = generation.changed() => relay.renew().await,
            () = sleep_until(expiry.into()) => {
                relay.renew().await;
                expiry = relay.next_look();
            }
            () = relay.cancellable.cancelled.notified() => relay.cancel(),
            () = relay.revocations.told.notified() => relay.cancel_upstream(),
            () = sleep_until(idle.into()) => relay.idle_for_long(),
            () = &mut interrupts => {}
            // What runs may end; the gateway bounds how long that takes.
            () = sleep(DRAINING), if gateway == Stage::Draining => {}
            _ = stage.changed() => {}
        }
    }
}

impl Relay {
    /// The session goes on only if the chain of now says so.
    async fn renew(&self) {
        let services = &self.gate.worker().services;
        tokio::select! {
            renewed = Box::pin(self.gate.renew()) => if let Err(denial) = renewed {
                self.end_denied(&denial);
            },
            // It ends whatever the chain says.
            () = services.ending() => {}
        }
    }

    /// When to look at the identity again: when it expires; once it has, looks
    /// are a second apart.
    fn next_look(&self) -> Instant {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let expires = self
            .gate
            .session()
            .identity()
            .map_or(u64::MAX, |identity| identity.expires);
        // The clock of a sleep stops with the machine: look again after a minute.
        let left = Duration::from_secs(expires).saturating_sub(now);
        Instant::now() + left.clamp(Duration::from_secs(1), Duration::from_secs(60))
    }

    /// Asks the target to cancel what it runs, whenever that is wanted, for ever.
    async fn interrupts(&self) {
        loop {
            self.interrupt.notified().await;
            self.interrupting.set(true);
            if let Some(request) = self.upstream_cancel.get().cloned() {
                interrupt(self.place().target.clone(), request).await;
            }
            self.interrupting.set(false);
            self.interrupted.notify_one();
        }
    }

    /// The client cancels: what waits for people is withdrawn, else what runs at
    /// the target is interrupted.
    fn cancel(&self) {
        if self.holding.get() {
            self.hold_cancelled.set(true);
            self.hold_told.notify_one();
        } else {
            self.cancel_upstream();
        }
    }

    /// The client has been silent for too long, unless it waits for something.
    fn idle_for_long(&self) {
        if self.is_busy() {
            self.heard.set(Instant::now());
        } else {
            let bound = humantime::format_duration(self.bounds.idle);
            self.end(Report::new(
                "57P05",
                format!("the session was idle for {bound}"),
            ));
        }
    }

    /// True while nothing runs and no transaction is open.
    fn is_at_rest(&self) -> bool {
        !self.is_busy() && self.status.get() == TransactionStatus::Idle
    }

    /// True while the client is owed something.
    fn is_busy(&self) -> bool {
        self.holding.get() || !self.queue.borrow().is_empty()
    }
}

/// Tells both peers that the session has ended; `target` is missing if it was never
/// dialled.
pub(super) async fn farewell(
    relay: &Relay,
    ended: &Ended,
    client: &mut WriteHalf<Stream>,
    target: Option<&mut WriteHalf<Stream>>,
) {
    let mut out = BytesMut::new();
    if let Some(report) = last_words(ended).filter(|_| !relay.midway.get()) {
        let recorded = said(&relay.gate, &report, Severity::Fatal);
        if let Err(denial) = recorded.and_then(|()| relay.gate.settle()) {
            tracing::error!(
                reason = denial.message,
                "the last words to a client are not recorded"
            );
        }
        error(&report, Severity::Fatal, &mut out);
    }
    let told = async {
        client.write_all(&out).await?;
        client.shutdown().await
    };
    let mut goodbye = BytesMut::new();
    Terminate.encode(&mut goodbye);
    // A client that says goodbye behind a statement means the statement.
    let runs = !relay.queue.borrow().is_empty() && !matches!(ended, Ended::Terminated);
    let request = relay
        .upstream_cancel
        .get()
        .cloned()
        .filter(|_| runs || relay.interrupting.get());
    let released = async {
        if let Some(request) = request {
            // Where the target takes its time, it may while the gateway lives.
            let sent = tokio::task::spawn_local(interrupt(relay.place().target.clone(), request));
            let _sent_or_not = sent.await;
        }
        let Some(target) = target else {
            return Ok(());
        };
        target.write_all(&goodbye).await?;
        target.shutdown().await
    };
    let _best_effort = timeout(FAREWELL, async { tokio::join!(told, released) }).await;
}

/// Asks a target to cancel what a session runs there.
async fn interrupt(target: Arc<Target>, request: CancelRequest) {
    if let Err(error) = upstream::cancel(&target, &request).await {
        tracing::warn!(target = target.name, %error, "a cancel request could not be sent");
    }
}

/// What the client is told, if it can still be told anything.
fn last_words(ended: &Ended) -> Option<Report> {
    Some(match ended {
        Ended::Terminated | Ended::ClientGone => return None,
        Ended::TargetGone => Report {
            hint: Some("Connect again in a moment.".to_owned()),
            ..Report::new("08006", "the connection to the target was lost")
        },
        Ended::Client(error) => Report::new(PROTOCOL_VIOLATION, error.to_string()),
        Ended::Target(_) => Report::new(
            PROTOCOL_VIOLATION,
            "the target does not keep to the protocol",
        ),
        Ended::Gateway(report) => report.clone(),
    })
}

/// Ends everything that has not ended, and the session.
pub(super) async fn finish(relay: &Relay, ended: &Ended) {
    if let Ended::Target(what) = ended {
        tracing::error!(
            target = relay.place().target.name,
            what,
            "the target violates the protocol"
        );
    }
    let permitted = relay.permitted.take();
    relay.skip(permitted).await;
    let left: Vec<Expect> = relay.queue.borrow_mut().drain(..).collect();
    for expect in left {
        match expect {
            Expect::Query(running) => {
                for running in running {
                    relay
                        .close(running, Outcome::Cancelled, QUERY_CANCELED)
                        .await;
                }
            }
            Expect::FunctionCall(running) => {
                relay
                    .close(running, Outcome::Cancelled, QUERY_CANCELED)
                    .await;
            }
            Expect::Parse(_, Some(running)) => {
                relay.close(running, Outcome::Skipped, "").await;
            }
            Expect::Execute(portal) => {
                let running = portal.running.take();
                if let Some(running) = running {
                    relay
                        .close(running, Outcome::Cancelled, QUERY_CANCELED)
                        .await;
                }
            }
            Expect::Bind(portal) => relay.close_portal(&portal).await,
            _ => {}
        }
    }
    let portals = relay.names.borrow_mut().portals_closed(true);
    for portal in portals {
        relay.close_portal(&portal).await;
    }
    relay.gate.close(&ended.to_string()).await;
}
