//! The rules that an approver's token has to meet.
//!
//! Sessions are judged by the auth filter of their chain. The administrative
//! API has no chain, so the same rules stand here for it (RFC 7519, section 4.1;
//! RFC 8725, sections 3.8 and 3.9): issuer and signature by [`Keys`], then
//! kind, audience, times, lifetime, subject and groups.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use narrowgate_wasm::{TokenFault, Tokens};
use serde_json::{Map, Value};

use super::Keys;
use crate::plan::Issuer;

/// Longest subject, in bytes.
const SUBJECT: usize = 255;
/// Fetches of keys that one token may cause.
const FETCHES: usize = 2;

/// Somebody whose token is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name of the issuer in the configuration.
    pub issuer: String,
    /// The subject there.
    pub subject: String,
    /// Groups that the issuer asserts and may assert.
    pub groups: Vec<String>,
    /// The issuer vouches for people.
    pub people: bool,
}

/// Why a token is not good. No text quotes the token.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokenError {
    /// It is no signed JWT of an accepted kind.
    #[error("the token is malformed: {0}")]
    Malformed(String),
    /// Nobody here knows its issuer.
    #[error("the token's issuer is not configured")]
    UnknownIssuer,
    /// Its issuer has no such key.
    #[error("the token is signed with a key that its issuer does not have")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// The issuer's keys cannot be had.
    #[error("the keys of the token's issuer cannot be had at present")]
    Unavailable,
    /// A claim is missing or of the wrong type.
    #[error("the token's claim {0} is missing or malformed")]
    Claim(String),
    /// It is of another kind.
    #[error("the token is not an access token")]
    Kind,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// It is good for longer than a token may be.
    #[error("the token lives longer than the configuration accepts")]
    Lifetime,
}

impl Keys {
    /// Whose token this is. Fetches the issuer's keys where that is needed.
    pub async fn authenticate(&self, token: &str) -> Result<Person, TokenError> {
        for _ in 0..=FETCHES {
            let verified = match self.verify(token) {
                Ok(verified) => verified,
                Err(TokenFault::KeysMissing(wanted)) => {
                    let issuer = wanted.strip_prefix("keys:").unwrap_or_default();
                    if self.fetch(issuer).await {
                        continue;
                    }
                    return Err(TokenError::Unavailable);
                }
                Err(fault) => return Err(fault.into()),
            };
            let entry = self
                .by_name(&verified.issuer)
                .ok_or(TokenError::UnknownIssuer)?;
            kind(&members(&verified.header)?)?;
            return judge(
                &entry.issuer,
                &members(&verified.claims)?,
                SystemTime::now(),
            );
        }
        Err(TokenError::Unavailable)
    }
}

/// A part of a token that is a JSON object.
fn members(part: &str) -> Result<Map<String, Value>, TokenError> {
    serde_json::from_str(part)
        .map_err(|_| TokenError::Malformed("a part of it is not readable".to_owned()))
}

/// A token that says what it is has to be one for access (RFC 9068, section
/// 2.1) or an ordinary JWT (RFC 8725, section 3.11).
fn kind(header: &Map<String, Value>) -> Result<(), TokenError> {
    let kind = match header.get("typ") {
        None => return Ok(()),
        Some(Value::String(kind)) => kind.to_ascii_lowercase(),
        Some(_) => return Err(TokenError::Kind),
    };
    match kind.strip_prefix("application/").unwrap_or(&kind) {
        "jwt" | "at+jwt" => Ok(()),
        _ => Err(TokenError::Kind),
    }
}

/// Holds claims whose signature is good against the rules of their issuer.
fn judge(
    issuer: &Issuer,
    claims: &Map<String, Value>,
    now: SystemTime,
) -> Result<Person, TokenError> {
    if !audiences(claims)?
        .iter()
        .any(|audience| issuer.audiences.iter().any(|ours| ours == audience))
    {
        return Err(TokenError::Audience);
    }
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let skew = issuer.clock_skew;
    let expires = required(claims, "exp")?;
    let issued = time(claims, "iat")?;
    if now >= expires.saturating_add(skew) {
        return Err(TokenError::Expired);
    }
    let begins = time(claims, "nbf")?;
    if begins.max(issued) > Some(now.saturating_add(skew)) {
        return Err(TokenError::NotYet);
    }
    let lifetime = expires.saturating_sub(issued.unwrap_or(now));
    if lifetime > issuer.lifetime.saturating_add(skew) {
        return Err(TokenError::Lifetime);
    }
    Ok(Person {
        issuer: issuer.name.clone(),
        subject: subject(issuer, claims)?,
        groups: groups(issuer, claims)?,
        people: issuer.people,
    })
}

/// `aud`: one text or several (RFC 7519, section 4.1.3).
fn audiences(claims: &Map<String, Value>) -> Result<Vec<&str>, TokenError> {
    let fault = || TokenError::Claim("aud".to_owned());
    match claims.get("aud") {
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(several)) => several
            .iter()
            .map(|audience| audience.as_str().ok_or_else(fault))
            .collect(),
        _ => Err(fault()),
    }
}

/// A NumericDate that has to be there.
fn required(claims: &Map<String, Value>, name: &str) -> Result<Duration, TokenError> {
    time(claims, name)?.ok_or_else(|| TokenError::Claim(name.to_owned()))
}

/// A NumericDate, which may have a fraction (RFC 7519, section 2).
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Duration>, TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_f64();
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.map(Some)
        .ok_or_else(|| TokenError::Claim(name.to_owned()))
}

