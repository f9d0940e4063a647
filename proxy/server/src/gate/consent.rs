//! Waiting for people: a hold becomes a request, the request a consent.

use std::rc::Rc;

use narrowgate_chain::{Denial, Hold, Operation, Value, attribute, code};
use narrowgate_store::approvals::{
    Error, Limit, NewRequest, OnDisconnect, Parameter, Request, State, Subject, Validity, Verdict,
    digest,
};

use super::Gate;
use crate::postgres::operation::{OBJECT_IDS, SOURCE_TEXT};
use crate::services::Stage;
use crate::worker::Worker;

/// Most bytes of an approver's comment that a client is shown.
const COMMENT: usize = 200;

/// The side of the client while an operation is held.
#[expect(async_fn_in_trait, reason = "sessions stay on their core")]
pub trait Waiting {
    /// Tells the client at once that people are being asked.
    fn notice(&self, operation: &Operation, message: &str, hint: &str);
    /// Resolves when the client no longer wants the operation.
    async fn cancelled(&self);
    /// True in a transaction that has already written: its locks would wait too.
    fn has_written(&self) -> bool;
    /// True when the operation still is what it was when people were asked: names
    /// may have come to mean something else meanwhile.
    async fn is_unchanged(&self, operation: &Operation) -> bool;
    /// Where within the target the operation would run, if that can differ:
    /// people agree to it there and nowhere else.
    fn place(&self) -> String;
    /// The parameters of the operation, in the protocol's words.
    fn parameters(&self, operation: &Operation) -> Vec<Parameter>;
}

/// People have agreed to this hold of this operation.
#[derive(Clone, Debug)]
pub(super) struct Consent {
    /// Place of the filter that asked.
    pub(super) place: usize,
    /// What it asked for.
    pub(super) hold: Hold,
    /// The request.
    pub(super) request: String,
    /// What was agreed to.
    pub(super) digest: String,
}

/// Asks people on behalf of the filter `by` at its place, and waits until they have
/// agreed or the wait is over.
pub(super) async fn ask(
    gate: &Gate,
    operation: &Operation,
    (place, by): (usize, &str),
    hold: Hold,
    waiting: &impl Waiting,
) -> Result<Consent, Denial> {
    if waiting.has_written() && text(&hold, "in_transaction") != Some("hold") {
        return Err(refused(
            &hold,
            "this operation needs a person's approval, and the transaction has already written",
            "Commit or roll back first, then run the operation in a transaction of its own.",
        ));
    }
    let new = request(gate, operation, by, &hold, waiting)?;
    let digest = digest(&new.operation);
    let approvals = &gate.worker().services.approvals;
    let mut request = approvals
        .request(new)
        .await
        .map_err(|error| unable(&hold, &error))?;
    let attached = Attached {
        worker: gate.worker().clone(),
        gate,
        id: Some(request.id.clone()),
    };
    if request.state == State::Pending {
        gate.record_approval(operation, &request)?;
        let (message, hint) = asking(&request);
        waiting.notice(operation, &message, &hint);
        request = tokio::select! {
            decided = approvals.wait(&request.id) => {
                decided.map_err(|error| unable(&hold, &error))?
            }
            () = waiting.cancelled() => {
                attached.settled();
                if let Err(error) = approvals.cancel(&request.id).await {
                    tracing::warn!(id = request.id, %error, "a request could not be cancelled");
                }
                return Err(coded(
                    "cancelled",
                    &hold,
                    "the client cancelled while approval was pending",
                    "",
                ));
            }
        };
    }
    attached.settled();
    gate.record_approval(operation, &request)?;
    match request.state {
        State::Approved if !waiting.is_unchanged(operation).await => Err(coded(
            narrowgate_chain::code::NOT_APPROVED,
            &hold,
            "what the operation names has changed while approval was pending",
            "Run the operation again to ask anew.",
        )),
        State::Approved => Ok(Consent {
            place,
            hold,
            request: request.id,
            digest,
        }),
        state => Err(declined(&hold, &request, state)),
    }
}

/// Tells the store when the client stops waiting, however that comes about.
struct Attached<'a> {
    /// For the store.
    worker: Rc<Worker>,
    /// For the session's identifier.
    gate: &'a Gate,
    /// The request, while it waits.
    id: Option<String>,
}

impl Attached<'_> {
    /// The wait is over by a decision.
    fn settled(mut self) {
        self.id = None;
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        // The end of the gateway detaches a request and never cancels it: the
        // store sees to that when it is opened again.
        if *self.worker.services.stage.borrow() == Stage::Ending {
            return;
        }
        let approvals = self.worker.services.approvals.clone();
        let session = self.gate.session().start.id.clone();
        tokio::task::spawn_local(async move {
            if let Err(error) = approvals.disconnect(&id, &session).await {
                tracing::warn!(id, %error, "an approval request could not be detached");
            }
        });
    }
}

