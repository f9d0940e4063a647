//! Issuers of tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{FileRef, HumanDuration, IssuerUrl, KeySet, Label, Name};

/// An issuer of OpenID Connect tokens. Who somebody is, is the issuer and the
/// subject together; groups are known per issuer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its name in this configuration.
    pub name: Name,

    /// The `iss` of its tokens, and where discovery starts.
    pub url: IssuerUrl,

    /// The `aud` that its tokens must have for the gateway: one, or several of
    /// which any will do.
    pub audience: Audiences,

    /// Its keys, if they are not where discovery says.
    pub jwks: Option<KeySet>,

    /// Certificates that are trusted when its keys are fetched, instead of the
    /// public authorities, in PEM.
    pub ca: Option<FileRef>,

    /// Claim that lists the groups.
    #[serde(default = "groups_claim")]
    pub groups_claim: Label,

    /// Claim that names the subject.
    #[serde(default = "subject_claim")]
    pub subject_claim: Label,

    /// Groups that it may assert; others in its tokens are not believed. No two
    /// issuers may assert the same group.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub groups: Vec<Label>,

    /// Its subjects are people, who may approve.
    #[serde(default)]
    pub people: bool,

    /// Longest accepted time between `iat` and `exp` of a token. A stolen token
    /// is good for that long.
    #[serde(default = "max_token_lifetime")]
    #[schemars(extend("x-minimum" = "10s", "x-maximum" = "24h"))]
    pub max_token_lifetime: HumanDuration,

    /// Tolerated difference between its clock and the gateway's.
    #[serde(default = "clock_skew")]
    #[schemars(extend("x-minimum" = "0s", "x-maximum" = "5m"))]
    pub clock_skew: HumanDuration,

    /// Signature algorithms that are accepted; all of them if none is listed.
    #[serde(default)]
    #[schemars(length(max = 16))]
    pub algorithms: Vec<Algorithm>,
}

/// One audience or several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Audiences {
    /// One.
    One(Label),
    /// Several, of which any will do.
    Several(#[schemars(length(min = 1, max = 64))] Vec<Label>),
}

/// A signature algorithm (RFC 7518, section 3.1; RFC 8037), never one whose key
/// verifies and signs alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// EdDSA on Ed25519.
    EdDSA,
}

impl Audiences {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Label> {
        match self {
            Self::One(audience) => std::slice::from_ref(audience).iter(),
            Self::Several(audiences) => audiences.iter(),
        }
    }
}

impl Algorithm {
    /// Its name in a token's header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }
}

fn groups_claim() -> Label {
    Label::known("groups")
}

fn subject_claim() -> Label {
    Label::known("sub")
}

const fn max_token_lifetime() -> HumanDuration {
    HumanDuration::secs(60 * 60)
}

const fn clock_skew() -> HumanDuration {
    HumanDuration::secs(30)
}
