//! What is written down: attempts, decisions, approvals, ends.
//!
//! A recording filter says what of an operation is wanted; the host writes it,
//! and writes by itself what never reached a filter. An event is with the
//! operating system before the operation it belongs to goes on.

use narrowgate_chain::{Denial, Operation, Phase};
use narrowgate_store::approvals::Request;
use narrowgate_store::recordings::{self, Data, Event, Identity, Parameter};

use super::Gate;
use super::consent::Consent;
use super::effects::{Applied, RecordPlan};
use super::permit::{End, Outcome, Permit};
use super::recorder::{RecordingFault, now};

/// Events of a session that have been appended and not been stored yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsettled {
    /// Writes that had failed when the first of them was appended.
    failures: u64,
    /// Losing them would be put up with.
    lenient: bool,
}

impl Gate {
    /// Appends an event of this session, behind the rows that wait.
    pub(super) fn append(&self, data: Data<'_>) -> Result<(), RecordingFault> {
        self.append_rows()?;
        self.append_alone(data)
    }

    /// Appends an event of this session.
    pub(super) fn append_alone(&self, data: Data<'_>) -> Result<(), RecordingFault> {
        let seq = self.sequence.get();
        self.sequence.set(seq + 1);
        let session = &self.session().start.id;
        self.worker().recorder.append(&Event {
            time: now(),
            session,
            seq,
            data,
        })
    }

    /// Stores what has been appended; counts what could not be.
    fn store(
        &self,
        appended: Result<(), RecordingFault>,
        lenient: bool,
    ) -> Result<(), RecordingFault> {
        match appended.and_then(|()| self.worker().recorder.flush()) {
            Ok(()) => Ok(()),
            Err(fault) => {
                self.worker().services.metrics.recording_error();
                if lenient {
                    tracing::error!(%fault, "not recorded; the chain says to go on");
                    return Ok(());
                }
                Err(fault)
            }
        }
    }

    /// Leaves what has been appended to the next [`settle`](Self::settle).
    pub(super) fn later(
        &self,
        appended: Result<(), RecordingFault>,
        lenient: bool,
    ) -> Result<(), RecordingFault> {
        if appended.is_err() {
            return self.store(appended, lenient);
        }
        let failures = self.worker().recorder.failures.get();
        let unsettled = self
            .unsettled
            .get()
            .unwrap_or(Unsettled { failures, lenient });
        self.unsettled.set(Some(Unsettled {
            lenient: unsettled.lenient && lenient,
            ..unsettled
        }));
        Ok(())
    }

    /// Stores what waits of this session; to be called before anything of it goes
    /// to the client. One write serves all sessions of the worker.
    pub fn settle(&self) -> Result<(), Denial> {
        let Some(unsettled) = self.unsettled.take() else {
            return Ok(());
        };
        let appended = self.append_rows();
        let recorder = &self.worker().recorder;
        let kept = match recorder.failures.get() == unsettled.failures {
            true => appended,
            false => Err(RecordingFault::Lost),
        };
        Ok(self.store(kept, unsettled.lenient)?)
    }

    /// True when the chain has a recording filter at all.
    pub(super) fn records(&self) -> bool {
        self.worker()
            .services
            .plan
            .load()
            .chains
            .get(self.chain_name())
            .is_some_and(|c| c.records)
    }

    /// A session begins.
    pub(super) fn record_session_start(&self) -> Result<(), RecordingFault> {
        let Some(plan) = self.session_plan() else {
            return Ok(());
        };
        let appended = self.append_session_start();
        self.store(appended, plan.lenient)
    }

    /// Appends the start of the session.
    fn append_session_start(&self) -> Result<(), RecordingFault> {
        let start = &self.session().start;
        let identity = self.session().identity();
        self.append(Data::SessionStart(&recordings::SessionStart {
            protocol: start.protocol,
            listener: &start.listener,
            target: &start.target,
            client: &start.client,
            user: &start.user,
            application: "",
            tls: start.encrypted,
            identity: identity.as_deref().map(|identity| Identity {
                issuer: &identity.issuer,
                subject: &identity.subject,
                groups: &identity.groups,
            }),
        }))
    }

