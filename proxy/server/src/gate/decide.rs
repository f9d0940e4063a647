//! Deciding an operation: the chain, and whatever has to be waited for.
//!
//! After every wait the chain runs from its start, under the configuration,
//! token and catalog of that moment; a right that was lost meanwhile stays
//! lost. The last thing before an operation may run is that its consents are
//! used up and its record is stored, in that order.

use std::sync::Arc;
use std::time::Instant;

use narrowgate_chain::{Attributed, Decided, Denial, Effect, Fault, Operation, code};
use tracing::Instrument;

use super::consent::{self, Consent, Waiting};
use super::effects::{self, Applied};
use super::permit::Permit;
use super::standing::Decision;
use super::{Gate, RecordingFault};
use crate::chains::FilterChain;

/// Fetches that one operation may wait for.
const FETCHES: usize = 3;
/// Holds that one operation may have to meet.
const HOLDS: usize = 4;

/// Why an operation may not run as it is.
#[derive(Debug)]
pub enum Refused {
    /// It is denied.
    Denied(Denial),
    /// A filter put this text in its place; it has to be analysed and decided.
    Rewritten(String),
}

impl From<Denial> for Refused {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl Gate {
    /// Decides an operation. What it returns stands under the configuration
    /// whose generation the permit carries.
    pub async fn decide(
        &self,
        operation: Arc<Operation>,
        waiting: &impl Waiting,
    ) -> Result<Permit, Refused> {
        let started = Instant::now();
        let (id, action) = (operation.id, &*operation.action);
        let span = tracing::debug_span!("operation", id, action);
        let run = self
            .run(&operation, waiting, started)
            .instrument(span.clone());
        let mut outcome = run.await;
        if let Ok(permit) = &mut outcome {
            permit.span = span;
        }
        let metrics = &self.worker().services.metrics;
        let counted = |verdict| metrics.operations(&self.session().start.target, verdict);
        match &outcome {
            Ok(_) => self.allowed.get_or_init(|| counted("allowed")).inc(),
            Err(Refused::Denied(denial)) => counted(word(&denial.code)).inc(),
            Err(Refused::Rewritten(_)) => counted("rewritten").inc(),
        };
        metrics.decided(started.elapsed());
        outcome
    }

    /// The rounds of a decision.
    async fn run(
        &self,
        operation: &Arc<Operation>,
        waiting: &impl Waiting,
        started: Instant,
    ) -> Result<Permit, Refused> {
        let mut consents: Vec<Consent> = Vec::new();
        let mut fetches = 0;
        loop {
            let (chain, generation) = self.chain()?;
            let holds_for = (generation, self.session().revision());
            let known = self.decisions.of(operation, holds_for);
            if let Some(Decision {
                standing,
                whole: Some(applied),
                ..
            }) = known.as_deref()
            {
                self.go(&chain, operation, standing.effects(), applied, &[])
                    .await?;
                let exchanges = standing.exchanges(chain.filters(), self.session(), operation);
                return Ok(Permit::new(
                    operation,
                    exchanges,
                    generation,
                    applied,
                    &[],
                    started,
                ));
            }
            let mut standing = known
                .map(|known| known.standing.clone())
                .unwrap_or_default();
            let stood = standing.count();
            // Aside, as all that is not done for most operations: what may be
            // waited for here is room that each of them would take.
            let asked = chain.operation(self.session(), operation, &mut standing, |place, hold| {
                consents.iter().any(|c| c.place == place && c.hold == *hold)
            });
            let (decided, effects) = Box::pin(asked).await;
            let applied = Applied::read(effects::placed(&effects));
            match decided {
                Decided::Proceed(exchanges) => {
                    if standing.count() > stood {
                        self.decisions.keep(operation, holds_for, &chain, standing);
                    }
                    self.go(
                        &chain,
                        operation,
                        effects::placed(&effects),
                        &applied,
                        &consents,
                    )
                    .await?;
                    return Ok(Permit::new(
                        operation, exchanges, generation, &applied, &consents, started,
                    ));
                }
                Decided::Deny(Attributed { filter, what }) => {
                    tracing::debug!(
                        filter = chain.filter_name(filter),
                        rule = what.rule,
                        "denied"
                    );
                    return Err(self.denied(operation, &applied, what)?);
                }
                Decided::Fault(Attributed { what, .. }) => {
                    let denial = self.fault(&what);
                    return Err(self.denied(operation, &applied, denial)?);
                }
                Decided::Hold(Attributed { filter, what }) => {
                    if consents.len() >= HOLDS {
                        let denial = Denial::new(
                            code::UNAVAILABLE,
                            "the operation is held again and again",
                            "Tell whoever runs the gateway.",
                        );
                        return Err(self.denied(operation, &applied, denial)?);
                    }
                    self.record_attempt(operation, &applied)
                        .map_err(unrecorded)?;
                    self.held.set(Some(operation.id));
                    let by = (filter, chain.filter_name(filter));
                    let asked = consent::ask(self, operation, by, what, waiting);
                    let asked = Box::pin(asked).await;
                    self.held.set(None);
                    match asked {
                        Ok(consent) => {
                            // One consent a filter: an older one is not what
                            // it asks for now.
                            consents.retain(|old| old.place != consent.place);
                            consents.push(consent);
                        }
                        Err(denial) => return Err(self.denied(operation, &applied, denial)?),
                    }
                }
                Decided::Wait(Attributed { what, .. }) => {
                    fetches += 1;
                    if fetches > FETCHES || !Box::pin(self.fetch(&what)).await {
                        let denial = Denial::new(
                            code::UNAVAILABLE,
                            "something that the decision needs cannot be had",
                            "Try again in a moment.",
                        );
                        return Err(self.denied(operation, &applied, denial)?);
                    }
                }
                Decided::Rewrite(Attributed { what, .. }) => {
                    self.record_rewrite(operation, &applied, &what)
                        .map_err(unrecorded)?;
                    return Err(Refused::Rewritten(what));
                }
            }
        }
    }

