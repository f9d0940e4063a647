//! The blocking core: one connection, one writer, one transaction per change.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::error::Error;
use super::outbox;
use super::request::{Request, State};
use super::rows::{self, COLUMNS, integer};
use super::schema;
use super::subscribers::Subscribers;
use crate::clock::{Clock, SystemClock};
use crate::private;

/// Bounds and surroundings of a store.
#[derive(Clone)]
pub struct Options {
    /// Most open (pending or approved) requests.
    pub max_open: u32,
    /// Most open requests of one identity.
    pub max_open_per_identity: u32,
    /// Most bytes of one operation: text, parameters and names.
    pub max_operation: usize,
    /// Names of the webhooks that hear of every change.
    pub sinks: Vec<String>,
    /// Most undelivered events; the oldest are dropped.
    pub max_outbox: u32,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
}

/// Approval requests in a directory of their own.
pub struct Store {
    /// The only connection to the database.
    connection: Connection,
    /// Bounds, sinks, clock.
    pub(super) options: Options,
    /// Who waits for a change of which request.
    pub(super) subscribers: Subscribers,
    /// Keeps a second gateway out.
    _lock: File,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_open: 1_000,
            max_open_per_identity: 20,
            max_operation: 1 << 20,
            sinks: Vec::new(),
            max_outbox: 10_000,
            clock: Arc::new(SystemClock),
        }
    }
}

impl Store {
    /// Opens the store in `directory` (mode 0700), creating both when missing.
    ///
    /// Whoever waited before is gone: every request becomes detached, none is
    /// cancelled, and nothing runs any more under a used grant.
    ///
    /// # Errors
    /// [`Error::Locked`] when another gateway has it open.
    pub fn open(directory: &Path, options: Options) -> Result<Self, Error> {
        private::directory(directory)?;
        let lock = private::lock(directory).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => Error::Locked,
            _ => Error::Io(error),
        })?;
        let connection = schema::open(directory)?;
        connection.execute(
            "UPDATE requests SET attached = 0 WHERE attached <> 0",
            params![],
        )?;
        connection.execute(
            "UPDATE requests SET running = 0, ended = coalesce(ended, iif(state = 'used', ?1, NULL))
             WHERE running <> 0",
            [integer(options.clock.now())],
        )?;
        let mut store = Self {
            connection,
            options,
            subscribers: Subscribers::default(),
            _lock: lock,
        };
        store.expire_due()?;
        Ok(store)
    }

    /// The request of that id, with its state as of now.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of the database.
    pub fn get(&mut self, id: &str) -> Result<Request, Error> {
        self.change(id, |_, request, _| Ok(request.clone()))
    }

    /// Ends everything whose time has passed; returns how many requests.
    ///
    /// # Errors
    /// Those of the database.
    pub fn expire_due(&mut self) -> Result<usize, Error> {
        let now = self.now();
        let due: Vec<String> = {
            let mut statement = self.connection.prepare_cached(
                "SELECT id FROM requests WHERE state IN ('pending', 'approved')
                 AND (deadline <= ?1 OR until <= ?1)",
            )?;
            let ids = statement.query_map([integer(now)], |row| row.get(0))?;
            ids.collect::<Result<_, _>>()?
        };
        let mut ended = 0;
        for id in due {
            // A time-boxed grant outlives the deadline of its request.
            if self.get(&id)?.ended.is_some() {
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// Removes requests that ended more than `age` microseconds ago; returns
    /// how many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn purge(&mut self, age: u64) -> Result<usize, Error> {
        let before = self.now().saturating_sub(age);
        Ok(self.connection.execute(
            "DELETE FROM requests WHERE ended IS NOT NULL AND ended < ?1 AND running = 0",
            [integer(before)],
        )?)
    }

    /// Microseconds since the Unix epoch.
    pub(super) fn now(&self) -> u64 {
        self.options.clock.now()
    }

    /// The connection, for reading.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Changes one request in one transaction: loads it, lets time pass, runs
    /// `edit`, writes what changed, queues the event, commits, and only then
    /// wakes who waits. If `edit` refuses, nothing of it stays.
    pub(super) fn change<T>(
        &mut self,
        id: &str,
        edit: impl FnOnce(&Transaction<'_>, &mut Request, u64) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.let_time_pass(id)?;
        let now = self.now();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = rows::load(&transaction, id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let mut request = before.clone();
        let result = edit(&transaction, &mut request, now)?;
        if request != before {
            rows::update(&transaction, &request)?;
            if request.state != before.state || request.decisions != before.decisions {
                outbox::enqueue(&transaction, &self.options, &request, now)?;
            }
            transaction.commit()?;
            self.subscribers.publish(&request.id, request.state);
        }
        Ok(result)
    }

    /// Ends one request if its time has passed, in a transaction of its own,
    /// so that the expiry stays when what was asked for is then refused.
    fn let_time_pass(&mut self, id: &str) -> Result<(), Error> {
        let now = self.now();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(mut request) = rows::load(&transaction, id)? else {
            return Ok(());
        };
        if let Some(state) = request.overdue(now) {
            request.end(state, now);
            rows::update(&transaction, &request)?;
            outbox::enqueue(&transaction, &self.options, &request, now)?;
            transaction.commit()?;
            self.subscribers.publish(id, state);
        }
        Ok(())
    }

    /// Runs `work` in a transaction of its own and commits it.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &Options, u64) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let now = self.now();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction, &self.options, now)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Requests selected by `condition` (over the table's columns).
    pub(super) fn select(
        &self,
        condition: &str,
        parameters: impl rusqlite::Params,
        mut keep: impl FnMut(&Request) -> bool,
        limit: usize,
    ) -> Result<Vec<Request>, Error> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM requests {condition}"))?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(row) = rows.next()? else { break };
            let request = rows::read(&self.connection, row)?;
            if keep(&request) {
                found.push(request);
            }
        }
        Ok(found)
    }
}

impl Request {
    /// The error that names a state in the way.
    pub(super) fn in_the_way(&self) -> Error {
        Error::State {
            id: self.id.clone(),
            state: self.state,
        }
    }

    /// Refuses unless the request is in `state`.
    pub(super) fn must_be(&self, state: State) -> Result<(), Error> {
        if self.state == state {
            Ok(())
        } else {
            Err(self.in_the_way())
        }
    }
}
