//! Judging the claims of a token whose signature is good.

use narrowgate_sdk::{Denial, Identity, IssuerRules, Verified};
use serde_json::{Map, Value};

use crate::config::Config;
use crate::denied;

/// Longest subject, and longest name of a group, in bytes.
const NAME: usize = 255;
/// Most groups that are looked at.
const GROUPS: usize = 1_000;

/// The identity of a token, if it meets every rule. `now` is in seconds.
pub(crate) fn judge(
    token: &Verified,
    rules: &IssuerRules,
    config: &Config,
    now: u64,
) -> Result<Identity, Denial> {
    let header =
        object(&token.header).ok_or_else(|| denied("the token's header is not readable"))?;
    let claims =
        object(&token.claims).ok_or_else(|| denied("the token's claims are not readable"))?;
    asymmetric(&token.algorithm)?;
    kind(&header)?;
    // RFC 7515, 4.1.11: an extension that has to be understood, and none is.
    if header.contains_key("crit") {
        return Err(denied("the token has critical header parameters"));
    }
    let expires = times(&claims, rules, now)?;
    audience(&claims, rules)?;
    required(&claims, config)?;
    let subject = subject(&claims, rules)?;
    Ok(Identity {
        issuer: token.issuer.clone(),
        subject,
        groups: groups(&claims, rules)?,
        expires,
        claims: token.claims.clone(),
    })
}

/// Judges the claims of an identity again, under the rules of now.
pub(crate) fn judge_again(
    identity: &Identity,
    rules: &IssuerRules,
    config: &Config,
    now: u64,
) -> Result<(), Denial> {
    let claims = object(&identity.claims).ok_or_else(|| denied("the claims are not readable"))?;
    times(&claims, rules, now)?;
    audience(&claims, rules)?;
    required(&claims, config)?;
    // Under another claim for the subject it would be somebody else, whose name
    // approvals and recordings do not have.
    if subject(&claims, rules)? != identity.subject {
        return Err(denied("the token now stands for another subject"));
    }
    // Groups were decided on; one that the token does not give any more is gone.
    let groups = groups(&claims, rules)?;
    match identity.groups.iter().find(|group| !groups.contains(group)) {
        Some(group) => Err(denied(&format!(
            "the issuer may no longer assert the group {group}"
        ))),
        None => Ok(()),
    }
}

/// RFC 8725, 3.1: what is not signed with a public key's private part proves
/// nothing about its issuer.
fn asymmetric(algorithm: &str) -> Result<(), Denial> {
    match algorithm {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA" => {
            Ok(())
        }
        _ => Err(denied("the token's algorithm is not accepted")),
    }
}

/// RFC 8725, 3.11: a token that says what it is has to be one for access (RFC
/// 9068, 2.1) or an ordinary JWT.
fn kind(header: &Map<String, Value>) -> Result<(), Denial> {
    let kind = match header.get("typ") {
        None => return Ok(()),
        Some(Value::String(kind)) => kind.to_ascii_lowercase(),
        Some(_) => return Err(denied("the token's type is not readable")),
    };
    match kind.strip_prefix("application/").unwrap_or(&kind) {
        "jwt" | "at+jwt" => Ok(()),
        _ => Err(denied("the token is not an access token")),
    }
}

/// RFC 7519, 4.1.4 to 4.1.6; returns when the token expires.
fn times(claims: &Map<String, Value>, rules: &IssuerRules, now: u64) -> Result<u64, Denial> {
    let skew = rules.clock_skew;
    let expires = time(claims, "exp")?.ok_or_else(|| denied("the token has no expiry (exp)"))?;
    if now >= expires.saturating_add(skew) {
        return Err(denied("the token has expired"));
    }
    if time(claims, "nbf")?.is_some_and(|from| from > now.saturating_add(skew)) {
        return Err(denied("the token is not valid yet (nbf)"));
    }
    let issued = time(claims, "iat")?;
    if issued.is_some_and(|issued| issued > now.saturating_add(skew)) {
        return Err(denied("the token was issued in the future (iat)"));
    }
    let lifetime = expires.saturating_sub(issued.unwrap_or(now));
    if lifetime > rules.lifetime.saturating_add(skew) {
        let most = rules.lifetime;
        return Err(denied(&format!(
            "the token lives longer than the {most} seconds that are accepted"
        )));
    }
    Ok(expires)
}

/// A NumericDate (RFC 7519, section 2), which may have a fraction.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, Denial> {
    let unreadable = || denied(&format!("the token's {name} is not a time"));
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => match (number.as_u64(), number.as_f64()) {
            (Some(seconds), _) => Ok(Some(seconds)),
            (None, Some(seconds)) if (0.0..1e15).contains(&seconds) => Ok(Some(seconds as u64)),
            _ => Err(unreadable()),
        },
        Some(_) => Err(unreadable()),
    }
}

/// RFC 7519, 4.1.3: the token has to be meant for us.
fn audience(claims: &Map<String, Value>, rules: &IssuerRules) -> Result<(), Denial> {
    let ours = |value: &Value| {
        value
            .as_str()
            .is_some_and(|aud| rules.audiences.iter().any(|a| a == aud))
    };
    let fits = match claims.get("aud") {
        None => return Err(denied("the token has no audience (aud)")),
        Some(Value::Array(several)) => several.iter().any(ours),
        Some(one) => ours(one),
    };
    if fits {
        Ok(())
    } else {
        Err(denied("the token is meant for another audience"))
    }
}

/// Claims that the chain asks for.
fn required(claims: &Map<String, Value>, config: &Config) -> Result<(), Denial> {
    for (name, wanted) in &config.required_claims {
        let fits = match claims.get(name) {
            Some(Value::String(text)) => wanted.has(text),
            Some(Value::Bool(truth)) => wanted.has(if *truth { "true" } else { "false" }),
            Some(Value::Number(number)) => wanted.has(&number.to_string()),
            Some(Value::Array(several)) => several
                .iter()
                .any(|one| one.as_str().is_some_and(|text| wanted.has(text))),
            _ => false,
        };
        if !fits {
            return Err(denied(&format!(
                "the token does not have the claim {name} as it is required"
            )));
        }
    }
    Ok(())
}

/// Whom the token is about.
fn subject(claims: &Map<String, Value>, rules: &IssuerRules) -> Result<String, Denial> {
    match claims.get(&rules.subject_claim) {
        Some(Value::String(subject)) if (1..=NAME).contains(&subject.len()) => Ok(subject.clone()),
        _ => Err(denied(&format!(
            "the token has no usable subject ({})",
            rules.subject_claim
        ))),
    }
}

/// Groups that the token names and the issuer may assert: a list, or one name.
fn groups(claims: &Map<String, Value>, rules: &IssuerRules) -> Result<Vec<String>, Denial> {
    let unreadable = || {
        denied(&format!(
            "the token's groups ({}) are not readable",
            rules.groups_claim
        ))
    };
    let named: Vec<&str> = match claims.get(&rules.groups_claim) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) if several.len() <= GROUPS => several
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .ok_or_else(unreadable)?,
        Some(_) => return Err(unreadable()),
    };
    let mut groups: Vec<String> = Vec::new();
    for name in named {
        let known = name.len() <= NAME && rules.groups.iter().any(|group| group == name);
        if known && !groups.iter().any(|group| group == name) {
            groups.push(name.to_owned());
        }
    }
    Ok(groups)
}

/// A JSON object.
fn object(json: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(json).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