/// The request for a hold, bound to everything that makes the operation.
fn request(
    gate: &Gate,
    operation: &Operation,
    by: &str,
    hold: &Hold,
    waiting: &impl Waiting,
) -> Result<NewRequest, Denial> {
    let session = gate.session();
    let identity = session.identity().ok_or_else(|| {
        refused(
            hold,
            "this operation needs approval, and nobody is known to ask for it",
            "",
        )
    })?;
    let mut objects: Vec<String> = operation
        .objects
        .iter()
        .map(|object| format!("{} {}", object.kind, object.name))
        .collect();
    objects.push(waiting.place());
    // A statement that runs another one is agreed to together with it.
    let source = attribute(&operation.further, SOURCE_TEXT).and_then(Value::as_text);
    objects.extend(source.map(|text| format!("runs {text}")));
    // Identities of objects among what every protocol has to say beyond.
    for (_, value) in operation
        .further
        .iter()
        .filter(|(name, _)| name == OBJECT_IDS)
    {
        if let Value::Texts(oids) = value {
            objects.extend(oids.iter().cloned());
        }
    }
    Ok(NewRequest {
        operation: Subject {
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            target: session.start.target.clone(),
            protocol: session.start.protocol.to_owned(),
            action: operation.action.clone(),
            text: operation.shown().to_owned(),
            parameters: waiting.parameters(operation),
            objects,
        },
        groups: identity.groups.clone(),
        filter: by.to_owned(),
        rule: hold.rule.clone(),
        reason: hold.reason.clone(),
        approvers: hold.approvers.clone(),
        quorum: hold.quorum.max(1),
        wait: hold.wait.saturating_mul(1_000_000),
        validity: if hold.grant == 0 {
            Validity::Once
        } else {
            Validity::Seconds(hold.grant)
        },
        on_disconnect: if text(hold, "on_disconnect") == Some("keep") {
            OnDisconnect::Keep
        } else {
            OnDisconnect::Cancel
        },
        session: session.start.id.clone(),
    })
}

/// What the client is told while it waits.
fn asking(request: &Request) -> (String, String) {
    let people = match request.quorum {
        1 => "one person".to_owned(),
        count => format!("{count} people"),
    };
    (
        format!(
            "narrowgate: waiting for approval {} by {people} of {}",
            request.id,
            request.approvers.join(", "),
        ),
        format!(
            "An approver runs: narrowgate approvals approve {}. Cancel the statement to withdraw it.",
            request.id
        ),
    )
}

/// The denial for a request that people did not agree to.
fn declined(hold: &Hold, request: &Request, state: State) -> Denial {
    let id = &request.id;
    match state {
        State::Denied => {
            let comment = request
                .decisions
                .iter()
                .rev()
                .find(|decision| decision.verdict == Verdict::Deny)
                .map(|decision| shown(&decision.comment))
                .filter(|comment| !comment.is_empty());
            let message = match comment {
                Some(comment) => format!("approval {id} was denied: {comment}"),
                None => format!("approval {id} was denied"),
            };
            refused(
                hold,
                &message,
                "Talk to the approvers before you ask again.",
            )
        }
        State::Expired => coded(
            "expired",
            hold,
            &format!("nobody approved {id} in time"),
            "Run the operation again to ask anew.",
        ),
        _ => refused(
            hold,
            &format!("approval {id} is {state}"),
            "Run the operation again to ask anew.",
        ),
    }
}

/// A person's comment as a client may see it: one line, no control or
/// direction-changing characters, bounded.
fn shown(comment: &str) -> String {
    comment
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .take(COMMENT)
        .collect()
}

/// The denial when the store cannot or will not take the request.
pub(super) fn unable(hold: &Hold, error: &Error) -> Denial {
    let (message, hint) = match error {
        Error::TooMany(Limit::Identity) => (
            "too many of your approval requests are open",
            "Wait until some are decided, or cancel them.",
        ),
        Error::TooMany(Limit::Gateway) => (
            "too many approval requests are open",
            "Wait until some are decided.",
        ),
        Error::TooLarge(_) => (
            "the operation is too large to be shown to an approver",
            "Split it into smaller operations.",
        ),
        Error::Changed(_) | Error::State { .. } => (
            "the approval no longer covers this operation",
            "Run the operation again to ask anew.",
        ),
        error => {
            tracing::error!(%error, "the approval store failed");
            (
                "approval could not be asked for",
                "Tell whoever runs the gateway; its log has more.",
            )
        }
    };
    refused(hold, message, hint)
}

/// A denial with a code of its own: the wait ended without a decision.
fn coded(code: &str, hold: &Hold, message: &str, hint: &str) -> Denial {
    let mut denial = refused(hold, message, hint);
    code.clone_into(&mut denial.code);
    denial
}

/// A denial that a hold's rule stands behind.
fn refused(hold: &Hold, message: &str, hint: &str) -> Denial {
    let mut denial = Denial::new(code::NOT_APPROVED, message, hint);
    denial.rule.clone_from(&hold.rule);
    denial
}

/// A text attribute of a hold.
fn text<'a>(hold: &'a Hold, name: &str) -> Option<&'a str> {
    attribute(&hold.attributes, name).and_then(Value::as_text)
}
