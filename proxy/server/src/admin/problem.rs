//! Errors as clients of the API see them: problem details (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use narrowgate_store::approvals::{Error, Limit};
use serde_json::json;

use crate::identity::TokenError;

/// The scheme that clients authenticate by (RFC 6750, section 3).
const CHALLENGE: &str = "Bearer realm=\"narrowgate\"";

/// An error.
#[derive(Debug)]
pub(super) struct Problem {
    /// The status.
    pub(super) status: StatusCode,
    /// A word for programs, stable.
    pub(super) code: &'static str,
    /// A sentence for people.
    pub(super) detail: String,
}

impl Problem {
    /// An error.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
        }
    }

    /// A request that whoever asks may not know of, or that there is not.
    pub(super) fn not_found(id: &str) -> Self {
        let detail = format!(
            "there is no approval request {} that you may see",
            narrowgate_store::display::escape(id)
        );
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:narrowgate:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, body.to_string()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(CHALLENGE);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "keys_unavailable",
                error.to_string(),
            ),
            error => Self::new(StatusCode::UNAUTHORIZED, "bad_token", error.to_string()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = match &error {
            Error::NotFound(id) => return Self::not_found(id),
            Error::State { .. } => (StatusCode::CONFLICT, "wrong_state"),
            Error::Changed(_) => (StatusCode::CONFLICT, "changed"),
            Error::AlreadyDecided => (StatusCode::CONFLICT, "already_decided"),
            Error::OwnRequest => (StatusCode::FORBIDDEN, "own_request"),
            Error::NotAPerson => (StatusCode::FORBIDDEN, "not_a_person"),
            Error::NotAnApprover => (StatusCode::FORBIDDEN, "not_an_approver"),
            Error::Invalid(_) | Error::TooLarge(_) => (StatusCode::BAD_REQUEST, "invalid"),
            Error::TooMany(Limit::Gateway | Limit::Identity) => {
                (StatusCode::TOO_MANY_REQUESTS, "too_many")
            }
            error => {
                tracing::error!(%error, "the approval store failed");
                let detail = "the approval store failed; the gateway's log has more";
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store", detail);
            }
        };
        Self::new(status, code, error.to_string())
    }
}

/// For paths that are none.
pub(super) async fn no_such_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_such_path",
        "there is no such path",
    )
}

/// For methods that a path does not have.
pub(super) async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "no_such_method",
        "the path does not have this method",
    )
}
