//! Signals: SIGTERM and SIGINT drain, a second one or the end of the time for
//! that ends all sessions, SIGHUP reads the configuration again.

use std::convert::Infallible;
use std::io;

use crate::services::{Services, Stage};
use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The SIGHUPs.
pub(super) fn hangups() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Waits for signals to end and has workers and sessions told. Resolves only
/// where signals cannot be handled.
pub(super) async fn stop(services: &Services) -> anyhow::Result<Infallible> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be handled")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be handled")?;
    told(&mut terminate, &mut interrupt).await;
    let drain = services.plan.load().drain;
    tracing::info!(
        ?drain,
        "shutting down; a second signal ends all sessions at once"
    );
    services.stage.send_replace(Stage::Draining);
    tokio::select! {
        () = told(&mut terminate, &mut interrupt) => {}
        () = tokio::time::sleep(drain) => {}
    }
    tracing::warn!("ending all sessions");
    services.stage.send_replace(Stage::Ending);
    std::future::pending().await
}

/// Either signal.
async fn told(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
