//! A request for approval, its states and the people around it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Subject;

/// Who asks: an identity is (issuer, subject); the groups are for showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Issuer of the token.
    pub issuer: String,
    /// The subject within that issuer.
    pub subject: String,
    /// Groups at the time of asking.
    pub groups: Vec<String>,
}

/// Who decides, from a token that the caller has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// Issuer of the token.
    pub issuer: String,
    /// The subject within that issuer.
    pub subject: String,
    /// Groups that this issuer may assert and has asserted.
    pub groups: Vec<String>,
    /// Whether the issuer vouches for people (`people: true`).
    pub people: bool,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits for people.
    Pending,
    /// May be consumed.
    Approved,
    /// Was consumed; the operation runs or ran.
    Used,
    /// Somebody said no.
    Denied,
    /// The deadline came first.
    Expired,
    /// The requester went away or gave up, or its terms were replaced.
    Cancelled,
    /// The consent was taken back.
    Revoked,
}

/// What one person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No; one is enough.
    Deny,
    /// No longer.
    Revoke,
}

/// One person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Issuer of the approver's token.
    pub issuer: String,
    /// The approver within that issuer.
    pub subject: String,
    /// The approver's groups when deciding.
    pub groups: Vec<String>,
    /// What was decided.
    pub verdict: Verdict,
    /// What the approver wrote, possibly nothing.
    pub comment: String,
    /// When, in microseconds since the Unix epoch.
    pub at: u64,
}

/// How long a grant lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Validity {
    /// One use, until the request's deadline.
    Once,
    /// Any number of uses of the same digest for this many seconds, counted
    /// from the approval that completes the quorum.
    Seconds(u64),
}

/// What a lost client means for its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDisconnect {
    /// The request ends with the client.
    Cancel,
    /// The request waits for the client to come back, until its deadline.
    Keep,
}

/// What a hold asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The operation, with who asks.
    pub operation: Subject,
    /// The requester's groups, for showing.
    pub groups: Vec<String>,
    /// Name of the filter that asks: each may ask for what it needs, and the
    /// request of one does not replace that of another.
    pub filter: String,
    /// Name of the rule that asked for a person.
    pub rule: String,
    /// Why, in words for the approver.
    pub reason: String,
    /// Groups whose members may decide; never empty.
    pub approvers: Vec<String>,
    /// How many distinct people must approve; at least 1.
    pub quorum: u32,
    /// How long to wait for them, in microseconds.
    pub wait: u64,
    /// How long the grant lasts.
    pub validity: Validity,
    /// What a lost client means.
    pub on_disconnect: OnDisconnect,
    /// The session that waits.
    pub session: String,
}

/// A request as stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Short, readable, unguessable: `apr-` and ten base32 characters.
    pub id: String,
    /// [`digest`](super::digest()) of the operation.
    pub digest: String,
    /// Who asks.
    pub identity: Identity,
    /// Name of the target.
    pub target: String,
    /// Protocol of the target.
    pub protocol: String,
    /// The action.
    pub action: String,
    /// The exact text.
    pub text: String,
    /// The parameters.
    pub parameters: Vec<super::digest::Parameter>,
    /// The resolved objects.
    pub objects: Vec<String>,
    /// The rule that asked.
    pub rule: String,
    /// Why it asked.
    pub reason: String,
    /// Groups that may decide.
    pub approvers: Vec<String>,
    /// People needed.
    pub quorum: u32,
    /// When it was made, in microseconds since the Unix epoch.
    pub created: u64,
    /// When it ends if nobody decides or nobody uses it.
    pub deadline: u64,
    /// How long the grant lasts.
    pub validity: Validity,
    /// Until when a grant with [`Validity::Seconds`] lasts; set by approval.
    pub until: Option<u64>,
    /// What a lost client means.
    pub on_disconnect: OnDisconnect,
    /// Whether a client waits for it now.
    pub attached: bool,
    /// The session that asked last.
    pub session: String,
    /// Where it stands.
    pub state: State,
    /// How often it was consumed.
    pub uses: u64,
    /// Operations that run under it now.
    pub running: u64,
    /// When it came to its end; `None` while it waits, may be used or runs.
    pub ended: Option<u64>,
    /// What people said, in order.
    pub decisions: Vec<Decision>,
}

impl State {
    /// The word used in the database, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Used => "used",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Approved,
            Self::Used,
            Self::Denied,
            Self::Expired,
            Self::Cancelled,
            Self::Revoked,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Request {
    /// Distinct people who approved. The requester never counts, whatever the
    /// database says.
    pub fn approvals(&self) -> u32 {
        let mut people: Vec<(&str, &str)> = self
            .decisions
            .iter()
            .filter(|decision| decision.verdict == Verdict::Approve)
            .map(|decision| (decision.issuer.as_str(), decision.subject.as_str()))
            .filter(|person| *person != self.requester())
            .collect();
        people.sort_unstable();
        people.dedup();
        u32::try_from(people.len()).unwrap_or(u32::MAX)
    }

    /// True when somebody with these groups of that issuer may decide.
    pub fn is_for(&self, issuer: &str, groups: &[String]) -> bool {
        self.approvers.iter().any(|wanted| match qualified(wanted) {
            Some((of, wanted)) => of == issuer && groups.iter().any(|group| group == wanted),
            None => groups.contains(wanted),
        })
    }

    /// The requester as (issuer, subject).
    pub(super) fn requester(&self) -> (&str, &str) {
        (&self.identity.issuer, &self.identity.subject)
    }

    /// The state that the passing of time alone has brought, if any.
    pub(super) fn overdue(&self, now: u64) -> Option<State> {
        match (self.state, self.validity) {
            (State::Pending, _) | (State::Approved, Validity::Once) if now >= self.deadline => {
                Some(State::Expired)
            }
            (State::Approved, Validity::Seconds(_)) if now >= self.until.unwrap_or(0) => {
                Some(if self.uses > 0 {
                    State::Used
                } else {
                    State::Expired
                })
            }
            _ => None,
        }
    }

    /// Moves to a final state.
    pub(super) fn end(&mut self, state: State, now: u64) {
        self.state = state;
        self.ended = Some(now);
        self.attached = false;
    }
}

/// Issuer and group of `staff/dba`. As in the configuration of filters, a group that
/// has a `/` itself is written with its issuer, and what stands before the `/` of
/// `repo:org/name` cannot be the name of an issuer.
fn qualified(wanted: &str) -> Option<(&str, &str)> {
    let of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    wanted
        .split_once('/')
        .filter(|(issuer, _)| issuer.bytes().all(of_names))
}
