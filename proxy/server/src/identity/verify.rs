//! Checking a token's signature (RFC 7515, RFC 7519, RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use narrowgate_wasm::{IssuerRules, TokenFault, Tokens, Verified};
use serde_json::{Map, Value};

use super::Keys;

/// Longest token, in bytes.
const TOKEN: usize = 16 * 1024;

impl Tokens for Keys {
    fn verify(&self, token: &str) -> Result<Verified, TokenFault> {
        let malformed = |what: &str| TokenFault::Malformed(what.to_owned());
        if token.len() > TOKEN {
            return Err(malformed("it is too long"));
        }
        let mut parts = token.split('.');
        let (Some(head), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("it is not a signed JWT"));
        };
        let header = object(head).ok_or_else(|| malformed("its header is not readable"))?;
        let claims = object(body).ok_or_else(|| malformed("its claims are not readable"))?;
        // RFC 8725, 3.1 and 3.2: asymmetric algorithms that are known, never
        // `none`, and never a secret where a public key is meant.
        let name = header
            .get("alg")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let algorithm = algorithm(name)
            .ok_or_else(|| malformed("its algorithm is not accepted; use RS256, ES256 or EdDSA"))?;
        // RFC 7515, 4.1.11: extensions that have to be understood, and none is.
        if header.contains_key("crit") {
            return Err(malformed("it has critical header parameters"));
        }
        let issuer = claims
            .get("iss")
            .and_then(Value::as_str)
            .and_then(|url| self.by_url(url))
            .ok_or(TokenFault::UnknownIssuer)?;
        let accepted = &issuer.issuer.algorithms;
        if !accepted.is_empty() && !accepted.iter().any(|one| one == name) {
            return Err(malformed("its algorithm is not accepted from this issuer"));
        }
        let id = header.get("kid").and_then(Value::as_str);
        let wanted = || TokenFault::KeysMissing(format!("keys:{}", issuer.issuer.name));
        let keys = issuer.keys();
        let keys = match keys {
            Some(keys) => keys,
            None if issuer.may_fetch() => return Err(wanted()),
            None => return Err(TokenFault::Unavailable),
        };
        let key = match keys.find(id, algorithm) {
            Some(key) => key,
            None if issuer.may_fetch() => return Err(wanted()),
            None => return Err(TokenFault::UnknownKey),
        };
        let signed = token.get(..head.len() + 1 + body.len()).unwrap_or_default();
        match jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, algorithm) {
            Ok(true) => {}
            _ => return Err(TokenFault::BadSignature),
        }
        Ok(Verified {
            issuer: issuer.issuer.name.clone(),
            algorithm: name.to_owned(),
            // Written anew, so that the guest cannot read a repeated member in
            // another way than it was read here.
            claims: Value::Object(claims).to_string(),
            header: Value::Object(header).to_string(),
        })
    }

    fn issuer(&self, name: &str) -> Option<IssuerRules> {
        let entry = self.by_name(name)?;
        let issuer = &entry.issuer;
        Some(IssuerRules {
            audiences: issuer.audiences.clone(),
            groups_claim: issuer.groups_claim.clone(),
            subject_claim: issuer.subject_claim.clone(),
            groups: issuer.groups.clone(),
            clock_skew: issuer.clock_skew.as_secs(),
            lifetime: issuer.lifetime.as_secs(),
        })
    }
}

/// A part of a token as the JSON object that it has to be.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// The algorithm of a name, if signatures of it are accepted at all.
fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return None,
    })
}
