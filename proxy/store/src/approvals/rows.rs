//! Requests to rows and back.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::digest::Subject;
use super::error::Error;
use super::request::{Decision, Identity, OnDisconnect, Request, State, Validity, Verdict};

/// The columns that [`load`] and [`read`] expect, in order.
pub(super) const COLUMNS: &str =
    "id, digest, body, state, created, deadline, until, attached, session, uses, running, ended";

/// The part of a request that never changes.
#[derive(Serialize, Deserialize)]
struct Body {
    operation: Subject,
    groups: Vec<String>,
    rule: String,
    reason: String,
    approvers: Vec<String>,
    quorum: u32,
    validity: Validity,
    on_disconnect: OnDisconnect,
}

/// Microseconds and counts fit SQLite's signed integers for 290,000 years.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Adds a new request.
pub(super) fn insert(connection: &Connection, request: &Request, terms: &str) -> Result<(), Error> {
    let body = Body {
        operation: Subject {
            issuer: request.identity.issuer.clone(),
            subject: request.identity.subject.clone(),
            target: request.target.clone(),
            protocol: request.protocol.clone(),
            action: request.action.clone(),
            text: request.text.clone(),
            parameters: request.parameters.clone(),
            objects: request.objects.clone(),
        },
        groups: request.identity.groups.clone(),
        rule: request.rule.clone(),
        reason: request.reason.clone(),
        approvers: request.approvers.clone(),
        quorum: request.quorum,
        validity: request.validity,
        on_disconnect: request.on_disconnect,
    };
    let body = serde_json::to_string(&body).map_err(|_| Error::Corrupt("request"))?;
    connection
        .prepare_cached(
            "INSERT INTO requests (id, digest, terms, issuer, subject, target, body, state, created,
                 deadline, until, attached, session, uses, running, ended)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            request.id,
            request.digest,
            terms,
            request.identity.issuer,
            request.identity.subject,
            request.target,
            body,
            request.state.as_str(),
            integer(request.created),
            integer(request.deadline),
            request.until.map(integer),
            request.attached,
            request.session,
            integer(request.uses),
            integer(request.running),
            request.ended.map(integer),
        ])?;
    Ok(())
}

/// Writes what may have changed of a request.
pub(super) fn update(connection: &Connection, request: &Request) -> Result<(), Error> {
    connection
        .prepare_cached(
            "UPDATE requests SET state = ?2, until = ?3, attached = ?4, session = ?5, uses = ?6, running = ?7, ended = ?8
             WHERE id = ?1",
        )?
        .execute(params![
            request.id,
            request.state.as_str(),
            request.until.map(integer),
            request.attached,
            request.session,
            integer(request.uses),
            integer(request.running),
            request.ended.map(integer),
        ])?;
    Ok(())
}

/// Adds one decision.
pub(super) fn insert_decision(
    connection: &Connection,
    request: &str,
    decision: &Decision,
) -> Result<(), Error> {
    // A person approves or denies once, and may revoke what they approved.
    let kind = match decision.verdict {
        Verdict::Approve | Verdict::Deny => "decide",
        Verdict::Revoke => "revoke",
    };
    let body = serde_json::to_string(decision).map_err(|_| Error::Corrupt("decision"))?;
    connection
        .prepare_cached(
            "INSERT INTO decisions (request, issuer, subject, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![request, decision.issuer, decision.subject, kind, body])?;
    Ok(())
}

/// The request of that id.
pub(super) fn load(connection: &Connection, id: &str) -> Result<Option<Request>, Error> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM requests WHERE id = ?1"))?
        .query_row([id], |row| Ok(read(connection, row)))
        .optional()?;
    found.transpose()
}

/// Turns a row of [`COLUMNS`] into a request, decisions included.
pub(super) fn read(connection: &Connection, row: &Row<'_>) -> Result<Request, Error> {
    let id: String = row.get(0)?;
    let body: Body = serde_json::from_str(
        row.get_ref(2)?
            .as_str()
            .map_err(|_| Error::Corrupt("request"))?,
    )
    .map_err(|_| Error::Corrupt("request"))?;
    let state: String = row.get(3)?;
    let decisions = decisions(connection, &id)?;
    Ok(Request {
        id,
        digest: row.get(1)?,
        identity: Identity {
            issuer: body.operation.issuer,
            subject: body.operation.subject,
            groups: body.groups,
        },
        target: body.operation.target,
        protocol: body.operation.protocol,
        action: body.operation.action,
        text: body.operation.text,
        parameters: body.operation.parameters,
        objects: body.operation.objects,
        rule: body.rule,
        reason: body.reason,
        approvers: body.approvers,
        quorum: body.quorum,
        created: unsigned(row.get(4)?),
        deadline: unsigned(row.get(5)?),
        validity: body.validity,
        until: row.get::<_, Option<i64>>(6)?.map(unsigned),
        on_disconnect: body.on_disconnect,
        attached: row.get(7)?,
        session: row.get(8)?,
        state: State::parse(&state).ok_or(Error::Corrupt("state"))?,
        uses: unsigned(row.get(9)?),
        running: unsigned(row.get(10)?),
        ended: row.get::<_, Option<i64>>(11)?.map(unsigned),
        decisions,
    })
}

fn decisions(connection: &Connection, request: &str) -> Result<Vec<Decision>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT body FROM decisions WHERE request = ?1 ORDER BY rowid")?;
    let bodies = statement.query_map([request], |row| row.get::<_, String>(0))?;
    bodies
        .map(|body| serde_json::from_str(&body?).map_err(|_| Error::Corrupt("decision")))
        .collect()
}
