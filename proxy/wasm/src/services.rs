//! What the host offers to guests beside the event itself.

use std::sync::Arc;

/// A token whose signature is good.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Name of the issuer in the configuration.
    pub issuer: String,
    /// Algorithm of the signature.
    pub algorithm: String,
    /// Claims as a JSON object.
    pub claims: String,
    /// Protected header as a JSON object.
    pub header: String,
}

/// Why a token is not good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// It is no signed JWT, or one of a kind that is not accepted.
    Malformed(String),
    /// No configured issuer has this name.
    UnknownIssuer,
    /// The key is not known yet; what to wait for.
    KeysMissing(String),
    /// The issuer has no such key.
    UnknownKey,
    /// The signature is wrong.
    BadSignature,
    /// The issuer's keys cannot be had at present.
    Unavailable,
}

/// Rules of an issuer as configured.
#[derive(Clone, Debug)]
pub struct IssuerRules {
    /// Accepted audiences.
    pub audiences: Vec<String>,
    /// Claim that lists the groups.
    pub groups_claim: String,
    /// Claim that names the subject.
    pub subject_claim: String,
    /// Groups it may assert.
    pub groups: Vec<String>,
    /// Tolerated difference of clocks, in seconds.
    pub clock_skew: u64,
    /// Longest accepted lifetime, in seconds.
    pub lifetime: u64,
}

/// Verifies tokens. Never waits: what is not there is to be fetched.
pub trait Tokens: Send + Sync {
    /// Checks the signature.
    fn verify(&self, token: &str) -> Result<Verified, TokenFault>;
    /// The rules of an issuer, by name.
    fn issuer(&self, name: &str) -> Option<IssuerRules>;
}

/// What the host offers.
#[derive(Clone)]
pub struct HostServices {
    /// Tokens.
    pub tokens: Arc<dyn Tokens>,
    /// Minutes that the time zone of the gateway is ahead of UTC at the moment of
    /// the call: summer time comes and goes.
    pub offset_minutes: fn() -> i32,
}
