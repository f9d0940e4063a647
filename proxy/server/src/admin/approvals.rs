//! `/v1/approvals`: looking at requests, and deciding.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use narrowgate_store::approvals::{Filter, Request, State as Stage, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Admin;
use super::authenticate::Caller;
use super::problem::Problem;
use super::view;

/// Requests in one answer when nothing else is asked for.
const LIMIT: usize = 100;
/// Most requests in one answer.
const MOST: usize = 1000;

/// Which requests to list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wanted {
    /// States, separated by commas; all of them if left out.
    state: Option<String>,
    /// Only those on this target.
    target: Option<String>,
    /// At most so many, the newest.
    limit: Option<usize>,
}

/// What comes with a decision.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// For the requester and the record.
    #[serde(default)]
    comment: String,
}

/// The requests that the caller may see, the newest first.
pub(super) async fn list(
    State(admin): State<Admin>,
    caller: Caller,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(wanted) = wanted.map_err(|_| {
        let detail = "the query takes `state`, `target` and `limit`";
        Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
    })?;
    let limit = wanted.limit.unwrap_or(LIMIT).clamp(1, MOST);
    let filter = Filter {
        states: states(wanted.state.as_deref())?,
        target: wanted.target,
        limit: Some(limit),
        ..Filter::default()
    };
    let approvals = &admin.services.approvals;
    let mut found = approvals
        .list(Filter {
            approver: Some(caller.member()),
            ..filter.clone()
        })
        .await?;
    let own = Filter {
        requester: Some(caller.identity()),
        ..filter
    };
    found.extend(approvals.list(own).await?);
    found.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    found.truncate(limit);
    let shown: Vec<Value> = found.iter().map(view::request).collect();
    Ok(Json(json!({ "approvals": shown })))
}

/// One request.
pub(super) async fn show(
    State(admin): State<Admin>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let request = visible(&admin, &caller, &id).await?;
    Ok(Json(view::request(&request)))
}

/// Counts the caller's consent.
pub(super) async fn approve(
    State(admin): State<Admin>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    decide(&admin, &caller, &id, &body, Verdict::Approve).await
}

/// Refuses.
pub(super) async fn deny(
    State(admin): State<Admin>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    decide(&admin, &caller, &id, &body, Verdict::Deny).await
}

/// Takes a consent back.
pub(super) async fn revoke(
    State(admin): State<Admin>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    decide(&admin, &caller, &id, &body, Verdict::Revoke).await
}

/// The request, if the caller may know of it.
async fn visible(admin: &Admin, caller: &Caller, id: &str) -> Result<Request, Problem> {
    let request = admin.services.approvals.get(id).await?;
    match caller.may_see(&request) {
        true => Ok(request),
        false => Err(Problem::not_found(id)),
    }
}

/// What the caller says of a request that they may see; it is logged.
async fn decide(
    admin: &Admin,
    caller: &Caller,
    id: &str,
    body: &[u8],
    verdict: Verdict,
) -> Result<Json<Value>, Problem> {
    let comment = said(body)?;
    visible(admin, caller, id).await?;
    let (approvals, approver) = (&admin.services.approvals, caller.approver());
    let (word, request) = match verdict {
        Verdict::Approve => ("approve", approvals.approve(id, approver, &comment).await?),
        Verdict::Deny => ("deny", approvals.deny(id, approver, &comment).await?),
        Verdict::Revoke => ("revoke", approvals.revoke(id, approver, &comment).await?),
    };
    let (issuer, subject) = caller.identity();
    let state = request.state.as_str();
    tracing::info!(
        id = request.id,
        verdict = word,
        issuer,
        subject,
        state,
        "decided"
    );
    Ok(Json(view::request(&request)))
}

/// The comment of a body, which may be empty.
fn said(body: &[u8]) -> Result<String, Problem> {
    if body.is_empty() {
        return Ok(String::new());
    }
    let said: Said = serde_json::from_slice(body).map_err(|_| {
        let detail = "the body is JSON: {\"comment\": \"…\"}, or empty";
        Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
    })?;
    Ok(said.comment)
}

/// States by their words.
fn states(words: Option<&str>) -> Result<Vec<Stage>, Problem> {
    let Some(words) = words.filter(|words| !words.is_empty()) else {
        return Ok(Vec::new());
    };
    let stage = |word: &str| {
        Stage::parse(word.trim()).ok_or_else(|| {
            let detail =
                "a state is one of pending, approved, used, denied, expired, cancelled, revoked";
            Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
        })
    };
    words.split(',').map(stage).collect()
}
