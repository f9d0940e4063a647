//! Health, readiness and metrics.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Admin;
use super::problem::Problem;

/// OpenMetrics text (Prometheus reads it).
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether the gateway is ready.
#[derive(Debug, Default)]
pub struct Status {
    /// All workers accept.
    listening: AtomicBool,
    /// The recording cannot be written at present.
    recording_fails: AtomicBool,
}

impl Status {
    /// All workers accept connections.
    pub fn listening(&self) {
        self.listening.store(true, Ordering::Release);
    }

    /// The recording can be written, or not.
    pub fn recording(&self, works: bool) {
        self.recording_fails.store(!works, Ordering::Release);
    }

    /// Why the gateway is not ready, if it is not.
    fn unready(&self, draining: bool) -> Option<&'static str> {
        if draining {
            Some("the gateway is shutting down")
        } else if !self.listening.load(Ordering::Acquire) {
            Some("the listeners are not open yet")
        } else if self.recording_fails.load(Ordering::Acquire) {
            Some("the recording cannot be written")
        } else {
            None
        }
    }
}

/// The process is alive.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The gateway takes sessions.
pub(super) async fn readyz(State(admin): State<Admin>) -> Response {
    match admin.status.unready(*admin.services.draining.borrow()) {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// Everything that is counted.
pub(super) async fn metrics(State(admin): State<Admin>) -> Result<Response, Problem> {
    let text = admin.services.metrics.render().map_err(|_| {
        let detail = "the metrics cannot be printed";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "metrics", detail)
    })?;
    Ok(([(header::CONTENT_TYPE, METRICS)], text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_listening_recording_and_staying() {
        let status = Status::default();
        assert!(status.unready(false).is_some());
        status.listening();
        assert_eq!(status.unready(false), None);
        assert!(status.unready(true).is_some());
        status.recording(false);
        assert!(status.unready(false).is_some());
        status.recording(true);
        assert_eq!(status.unready(false), None);
    }
}