    /// A session was refused. It may not have reached the recording filter, so
    /// the chain's having one decides.
    pub(super) fn record_session_refused(&self, denial: &Denial) -> Result<(), RecordingFault> {
        if !self.records() {
            return Ok(());
        }
        let lenient = self.session_plan().is_some_and(|plan| plan.lenient);
        let appended = self
            .append_session_start()
            .and_then(|()| self.append(Data::Error(&message("", "FATAL", denial))))
            .and_then(|()| {
                self.append(Data::SessionEnd(&recordings::SessionEnd {
                    reason: &denial.code,
                }))
            });
        self.store(appended, lenient)
    }

    /// A session has ended, and with it what was being asked about.
    pub(super) fn record_session_end(&self, reason: &str) -> Result<(), RecordingFault> {
        if let Some(held) = self.held.take().filter(|_| self.records()) {
            let operation = held.to_string();
            self.append(Data::Result(&recordings::Outcome {
                operation: &operation,
                outcome: Outcome::Cancelled.as_str(),
                ..recordings::Outcome::default()
            }))?;
        }
        let Some(plan) = self.session_plan() else {
            return Ok(());
        };
        let appended = self.append(Data::SessionEnd(&recordings::SessionEnd { reason }));
        self.store(appended, plan.lenient)
    }

    /// What applies to an operation: what a filter asked for, or, when none was
    /// reached although the chain has one, everything but results.
    fn plan(&self, applied: &Applied) -> Option<RecordPlan> {
        applied
            .record
            .or_else(|| self.records().then_some(RecordPlan::BARE))
    }

    /// Appends what was tried.
    fn append_operation(
        &self,
        operation: &Operation,
        plan: RecordPlan,
        decision: recordings::Decision<'_>,
    ) -> Result<(), RecordingFault> {
        let parameters = match plan.parameters {
            true => Parameter::all(operation.parameters.iter().map(Option::as_deref)),
            false => Vec::new(),
        };
        let resources: Vec<&str> = operation
            .objects
            .iter()
            .map(|object| &*object.name)
            .collect();
        self.append(Data::Operation(&recordings::Operation {
            operation: &operation.id.to_string(),
            action: &operation.action,
            phase: match operation.phase {
                Phase::Prepare => "prepare",
                Phase::Execute => "execute",
            },
            text: operation.shown(),
            parameters: &parameters,
            resources: &resources,
            fingerprint: &operation.fingerprint,
            attributes: None,
            decision: Some(decision),
        }))
    }

    /// An operation is held: what is tried is stored before people are asked.
    pub(super) fn record_attempt(
        &self,
        operation: &Operation,
        applied: &Applied,
    ) -> Result<(), RecordingFault> {
        let Some(plan) = self.plan(applied) else {
            return Ok(());
        };
        let appended = self.append_operation(operation, plan, decision("hold", "", ""));
        self.store(appended, plan.lenient)
    }

    /// A request for consent was made or decided.
    pub(super) fn record_approval(
        &self,
        operation: &Operation,
        request: &Request,
    ) -> Result<(), RecordingFault> {
        if !self.records() {
            return Ok(());
        }
        let last = request.decisions.last();
        let appended = self.append(Data::Approval(&recordings::Approval {
            operation: &operation.id.to_string(),
            id: &request.id,
            state: request.state.as_str(),
            digest: &request.digest,
            by: last.map(|decision| Identity {
                issuer: &decision.issuer,
                subject: &decision.subject,
                groups: &decision.groups,
            }),
            comment: last.map_or("", |decision| &decision.comment),
        }));
        self.store(appended, false)
    }

    /// An operation may run: stored before anything of it goes to the target.
    pub(super) fn record_allowed(
        &self,
        operation: &Operation,
        applied: &Applied,
        consents: &[Consent],
    ) -> Result<(), RecordingFault> {
        let Some(plan) = applied.record else {
            return Ok(());
        };
        let requests: Vec<&str> = consents
            .iter()
            .map(|consent| consent.request.as_str())
            .collect();
        let (rules, requests) = (applied.rules.join(","), requests.join(","));
        let appended = self.append_operation(operation, plan, decision("allow", &rules, &requests));
        self.store(appended, plan.lenient)
    }

    /// An operation is denied.
    pub(super) fn record_denied(
        &self,
        operation: &Operation,
        applied: &Applied,
        denial: &Denial,
    ) -> Result<(), RecordingFault> {
        let Some(plan) = self.plan(applied) else {
            return Ok(());
        };
        let decision = decision("deny", &denial.rule, &denial.message);
        let appended = self.append_operation(operation, plan, decision);
        self.store(appended, plan.lenient)
    }

