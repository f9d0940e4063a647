//! Events on their way to webhooks. They are queued in the transaction that
//! made them, so a crash loses none; the server delivers and reports back.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::error::Error;
use super::request::Request;
use super::rows::integer;
use super::store::{Options, Store};

/// One event for one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// For [`Store::outbox_done`] and [`Store::outbox_failed`].
    pub id: i64,
    /// Name of the webhook.
    pub sink: String,
    /// The JSON to send: `{"event": "approval.<state>", "time": µs, "request": {…}}`.
    pub body: String,
    /// Failed deliveries so far.
    pub attempts: u32,
}

/// The body of an event.
#[derive(Serialize)]
struct Event<'a> {
    event: String,
    time: u64,
    request: &'a Request,
}

/// Queues the state of `request` for every webhook.
pub(super) fn enqueue(
    connection: &Connection,
    options: &Options,
    request: &Request,
    now: u64,
) -> Result<(), Error> {
    if options.sinks.is_empty() {
        return Ok(());
    }
    let event = Event {
        event: format!("approval.{}", request.state),
        time: now,
        request,
    };
    let body = serde_json::to_string(&event).map_err(|_| Error::Corrupt("event"))?;
    for sink in &options.sinks {
        connection
            .prepare_cached(
                "INSERT INTO outbox (sink, body, next_attempt, attempts) VALUES (?1, ?2, ?3, 0)",
            )?
            .execute(params![sink, body, integer(now)])?;
    }
    // A webhook that is down for days must not fill the disk.
    let dropped = connection
        .prepare_cached(
            "DELETE FROM outbox WHERE id <= (SELECT id FROM outbox ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        )?
        .execute([options.max_outbox])?;
    if dropped > 0 {
        tracing::warn!(
            dropped,
            "undelivered approval events dropped: the outbox is full"
        );
    }
    Ok(())
}

impl Store {
    /// Up to `limit` events whose time has come, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_next(&mut self, limit: u32) -> Result<Vec<Outgoing>, Error> {
        let now = self.now();
        let mut statement = self.connection().prepare_cached(
            "SELECT id, sink, body, attempts FROM outbox WHERE next_attempt <= ?1 ORDER BY id LIMIT ?2",
        )?;
        let rows = statement.query_map(params![integer(now), limit], |row| {
            Ok(Outgoing {
                id: row.get(0)?,
                sink: row.get(1)?,
                body: row.get(2)?,
                attempts: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The event was delivered, or is given up: forget it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_done(&mut self, id: i64) -> Result<(), Error> {
        self.connection()
            .prepare_cached("DELETE FROM outbox WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// The delivery failed: try again at `next_attempt` (microseconds since
    /// the Unix epoch).
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_failed(&mut self, id: i64, next_attempt: u64) -> Result<(), Error> {
        self.connection()
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, next_attempt = ?2 WHERE id = ?1",
            )?
            .execute(params![id, integer(next_attempt)])?;
        Ok(())
    }
}
