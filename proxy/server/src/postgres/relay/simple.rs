//! The simple protocol: a Query goes up whole or not at all.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::BytesMut;
use narrowgate_chain::Phase;
use narrowgate_codec::postgres::frontend::Query;
use narrowgate_codec::postgres::{Frame, Text};

use super::asking::Names;
use super::decide::{Asked, Denied, Parameters};
use super::expect::Expect;
use super::{Ended, Relay, Running};
use crate::gate::Outcome;
use crate::postgres::error::Report;

/// Times that a filter may put another text in a statement's place.
pub(super) const REWRITES: usize = 2;

impl Relay {
    /// A Query: every statement of it is decided before any of it goes up.
    pub(super) async fn query(
        &self,
        text: Text,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        match self.permit_query(&text).await {
            // What was sent before has failed meanwhile: the server ignores it.
            Ok((running, _)) if self.skipping.get() => self.skip(running).await,
            Ok((running, None)) => {
                self.went_up(&running);
                self.expect(Expect::Query(running));
                out.extend_from_slice(frame.as_bytes());
            }
            Ok((running, Some(rewritten))) => {
                let query = Query {
                    query: Text::from(rewritten),
                };
                match query.encode(out) {
                    Ok(()) => {
                        self.went_up(&running);
                        self.expect(Expect::Query(running));
                    }
                    Err(_) => {
                        self.skip(running).await;
                        let report =
                            Report::new("42501", "a filter made a text that cannot be sent");
                        self.deny(report, true, out);
                    }
                }
            }
            Err(report) => self.deny(report, true, out),
        }
        Ok(())
    }

    /// Leave for all statements of a text, and the text that takes its place,
    /// if a filter made one.
    async fn permit_query(
        &self,
        text: &Text,
    ) -> Result<(VecDeque<Box<Running>>, Option<String>), Report> {
        let mut sql = self.text(text)?;
        let mut rewritten = false;
        for _ in 0..=REWRITES {
            let analysis = match self.analyse(&sql).await {
                Ok(analysis) => analysis,
                Err(report) => return Err(self.unreadable(&sql, report)),
            };
            let mut replacement = None;
            let only = analysis.statements.len() == 1;
            for analysed in analysis.statements.iter() {
                let span = analysed.statement.span.clone();
                // A single statement may come from the cache, analysed in a
                // text with other literals: its span is the whole.
                let text = if only {
                    sql.trim()
                } else {
                    sql.get(span).unwrap_or(&sql)
                };
                let before = self.permitted.borrow().len();
                let decided = match self.room_for_name(&analysed.statement.control, before) {
                    Ok(()) => self.room_for_statement(text.len()).await,
                    Err(report) => Err(report),
                };
                let decided = match decided {
                    Ok(room) => {
                        let asked = Asked {
                            analysed,
                            text: Arc::from(text),
                            phase: Phase::Execute,
                            parameters: Parameters::default(),
                            names: Names::Text,
                            room: Some(room),
                        };
                        self.decide(asked).await
                    }
                    Err(report) => Err(Denied::Report(self.unreadable(text, report))),
                };
                match decided {
                    Ok(mut running) => {
                        running.behind = before > 0;
                        self.permitted.borrow_mut().push_back(running);
                    }
                    Err(Denied::Rewritten(text)) if only => replacement = Some(text),
                    Err(denied) => {
                        let permitted = self.permitted.take();
                        self.skip(permitted).await;
                        return Err(report(denied));
                    }
                }
            }
            let permitted = self.permitted.take();
            // While people were asked about one statement, others of them may
            // have taken back what they had said about another.
            if permitted.iter().any(|one| self.is_revoked(one)) {
                self.skip(permitted).await;
                return Err(super::rows::revoked());
            }
            match replacement {
                None => return Ok((permitted, rewritten.then_some(sql))),
                Some(text) => {
                    sql = text;
                    rewritten = true;
                }
            }
        }
        Err(Report::new("42501", "filters keep replacing the statement"))
    }

    /// Ends operations that were permitted and are not run.
    pub(super) async fn skip(&self, permitted: impl IntoIterator<Item = Box<Running>>) {
        for running in permitted {
            self.close(running, Outcome::Skipped, "").await;
        }
    }

    /// Ends an operation whose record no longer decides anything.
    pub(super) async fn close(&self, mut running: Box<Running>, outcome: Outcome, status: &str) {
        let end = running.ended(outcome, status);
        self.spare.set(running.recorded.take());
        if let Err(denial) = self.gate.end(running.into_permit(), &end).await {
            tracing::error!(
                reason = denial.message,
                "the end of an operation could not be handled"
            );
        }
    }
}

/// What a client is told of a denial where nothing can be rewritten.
pub(super) fn report(denied: Denied) -> Report {
    match denied {
        Denied::Report(report) => report,
        Denied::Rewritten(_) => Report {
            hint: Some("Send the statement alone, in the simple protocol.".to_owned()),
            ..Report::new(
                "42501",
                "a filter wants to change this statement, which cannot be done here",
            )
        },
    }
}
