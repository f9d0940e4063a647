//! The port for approvers, health and metrics.
//!
//! ```text
//! /healthz  /readyz  /metrics          for whoever watches the gateway
//! /v1/approvals…                       for people, each with a token of their own
//! ```

mod approvals;
mod authenticate;
mod problem;
mod serve;
mod status;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub use serve::{bind, serve};
pub use status::{Part, Status};

use crate::services::Services;

/// What the handlers work with.
#[derive(Clone)]
struct Admin {
    /// What all workers share.
    services: Arc<Services>,
    /// Whether the gateway is ready.
    status: Arc<Status>,
}

/// Everything that is served.
fn router(admin: Admin) -> Router {
    let approvals = Router::new()
        .route("/", get(approvals::list))
        .route("/{id}", get(approvals::show))
        .route("/{id}/approve", post(approvals::approve))
        .route("/{id}/deny", post(approvals::deny))
        .route("/{id}/revoke", post(approvals::revoke));
    Router::new()
        .route("/healthz", get(status::healthz))
        .route("/readyz", get(status::readyz))
        .route("/metrics", get(status::metrics))
        .nest("/v1/approvals", approvals)
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .with_state(admin)
}

#[cfg(test)]
mod tests;
