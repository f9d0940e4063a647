//! What is recorded. All types borrow: an event is encoded into the writer's
//! buffer at once and never stored as a value.

use serde::Serialize;
use serde_json::value::RawValue;

use super::room::Parameter;
use super::rows::{Fragment, Rows};

/// One event of one session.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// When it happened, in microseconds since the Unix epoch.
    pub time: u64,
    /// The session; empty when there is none.
    pub session: &'a str,
    /// Position within the session, counted by the caller from 0.
    pub seq: u64,
    /// What happened.
    pub data: Data<'a>,
}

/// What happened.
#[derive(Clone, Copy)]
pub enum Data<'a> {
    /// `session.start`: a client is here.
    SessionStart(&'a SessionStart<'a>),
    /// `session.identity`: the client is known, or known anew.
    Identity(&'a Identity<'a>),
    /// `operation`: something was tried.
    Operation(&'a Operation<'a>),
    /// `decision`: the chain answered.
    Decision(&'a Decision<'a>),
    /// `approval`: a request for consent was made or changed.
    Approval(&'a Approval<'a>),
    /// `result`: an operation ended.
    Result(&'a Outcome<'a>),
    /// `rows`: rows as the agent saw them.
    Rows(&'a Rows),
    /// `rows`: a piece of one large cell.
    Fragment(&'a Fragment<'a>),
    /// `error`: what the agent was told.
    Error(&'a Message<'a>),
    /// `notice`: the same without harm.
    Notice(&'a Message<'a>),
    /// `notification`: somebody told the agent something.
    Notification(&'a Notification<'a>),
    /// `output`: bytes of a stream or terminal.
    Output(&'a Output<'a>),
    /// `session.end`: the client is gone.
    SessionEnd(&'a SessionEnd<'a>),
    /// `filter.<name>`: what a filter wants kept.
    Filter(&'a str, &'a RawValue),
    /// `host.<name>`: what never reached a filter, such as a failed handshake.
    Host(&'a str, &'a RawValue),
}

/// Who somebody is.
#[derive(Clone, Copy, Serialize)]
pub struct Identity<'a> {
    /// Issuer of the token.
    pub issuer: &'a str,
    /// The subject within that issuer.
    pub subject: &'a str,
    /// Groups asserted.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub groups: &'a [String],
}

/// A client is here.
#[derive(Clone, Copy, Default, Serialize)]
pub struct SessionStart<'a> {
    /// Protocol of the listener.
    pub protocol: &'a str,
    /// Name of the listener.
    pub listener: &'a str,
    /// Name of the target, once known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub target: &'a str,
    /// Address of the client.
    pub client: &'a str,
    /// The user name that the client gave; it gives no right.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub user: &'a str,
    /// The program, as the client names it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub application: &'a str,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// Who it is, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity<'a>>,
}

/// Something was tried.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Operation<'a> {
    /// Number of the operation within its session, or the like.
    pub operation: &'a str,
    /// Such as `select`; several are joined by `,`.
    pub action: &'a str,
    /// Such as `prepare` or `execute`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub phase: &'a str,
    /// The exact text, secrets replaced by [`digest_secret`](super::digest_secret).
    pub text: &'a str,
    /// Parameters by position.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub parameters: &'a [Parameter],
    /// What it touches, such as `public.customers`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub resources: &'a [&'a str],
    /// Fingerprint of its shape.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub fingerprint: &'a str,
    /// Anything else, in OpenTelemetry names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<&'a RawValue>,
    /// The decision, where it stands already: one event instead of two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision<'a>>,
}

/// The chain answered.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Decision<'a> {
    /// The operation; empty within an [`Operation`].
    #[serde(skip_serializing_if = "str::is_empty")]
    pub operation: &'a str,
    /// `allow`, `deny` or `hold`.
    pub verdict: &'a str,
    /// The filter that decided.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub filter: &'a str,
    /// The rule that decided.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub rule: &'a str,
    /// Why, in words.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: &'a str,
}

/// A request for consent was made or changed.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Approval<'a> {
    /// The operation.
    pub operation: &'a str,
    /// The request.
    pub id: &'a str,
    /// Its state now.
    pub state: &'a str,
    /// Digest of what is to be executed.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub digest: &'a str,
    /// Who decided, if it was a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Identity<'a>>,
    /// What they wrote.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub comment: &'a str,
}

/// An operation ended.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Outcome<'a> {
    /// The operation.
    pub operation: &'a str,
    /// How, such as `error` or `cancelled`; empty when it ended well.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub outcome: &'a str,
    /// The protocol's own closing word, such as `SELECT 3`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub status: &'a str,
    /// Rows that the agent saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Bytes that the agent saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// From the decision to the end, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// The last rows, or all of a small result: one event instead of two.
    #[serde(skip)]
    pub content: Option<&'a Rows>,
}

/// What the agent was told.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Message<'a> {
    /// The operation; empty when it belongs to none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub operation: &'a str,
    /// Such as `ERROR`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub severity: &'a str,
    /// SQLSTATE, HTTP status, exit code.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub code: &'a str,
    /// The message.
    pub message: &'a str,
    /// More about it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub detail: &'a str,
    /// What to do.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub hint: &'a str,
    /// Where it came about, such as a stack of functions.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub context: &'a str,
    /// Place in the text, in characters from 1.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub position: &'a str,
}

/// Somebody told the agent something.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Notification<'a> {
    /// On which channel.
    pub channel: &'a str,
    /// What.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub payload: &'a str,
    /// The server process of whoever did.
    pub process: i32,
}

/// Bytes of a stream or terminal, at most
/// [`Rows::CHUNK`](super::Rows::CHUNK) at a time.
#[derive(Clone, Copy)]
pub struct Output<'a> {
    /// The operation; empty when it belongs to none.
    pub operation: &'a str,
    /// `stdin`, `stdout`, `stderr`, `copy-in`, `copy-out`.
    pub stream: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// The client is gone.
#[derive(Clone, Copy, Default, Serialize)]
pub struct SessionEnd<'a> {
    /// Why.
    pub reason: &'a str,
}
