//! A session at the gate: from the credential to the end.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{
    Attributed, Connected, Credential, Denial, Message, Session, SessionStart, code,
};

use prometheus_client::metrics::counter::Counter;

use super::decide::unrecorded;
use super::effects::{Applied, RecordPlan};
use super::permit::{End, Permit};
use super::record::Unsettled;
use super::standing::Decisions;
use super::{RecordingFault, effects, rows};
use crate::chains::FilterChain;
use crate::worker::Worker;

/// Rounds of fetching that one connect or renewal may take.
const FETCHES: usize = 3;

/// One session, and the chain that decides for it.
pub struct Gate {
    /// What filters know of the session.
    session: Arc<Session>,
    /// The core it lives on.
    worker: Rc<Worker>,
    /// Name of the chain in the configuration.
    chain: String,
    /// Number of the last operation.
    last: Cell<u64>,
    /// Number of the last recorded event of the session.
    pub(super) sequence: Cell<u64>,
    /// Number of the operation that people are being asked about.
    pub(super) held: Cell<Option<u64>>,
    /// What the recording filter asked for when the session began.
    plan: Cell<Option<RecordPlan>>,
    /// Recorded events that are not stored yet.
    pub(super) unsettled: Cell<Option<Unsettled>>,
    /// Decisions that stand.
    pub(super) decisions: Decisions,
    /// Counts the operations that are allowed.
    pub(super) allowed: OnceCell<Counter>,
    /// Rows on their way into the recording.
    pub(super) rows: rows::Unwritten,
}

impl Gate {
    /// Opens a session: the chain judges the credential. Both outcomes are
    /// recorded.
    pub async fn open(
        worker: Rc<Worker>,
        chain: &str,
        start: SessionStart,
        credential: Option<&Credential>,
    ) -> Result<Self, Denial> {
        let gate = Self {
            session: Session::new(start),
            worker,
            chain: chain.to_owned(),
            last: Cell::new(0),
            sequence: Cell::new(0),
            held: Cell::new(None),
            plan: Cell::new(None),
            unsettled: Cell::new(None),
            decisions: Decisions::default(),
            allowed: OnceCell::new(),
            rows: rows::Unwritten::default(),
        };
        match gate.connect(credential).await {
            Ok(()) => {
                gate.record_session_start().map_err(unrecorded)?;
                Ok(gate)
            }
            Err(denial) => {
                gate.record_session_refused(&denial).map_err(unrecorded)?;
                Err(denial)
            }
        }
    }

    /// Runs the chain's `connect`, fetching what it needs.
    async fn connect(&self, credential: Option<&Credential>) -> Result<(), Denial> {
        for _ in 0..=FETCHES {
            let (chain, _) = self.chain()?;
            let (connected, effects) = chain.connect(&self.session, credential).await;
            self.plan
                .set(Applied::read(effects::placed(&effects)).record);
            match connected {
                Connected::Proceed => return self.perform(&chain, effects::placed(&effects)),
                Connected::Deny(Attributed { what, .. }) => return Err(what),
                Connected::Fault(Attributed { what, .. }) => return Err(self.fault(&what)),
                Connected::Wait(Attributed { what, .. }) if self.fetch(&what).await => {}
                Connected::Wait(_) => break,
            }
        }
        Err(keys_missing())
    }

    /// Asks the chain whether the session may go on; called when the chain has
    /// changed and when the identity has expired.
    pub async fn renew(&self) -> Result<(), Denial> {
        let mut waits = 0;
        loop {
            let (chain, _) = self.chain()?;
            match chain.renew(&self.session).await {
                Connected::Proceed => return Ok(()),
                Connected::Wait(Attributed { what, .. }) => {
                    waits += 1;
                    if waits > FETCHES || !self.fetch(&what).await {
                        return Err(keys_missing());
                    }
                }
                Connected::Deny(Attributed { what, .. }) => return Err(what),
                Connected::Fault(Attributed { what, .. }) => return Err(self.fault(&what)),
            }
        }
    }

