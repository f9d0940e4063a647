//! The gateway's own questions over a session's connection, and their answers.
//!
//! They go up as one simple Query that leaves nothing behind: within a
//! transaction under a savepoint of their own, else in a transaction of their own.

use std::cell::{Cell, RefCell};

use narrowgate_codec::postgres::Frame;
use narrowgate_codec::postgres::analysis::{CatalogBuilder, CatalogQuery};
use narrowgate_codec::postgres::backend::{Message, field};
use tokio::sync::Notify;

use super::expect::Expect;
use super::{Ended, Relay};
use crate::postgres::query::ROWS;
use crate::postgres::wire::said;

/// Commands in front of the first question about the catalog.
const BEFORE: usize = 2;

/// Settings that the questions need, for as long as they take, and whether the
/// transaction sees what others commit. With pg_catalog in front, and temporary
/// objects behind it, no name in a question is taken for a user's, and definitions
/// of views name everything else in full.
const SETUP: &str = "SELECT pg_catalog.current_setting('transaction_isolation'), \
pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), \
pg_catalog.set_config('statement_timeout', '30s', true)";

/// Questions that are being answered.
#[derive(Default)]
pub(super) struct Reading {
    /// What is asked, in order.
    queries: Vec<CatalogQuery>,
    /// Commands that have been carried out.
    done_with: Cell<usize>,
    /// Rows that have come.
    rows: Cell<usize>,
    /// Isolation of the transaction.
    isolation: RefCell<String>,
    /// What the answers come to.
    pub(super) builder: RefCell<CatalogBuilder>,
    /// Why they are of no use.
    pub(super) fault: RefCell<Option<String>>,
    /// Told when the target is ready for the next message.
    pub(super) done: Notify,
}

impl Reading {
    /// Asks for everything.
    pub(super) fn whole() -> Self {
        let queries = CatalogQuery::ALL.iter().chain(&CatalogQuery::TEMPORARY);
        Self {
            queries: queries.copied().collect(),
            ..Self::default()
        }
    }

    /// Asks for temporary objects.
    pub(super) fn temporary() -> Self {
        Self {
            queries: CatalogQuery::TEMPORARY.to_vec(),
            ..Self::default()
        }
    }

    /// What goes up, inside of a transaction or outside.
    pub(super) fn text(&self, inside: bool) -> String {
        let begin = match inside {
            true => "SAVEPOINT narrowgate_catalog",
            false => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let questions = self.queries.iter().map(|query| query.sql());
        let all: Vec<&str> = [begin, SETUP].into_iter().chain(questions).collect();
        format!("{};\n{}", all.join(";\n"), Self::undo(inside))
    }

    /// What leaves nothing of it.
    pub(super) fn undo(inside: bool) -> String {
        match inside {
            true => {
                "ROLLBACK TO SAVEPOINT narrowgate_catalog; RELEASE SAVEPOINT narrowgate_catalog"
            }
            false => "ROLLBACK",
        }
        .to_owned()
    }

    /// True if the transaction sees in its catalog what others commit: one that
    /// keeps its first view shows other definitions than those its names mean.
    pub(super) fn sees_others(&self) -> bool {
        matches!(
            self.isolation.borrow().as_str(),
            "read committed" | "read uncommitted"
        )
    }

    /// A row of the answer that is coming.
    fn row(&self, row: &[Option<&str>]) -> Result<(), String> {
        self.rows.set(self.rows.get() + 1);
        if self.rows.get() > ROWS {
            return Err(format!("more than {ROWS} rows"));
        }
        let Some(place) = self.done_with.get().checked_sub(BEFORE) else {
            let isolation = row.first().copied().flatten().unwrap_or_default();
            isolation.clone_into(&mut self.isolation.borrow_mut());
            return Ok(());
        };
        match self.queries.get(place) {
            Some(query) => self
                .builder
                .borrow_mut()
                .add(*query, row)
                .map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

impl Relay {
    /// Handles a message of the target while the gateway's own questions are being
    /// answered; `false` if it is not about them.
    pub(super) fn own_answer(&self, message: &Message) -> Result<bool, Ended> {
        let Some(reading) = self.own.reading.borrow().clone() else {
            return Ok(false);
        };
        match message {
            Message::DataRow(row) => {
                let cells: Result<Vec<_>, _> = row
                    .row()
                    .values()
                    .map(|cell| cell.map(std::str::from_utf8).transpose())
                    .collect();
                let taken = match cells {
                    Ok(cells) => reading.row(&cells),
                    Err(_) => Err("a value is not UTF-8".to_owned()),
                };
                if let Err(fault) = taken {
                    reading.fault.borrow_mut().get_or_insert(fault);
                }
            }
            Message::CommandComplete(_) => reading.done_with.set(reading.done_with.get() + 1),
            Message::ErrorResponse(error) => {
                let fault = format!(
                    "{}: {}",
                    said(&error.fields, field::CODE),
                    said(&error.fields, field::MESSAGE)
                );
                reading.fault.borrow_mut().get_or_insert(fault);
            }
            Message::ReadyForQuery(ready) => {
                let failed = reading.fault.borrow().is_some();
                if !failed && ready.status != self.status.get() {
                    return Err(Ended::Target(
                        "another state of the transaction than before".to_owned(),
                    ));
                }
                *self.own.reading.borrow_mut() = None;
                let own = self.pop();
                debug_assert!(
                    matches!(own, Some(Expect::Own)),
                    "nothing is in front of it"
                );
                reading.done.notify_one();
            }
            // Server 18 tells of a search path that changes.
            Message::ParameterStatus(status) => return Ok(status.name == "search_path"),
            Message::RowDescription(_) | Message::NoticeResponse(_) => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// True while the gateway's own questions are being answered.
    pub(super) fn is_reading(&self) -> bool {
        self.own.reading.borrow().is_some()
    }

    /// Handles a message of the target if it answers a question of the gateway's
    /// own.
    pub(super) fn takes(&self, frame: &Frame) -> Result<Option<Message>, Ended> {
        let message = Message::decode(frame).map_err(|error| Ended::Target(error.to_string()))?;
        Ok((!self.own_answer(&message)?).then_some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_leaves_nothing_behind() {
        let inside = Reading::temporary().text(true);
        assert!(inside.starts_with("SAVEPOINT narrowgate_catalog;"));
        assert!(inside.ends_with("RELEASE SAVEPOINT narrowgate_catalog"));
        let outside = Reading::whole().text(false);
        assert!(outside.starts_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"));
        assert!(outside.ends_with(";\nROLLBACK"));
        // A temporary pg_class would be found in front of the real one otherwise.
        assert!(outside.contains("'search_path', 'pg_catalog, pg_temp', true"));
    }

    #[test]
    fn rows_come_to_the_question_that_is_being_answered() {
        let reading = Reading::temporary();
        reading.done_with.set(1);
        assert_eq!(reading.row(&[Some("repeatable read"), None, None]), Ok(()));
        assert!(!reading.sees_others());
        reading.done_with.set(2);
        let relation = ["7", "pg_temp", "t", "r", "t", "f", "f"];
        let relation = relation.into_iter().map(Some).chain([None, None]);
        assert_eq!(reading.row(&relation.collect::<Vec<_>>()), Ok(()));
        assert!(!reading.builder.borrow().is_empty());
        reading.done_with.set(3);
        assert!(reading.row(&[Some("no number")]).is_err());
        reading.rows.set(ROWS);
        assert!(reading.row(&[]).is_err());
    }
}
