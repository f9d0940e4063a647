//! An issuer's keys: a JWK Set (RFC 7517), as far as it can verify signatures.

use jsonwebtoken::jwk::{Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;

/// Most keys of one issuer.
const KEYS: usize = 64;

/// Why a document is no key set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeySetError {
    /// It is not JSON of the right shape.
    #[error("not a JWK Set: {0}")]
    Malformed(String),
    /// It holds more keys than an issuer may have.
    #[error("more than {KEYS} keys")]
    TooMany,
    /// It holds none that verifies signatures of an accepted algorithm.
    #[error("no key in it can verify a signature")]
    Empty,
}

/// One key.
#[derive(Clone)]
struct Key {
    /// `kid`.
    id: Option<String>,
    /// `alg`, if the key is for one algorithm alone.
    algorithm: Option<String>,
    /// The key itself.
    key: DecodingKey,
}

/// An issuer's keys.
#[derive(Clone)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

/// A JWK Set whose members are looked at one by one, so that a kind of key
/// that is not known here does not take the others with it.
#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// The keys of a document that can verify signatures.
    pub(crate) fn parse(document: &str) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_str(document)
            .map_err(|error| KeySetError::Malformed(error.to_string()))?;
        if document.keys.len() > KEYS {
            return Err(KeySetError::TooMany);
        }
        let keys: Vec<Key> = document.keys.into_iter().filter_map(key).collect();
        if keys.is_empty() {
            Err(KeySetError::Empty)
        } else {
            Ok(Self { keys })
        }
    }

    /// The key for a token's header. Without `kid` there has to be just one
    /// that fits: trying several would let a token choose.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self.keys.iter().filter(|key| {
            key.key.family() == algorithm.family()
                && key
                    .algorithm
                    .as_deref()
                    .is_none_or(|only| only == format!("{algorithm:?}"))
                && (id.is_none() || key.id.as_deref() == id)
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(&first.key)
    }
}

/// A member of the set, if it verifies signatures with a public key.
fn key(member: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(member).ok()?;
    let common = &jwk.common;
    let signs = common
        .public_key_use
        .as_ref()
        .is_none_or(|u| *u == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    if !signs || !verifies {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    if key.family() == AlgorithmFamily::Hmac {
        return None;
    }
    Some(Key {
        id: common.key_id.clone(),
        algorithm: common.key_algorithm.map(|algorithm| algorithm.to_string()),
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC: &str = r#"{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

    fn set(members: &[&str]) -> Result<KeySet, KeySetError> {
        KeySet::parse(&format!(r#"{{"keys":[{}]}}"#, members.join(",")))
    }

    #[test]
    fn a_key_is_found_by_id_and_kind() {
        let set = set(&[EC]).unwrap();
        assert!(set.find(Some("a"), Algorithm::ES256).is_some());
        assert!(set.find(Some("b"), Algorithm::ES256).is_none());
        assert!(set.find(Some("a"), Algorithm::RS256).is_none());
        assert!(set.find(None, Algorithm::ES256).is_some());
    }

    #[test]
    fn without_an_id_an_ambiguous_key_is_no_key() {
        let other = EC.replace(r#""kid":"a""#, r#""kid":"b""#);
        assert!(
            set(&[EC, &other])
                .unwrap()
                .find(None, Algorithm::ES256)
                .is_none()
        );
    }

    #[test]
    fn secrets_and_encryption_keys_do_not_verify() {
        let secret = r#"{"kty":"oct","kid":"s","k":"c2VjcmV0c2VjcmV0c2VjcmV0"}"#;
        assert!(matches!(set(&[secret]), Err(KeySetError::Empty)));
        let encryption = EC.replace(r#""kid""#, r#""use":"enc","kid""#);
        assert!(matches!(set(&[&encryption]), Err(KeySetError::Empty)));
    }

    #[test]
    fn an_unknown_kind_of_key_does_not_spoil_the_others() {
        assert!(set(&[r#"{"kty":"AKP","alg":"ML-DSA-44"}"#, EC]).is_ok());
    }

    #[test]
    fn keys_are_bounded() {
        assert!(matches!(set(&[EC; KEYS + 1]), Err(KeySetError::TooMany)));
    }
}
