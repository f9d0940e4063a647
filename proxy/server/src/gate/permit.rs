//! Leave to run one operation, until its end.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use narrowgate_chain::{Exchanges, Operation, Value};

use super::consent::Consent;
use super::effects::{Applied, RecordPlan};
use crate::chains::FilterExchange;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran to its end.
    Complete,
    /// The target reported an error.
    Error,
    /// The client, or a revocation, ended it.
    Cancelled,
    /// A filter, or the gate, ended it while it ran.
    Denied,
    /// It was never run: something before it failed.
    Skipped,
}

impl Outcome {
    /// The word for filters and recordings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
            Self::Denied => "denied",
            Self::Skipped => "skipped",
        }
    }
}

/// The end of an operation.
#[derive(Clone, Debug)]
pub struct End {
    /// How.
    pub outcome: Outcome,
    /// Rows that reached the client.
    pub rows: u64,
    /// Bytes of results that reached the client.
    pub bytes: u64,
    /// What the target said: a command tag, an error's code.
    pub status: String,
    /// From the decision to the end.
    pub took: Duration,
}

/// Leave to run one operation.
#[derive(Debug)]
pub struct Permit {
    /// The operation.
    pub operation: Arc<Operation>,
    /// Filters that follow it.
    pub exchanges: Exchanges<FilterExchange>,
    /// Generation of the configuration that it was decided under.
    pub generation: u64,
    /// Most rows that may reach the client.
    pub row_limit: Option<u64>,
    /// What to tell the client first.
    pub notices: Vec<String>,
    /// Approval requests it runs under; revoking one ends it.
    pub grants: Vec<String>,
    /// What is recorded of it.
    pub record: Option<RecordPlan>,
    /// When it was decided on.
    started: Instant,
    /// The operation in traces, to its end.
    pub(super) span: tracing::Span,
}

impl Permit {
    /// Leave to run `operation`.
    pub(super) fn new(
        operation: &Arc<Operation>,
        exchanges: Exchanges<FilterExchange>,
        generation: u64,
        applied: &Applied,
        consents: &[Consent],
        started: Instant,
    ) -> Self {
        Self {
            operation: operation.clone(),
            exchanges,
            generation,
            row_limit: applied.rows,
            notices: applied.notices.clone(),
            grants: consents
                .iter()
                .map(|consent| consent.request.clone())
                .collect(),
            record: applied.record,
            started,
            span: tracing::Span::none(),
        }
    }

    /// True when nobody needs to see result rows.
    pub fn rows_pass(&self) -> bool {
        self.exchanges
            .indifferent(narrowgate_chain::Direction::ToClient)
            && !self.records_results()
    }

    /// True when result rows are recorded.
    pub fn records_results(&self) -> bool {
        self.record.is_some_and(|plan| plan.results)
    }

    /// Its time at the target, in traces.
    pub fn upstream(&self) -> tracing::Span {
        tracing::trace_span!(parent: &self.span, "upstream")
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl End {
    /// The end as filters are told.
    pub(super) fn attributes(&self) -> narrowgate_chain::Attributes {
        let number = |count: u64| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        vec![
            (
                Cow::Borrowed("narrowgate.outcome"),
                self.outcome.as_str().into(),
            ),
            (Cow::Borrowed("narrowgate.rows"), number(self.rows)),
            (Cow::Borrowed("narrowgate.bytes"), number(self.bytes)),
        ]
    }
}
