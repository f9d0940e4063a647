//! The answers of filters.

use crate::Attributes;

/// Words that a denial's `code` may have; drivers map them to their protocol.
pub mod code {
    /// The client is not who it has to be.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// No rule allows it, or one forbids it.
    pub const FORBIDDEN: &str = "forbidden";
    /// Too much or too often.
    pub const LIMITED: &str = "limited";
    /// It could not be understood.
    pub const UNRESOLVED: &str = "unresolved";
    /// Something that has to work does not.
    pub const UNAVAILABLE: &str = "unavailable";
    /// Consent was asked for and not given in time, refused or withdrawn.
    pub const NOT_APPROVED: &str = "not_approved";
}

/// A refusal; every text of it reaches the client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Denial {
    /// One of [`code`].
    pub code: String,
    /// One sentence that says what was refused.
    pub message: String,
    /// Name of the rule, empty when none matched.
    pub rule: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl Denial {
    /// A denial that no rule of the configuration stands behind.
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            rule: String::new(),
            hint: hint.into(),
        }
    }
}

/// What people have to agree to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hold {
    /// The rule that asks.
    pub rule: String,
    /// Shown to the approvers.
    pub reason: String,
    /// Groups whose members decide.
    pub approvers: Vec<String>,
    /// Distinct people needed.
    pub quorum: u32,
    /// How long the request stands, in seconds.
    pub wait: u64,
    /// How long the consent covers repetitions, in seconds; zero: used once.
    pub grant: u64,
    /// `on_disconnect`, `in_transaction`.
    pub attributes: Attributes,
}

/// The answer to an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Ask the next filter.
    Proceed,
    /// Refuse.
    Deny(Denial),
    /// Wait for consent, then run the chain anew.
    Hold(Hold),
    /// Fetch these, then ask again.
    Wait(Vec<String>),
    /// Run this text instead.
    Rewrite(String),
}