/// Who it is.
fn subject(issuer: &Issuer, claims: &Map<String, Value>) -> Result<String, TokenError> {
    claims
        .get(&issuer.subject_claim)
        .and_then(Value::as_str)
        .filter(|subject| (1..=SUBJECT).contains(&subject.len()))
        .map(str::to_owned)
        .ok_or_else(|| TokenError::Claim(issuer.subject_claim.clone()))
}

/// The groups that the token asserts and its issuer may assert. A token without
/// groups is one of somebody who is in none.
fn groups(issuer: &Issuer, claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    let fault = || TokenError::Claim(issuer.groups_claim.clone());
    let asserted: Vec<&str> = match claims.get(&issuer.groups_claim) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several
            .iter()
            .map(|group| group.as_str().ok_or_else(fault))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(fault()),
    };
    let groups = issuer.groups.iter();
    Ok(groups
        .filter(|group| asserted.contains(&group.as_str()))
        .cloned()
        .collect())
}

impl From<TokenFault> for TokenError {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Malformed(what) => Self::Malformed(what),
            TokenFault::UnknownIssuer => Self::UnknownIssuer,
            TokenFault::UnknownKey => Self::UnknownKey,
            TokenFault::BadSignature => Self::BadSignature,
            TokenFault::KeysMissing(_) | TokenFault::Unavailable => Self::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::KeySource;

    const NOW: u64 = 1_700_000_000;

    fn issuer() -> Issuer {
        Issuer {
            name: "staff".into(),
            url: "https://sso.example.com".into(),
            audiences: vec!["narrowgate".into()],
            groups_claim: "groups".into(),
            subject_claim: "sub".into(),
            groups: vec!["dba".into(), "oncall".into()],
            people: true,
            clock_skew: Duration::from_secs(30),
            lifetime: Duration::from_secs(3600),
            algorithms: vec![],
            keys: KeySource::Discovery,
            ca: None,
        }
    }

    /// The outcome for good claims with these in the place of theirs; `null`
    /// takes a claim out.
    fn outcome(changes: Value) -> Result<Person, TokenError> {
        let mut claims = json!({
            "aud": "narrowgate", "sub": "ada", "groups": ["dba", "root"],
            "iat": NOW - 10, "exp": NOW + 600,
        });
        let claims = claims.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            claims.insert(name.clone(), value.clone());
        }
        claims.retain(|_, value| !value.is_null());
        judge(&issuer(), claims, UNIX_EPOCH + Duration::from_secs(NOW))
    }

    fn claim(name: &str) -> Result<Person, TokenError> {
        Err(TokenError::Claim(name.into()))
    }

    #[test]
    fn a_good_token_tells_who_and_only_groups_its_issuer_may_assert() {
        let person = outcome(json!({})).unwrap();
        assert_eq!(person.subject, "ada");
        assert_eq!(person.groups, ["dba"]);
        assert!(person.people);
        assert!(
            outcome(json!({ "groups": null }))
                .unwrap()
                .groups
                .is_empty()
        );
        assert_eq!(
            outcome(json!({ "groups": "oncall" })).unwrap().groups,
            ["oncall"]
        );
    }

    #[test]
    fn every_claim_that_the_rules_need_has_to_be_there() {
        for name in ["aud", "exp", "sub"] {
            assert_eq!(outcome(json!({ name: null })), claim(name));
            assert_eq!(outcome(json!({ name: {} })), claim(name));
        }
        assert_eq!(outcome(json!({ "iat": "now" })), claim("iat"));
        assert_eq!(outcome(json!({ "sub": "" })), claim("sub"));
        assert_eq!(outcome(json!({ "groups": [1] })), claim("groups"));
        assert_eq!(outcome(json!({ "exp": -1 })), claim("exp"));
    }

    #[test]
    fn the_audience_is_ours() {
        assert!(outcome(json!({ "aud": ["other", "narrowgate"] })).is_ok());
        for other in [json!("narrowgate2"), json!([]), json!(["other"])] {
            assert_eq!(outcome(json!({ "aud": other })), Err(TokenError::Audience));
        }
    }

    #[test]
    fn times_hold_within_the_skew_of_clocks() {
        assert!(outcome(json!({ "exp": NOW - 29 })).is_ok());
        assert_eq!(
            outcome(json!({ "exp": NOW - 30 })),
            Err(TokenError::Expired)
        );
        assert!(outcome(json!({ "nbf": NOW + 30 })).is_ok());
        assert_eq!(outcome(json!({ "nbf": NOW + 31 })), Err(TokenError::NotYet));
        assert_eq!(outcome(json!({ "iat": NOW + 31 })), Err(TokenError::NotYet));
        let long = json!({ "iat": NOW, "exp": NOW + 3631 });
        assert_eq!(outcome(long), Err(TokenError::Lifetime));
        let unknown = json!({ "iat": null, "exp": NOW + 3631 });
        assert_eq!(outcome(unknown), Err(TokenError::Lifetime));
        assert!(outcome(json!({ "iat": null })).is_ok());
    }

    #[test]
    fn a_token_of_another_kind_is_refused() {
        let of = |typ: Value| kind(json!({ "typ": typ }).as_object().unwrap());
        assert_eq!(kind(&Map::new()), Ok(()));
        assert_eq!(of(json!("JWT")), Ok(()));
        assert_eq!(of(json!("application/at+jwt")), Ok(()));
        for other in [json!("logout+jwt"), json!("dpop+jwt"), json!(1)] {
            assert_eq!(of(other), Err(TokenError::Kind));
        }
    }
}
