//! The database: its file, its settings and its tables.

use std::path::Path;

use rusqlite::Connection;

use super::error::Error;
use crate::private;

/// Name of the database in its directory.
const FILE: &str = "approvals.db";
/// Version of the tables below, kept in `user_version`.
const VERSION: i64 = 1;

/// `body` holds what never changes after the request was made; the columns
/// hold what is searched for or changes. Decisions are keyed by person, so
/// that one person cannot be counted twice even by a bug above.
const TABLES: &str = "
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    terms TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    target TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    until INTEGER,
    attached INTEGER NOT NULL,
    session TEXT NOT NULL,
    uses INTEGER NOT NULL,
    running INTEGER NOT NULL,
    ended INTEGER
) STRICT;
CREATE INDEX requests_by_digest ON requests (digest, state);
CREATE INDEX requests_by_state ON requests (state, created);
CREATE INDEX requests_by_created ON requests (created);
CREATE INDEX requests_by_end ON requests (ended);
CREATE TABLE decisions (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (request, issuer, subject, kind)
) STRICT;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sink TEXT NOT NULL,
    body TEXT NOT NULL,
    next_attempt INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_attempt ON outbox (next_attempt, id);
";

/// Opens the database in `directory`, creating it when missing.
///
/// `synchronous = FULL` syncs the write-ahead log at every commit: a grant is
/// on the disk as used before anything is executed under it.
pub(super) fn open(directory: &Path) -> Result<Connection, Error> {
    let path = directory.join(FILE);
    // SQLite gives its -wal and -shm files the mode of the database.
    drop(private::append(&path)?);
    let connection = Connection::open(&path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"
        ))?,
        VERSION => {}
        _ => return Err(Error::Corrupt("version of the tables")),
    }
    private::sync_directory(directory)?;
    Ok(connection)
}