    /// A message outside of operations, as the client may see it.
    pub async fn message(&self, message: Message) -> Result<Option<Message>, Denial> {
        let (chain, _) = self.chain()?;
        chain
            .message(&self.session, message)
            .await
            .map_err(|fault| self.fault(&fault))
    }

    /// An operation has ended: its filters are told, and it is recorded.
    pub async fn end(&self, permit: Permit, end: &End) -> Result<(), Denial> {
        let Permit {
            operation,
            exchanges,
            grants,
            record,
            ..
        } = permit;
        let mut faulted = None;
        if !exchanges.is_empty() {
            let (effects, fault) = exchanges.end(&end.attributes()).await;
            let named = effects.iter().map(|(by, effect)| (by.as_str(), effect));
            let services = &self.worker.services;
            // Whatever comes of it, what follows has to be done: the approval
            // is over and the end is recorded.
            let performed =
                effects::perform(named, &self.session, &services.limits, &services.metrics);
            faulted = fault.map(|fault| self.fault(&fault)).or(performed.err());
        }
        for grant in grants {
            if let Err(error) = self.worker.services.approvals.finish(&grant).await {
                tracing::warn!(grant, %error, "an approval could not be marked as finished");
            }
        }
        self.record_end(&operation, record, end)
            .map_err(unrecorded)?;
        faulted.map_or(Ok(()), Err)
    }

    /// The session has ended.
    pub async fn close(&self, reason: &str) {
        if let Ok((chain, _)) = self.chain() {
            chain.close(&self.session, reason).await;
        }
        if let Err(denial) = self.settle() {
            tracing::error!(
                reason = denial.message,
                "the last events of a session are lost"
            );
        }
        if let Err(fault) = self.record_session_end(reason) {
            tracing::error!(%fault, session = self.session.start.id, "the end of a session could not be recorded");
        }
    }

    /// The chain as it is now, with its generation. A session whose chain is
    /// gone from the configuration has nobody left to allow anything.
    pub(super) fn chain(&self) -> Result<(Rc<FilterChain>, u64), Denial> {
        self.worker.chain(&self.chain).ok_or_else(|| {
            Denial::new(
                code::UNAVAILABLE,
                "the chain of this session is no longer configured",
                "Connect again.",
            )
        })
    }

    /// What filters know of the session.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Name of its chain in the configuration.
    pub(super) fn chain_name(&self) -> &str {
        &self.chain
    }

    /// The core it lives on.
    pub fn worker(&self) -> &Rc<Worker> {
        &self.worker
    }

    /// The number of the next operation.
    pub fn next_operation(&self) -> u64 {
        let next = self.last.get().wrapping_add(1);
        self.last.set(next);
        next
    }

    /// What the recording filter asked for when the session began.
    pub(super) fn session_plan(&self) -> Option<RecordPlan> {
        self.plan.get()
    }

    /// Fetches what a filter waits for; false when it cannot be had.
    pub(super) async fn fetch(&self, wanted: &[String]) -> bool {
        for want in wanted {
            let Some(issuer) = want.strip_prefix("keys:") else {
                tracing::warn!(want, "a filter waits for something that cannot be fetched");
                return false;
            };
            if !self.worker.services.keys.fetch(issuer).await {
                return false;
            }
        }
        !wanted.is_empty()
    }
}

/// The denial while an issuer's keys cannot be had.
fn keys_missing() -> Denial {
    Denial::new(
        code::UNAVAILABLE,
        "the keys to verify the token cannot be had",
        "Try again in a moment; if it stays so, the issuer may be down.",
    )
}

/// A recording that fails at the start of a session is reason to refuse it.
impl From<RecordingFault> for Denial {
    fn from(fault: RecordingFault) -> Self {
        unrecorded(fault)
    }
}