    /// An operation is refused before any filter is asked.
    pub fn record_refused(&self, operation: &Operation, why: &str) -> Result<(), Denial> {
        let denial = Denial {
            message: why.to_owned(),
            ..Denial::default()
        };
        Ok(self.record_denied(operation, &Applied::default(), &denial)?)
    }

    /// A filter put another text in the operation's place.
    pub(super) fn record_rewrite(
        &self,
        operation: &Operation,
        applied: &Applied,
        text: &str,
    ) -> Result<(), RecordingFault> {
        let Some(plan) = self.plan(applied) else {
            return Ok(());
        };
        let appended = self.append_operation(operation, plan, decision("rewrite", "", text));
        self.store(appended, plan.lenient)
    }

    /// What could not even become an operation: a statement that does not
    /// parse, a message about something that is not there. Returns its number.
    pub fn record_unreadable(&self, text: &str, why: &str) -> Result<u64, Denial> {
        let id = self.next_operation();
        if !self.records() {
            return Ok(id);
        }
        let lenient = self.session_plan().is_some_and(|plan| plan.lenient);
        let appended = self.append(Data::Operation(&recordings::Operation {
            operation: &id.to_string(),
            action: "unreadable",
            text,
            decision: Some(decision("deny", "", why)),
            ..recordings::Operation::default()
        }));
        self.store(appended, lenient)?;
        Ok(id)
    }

    /// An operation has ended.
    pub(super) fn record_end(
        &self,
        operation: &Operation,
        plan: Option<RecordPlan>,
        end: &End,
    ) -> Result<(), RecordingFault> {
        let Some(plan) = plan else { return Ok(()) };
        let outcome = recordings::Outcome {
            operation: &operation.id.to_string(),
            outcome: match end.outcome {
                Outcome::Complete => "",
                other => other.as_str(),
            },
            status: &end.status,
            rows: Some(end.rows),
            bytes: Some(end.bytes),
            duration: u64::try_from(end.took.as_micros()).ok(),
            content: None,
        };
        let appended = self.append_outcome(operation.id, outcome);
        self.later(appended, plan.lenient)
    }

    /// A piece of a value that is too large for the line of its row.
    pub fn record_fragment(
        &self,
        permit: &Permit,
        fragment: &recordings::Fragment<'_>,
    ) -> Result<(), Denial> {
        let Some(plan) = permit.record.filter(|plan| plan.results) else {
            return Ok(());
        };
        let appended = self.append(Data::Fragment(fragment));
        Ok(self.later(appended, plan.lenient)?)
    }

    /// Bytes of a stream as the client is about to see them.
    pub fn record_output(&self, permit: &Permit, stream: &str, bytes: &[u8]) -> Result<(), Denial> {
        match permit.record.filter(|plan| plan.results) {
            Some(plan) => self.record_stream(permit, plan, stream, bytes),
            None => Ok(()),
        }
    }

    /// Bytes of a stream that the target is about to get: like parameters, they
    /// are what the client puts in.
    pub fn record_input(&self, permit: &Permit, stream: &str, bytes: &[u8]) -> Result<(), Denial> {
        match permit.record.filter(|plan| plan.parameters) {
            Some(plan) => self.record_stream(permit, plan, stream, bytes),
            None => Ok(()),
        }
    }

    /// Appends bytes of a stream, in pieces of bounded size.
    fn record_stream(
        &self,
        permit: &Permit,
        plan: RecordPlan,
        stream: &str,
        bytes: &[u8],
    ) -> Result<(), Denial> {
        let operation = permit.operation.id.to_string();
        let appended = bytes.chunks(recordings::Rows::CHUNK).try_for_each(|bytes| {
            self.append(Data::Output(&recordings::Output {
                operation: &operation,
                stream,
                bytes,
            }))
        });
        Ok(self.later(appended, plan.lenient)?)
    }
}

/// A decision as it is recorded with its operation.
fn decision<'a>(verdict: &'a str, rule: &'a str, reason: &'a str) -> recordings::Decision<'a> {
    recordings::Decision {
        verdict,
        rule,
        reason,
        ..recordings::Decision::default()
    }
}

/// A denial as it is recorded.
fn message<'a>(
    operation: &'a str,
    severity: &'a str,
    denial: &'a Denial,
) -> recordings::Message<'a> {
    recordings::Message {
        operation,
        severity,
        code: &denial.code,
        message: &denial.message,
        detail: &denial.rule,
        hint: &denial.hint,
        ..recordings::Message::default()
    }
}
