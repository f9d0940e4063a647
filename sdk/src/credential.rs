//! What a client presents, and what the host says of it.

use crate::host;

/// What a client presents.
#[derive(Clone)]
pub struct Credential {
    /// `bearer`, `password`, `certificate`.
    pub kind: String,
    /// The credential itself; empty without the grant `credentials`.
    pub value: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A token whose signature is good. Nothing else about it has been judged.
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
    /// Answer [`Verdict::Wait`](crate::Verdict::Wait) with this.
    KeysMissing(String),
    /// The issuer has no such key.
    UnknownKey,
    /// The signature is wrong.
    BadSignature,
    /// The issuer's keys cannot be had at present.
    Unavailable,
}

/// Rules of an issuer as configured.
#[derive(Clone, Debug, Default)]
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

impl Credential {
    /// Has the host check the token's signature.
    pub fn verify(&self) -> Result<Verified, TokenFault> {
        host::verify(&self.value)
    }
}

impl IssuerRules {
    /// The rules of an issuer, by its name.
    pub fn of(issuer: &str) -> Option<Self> {
        host::issuer(issuer)
    }
}