    /// The chain gives leave: what filters asked for is done, consents are used
    /// up, and the record is stored.
    async fn go<'a>(
        &self,
        chain: &FilterChain,
        operation: &Operation,
        effects: impl Iterator<Item = (usize, &'a Effect)>,
        applied: &Applied,
        consents: &[Consent],
    ) -> Result<(), Refused> {
        let done = match self.perform(chain, effects) {
            Ok(()) => self.consume(consents).await,
            Err(denial) => Err(denial),
        };
        match done {
            Ok(()) => Ok(self
                .record_allowed(operation, applied, consents)
                .map_err(unrecorded)?),
            Err(denial) => Err(self.denied(operation, applied, denial)?),
        }
    }

    /// Does what filters asked for.
    pub(super) fn perform<'a>(
        &self,
        chain: &FilterChain,
        effects: impl Iterator<Item = (usize, &'a Effect)>,
    ) -> Result<(), Denial> {
        let services = &self.worker().services;
        let named = effects.map(|(place, effect)| (chain.filter_name(place), effect));
        effects::perform(named, self.session(), &services.limits, &services.metrics)
    }

    /// Uses the consents up, each durably, before anything goes to the target.
    async fn consume(&self, consents: &[Consent]) -> Result<(), Denial> {
        let approvals = &self.worker().services.approvals;
        for consent in consents {
            approvals
                .consume(&consent.request, &consent.digest)
                .await
                .map_err(|error| consent::unable(&consent.hold, &error))?;
        }
        Ok(())
    }

    /// Records a denial and returns it; when it cannot be recorded the denial
    /// says so instead.
    fn denied(
        &self,
        operation: &Operation,
        applied: &Applied,
        denial: Denial,
    ) -> Result<Refused, Refused> {
        self.record_denied(operation, applied, &denial)
            .map_err(unrecorded)?;
        Ok(Refused::Denied(denial))
    }

    /// Logs and counts a filter's fault, and makes a denial of it; clients learn
    /// only which filter.
    pub fn fault(&self, fault: &Fault) -> Denial {
        tracing::error!(
            filter = fault.filter,
            kind = fault.kind.as_str(),
            session = self.session().start.id,
            message = fault.message,
            "a filter could not answer"
        );
        self.worker()
            .services
            .metrics
            .filter_fault(&fault.filter, fault.kind.as_str());
        Denial::new(
            code::UNAVAILABLE,
            format!(
                "the filter {} could not decide ({})",
                fault.filter,
                fault.kind.as_str()
            ),
            "Tell whoever runs the gateway; its log has more.",
        )
    }
}

/// The denial for what cannot be recorded.
pub(super) fn unrecorded(fault: RecordingFault) -> Denial {
    tracing::error!(%fault, "the recording cannot be written");
    Denial::new(
        code::UNAVAILABLE,
        "the recording cannot be written, so nothing may run",
        "Tell whoever runs the gateway: its recordings need space or attention.",
    )
}

/// A code as a metric's label: one of few words.
fn word(given: &str) -> &'static str {
    match given {
        code::UNAUTHENTICATED => code::UNAUTHENTICATED,
        code::LIMITED => code::LIMITED,
        code::UNRESOLVED => code::UNRESOLVED,
        code::UNAVAILABLE => code::UNAVAILABLE,
        code::NOT_APPROVED => code::NOT_APPROVED,
        "cancelled" => "cancelled",
        _ => code::FORBIDDEN,
    }
}
