//! Health, readiness and metrics.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Admin;
use super::problem::Problem;
use crate::services::Stage;

/// OpenMetrics text (Prometheus reads it).
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether the gateway is ready.
#[derive(Debug, Default)]
pub struct Status {
    /// All workers accept.
    listening: AtomicBool,
    /// Parts of the recording that cannot be written at present.
    failing: Mutex<BTreeSet<Part>>,
}

/// A part of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What this worker writes.
    Worker(usize),
    /// The disk, and the signing.
    Disk,
}

impl Status {
    /// All workers accept connections.
    pub fn listening(&self) {
        self.listening.store(true, Ordering::Release);
    }

    /// A part of the recording can be written, or not.
    pub fn recording(&self, part: Part, works: bool) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match works {
            true => failing.remove(&part),
            false => failing.insert(part),
        };
    }

    /// Everything can be recorded.
    fn records(&self) -> bool {
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.is_empty()
    }

    /// Why the gateway is not ready, if it is not.
    fn unready(&self, draining: bool) -> Option<&'static str> {
        if draining {
            Some("the gateway is shutting down")
        } else if !self.listening.load(Ordering::Acquire) {
            Some("the listeners are not open yet")
        } else if !self.records() {
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
    match admin
        .status
        .unready(*admin.services.stage.borrow() > Stage::Running)
    {
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
        status.recording(Part::Worker(0), false);
        status.recording(Part::Worker(1), true);
        assert!(status.unready(false).is_some());
        status.recording(Part::Worker(0), true);
        assert_eq!(status.unready(false), None);
    }
}
