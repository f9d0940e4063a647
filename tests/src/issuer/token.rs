//! A token in the making: good unless it is told otherwise.
//!
//! The three parts are put together by hand, since most of what tests want here is
//! what a JWT library refuses to make.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};

use super::Key;

/// Header, claims and key of a token; [`Token::sign`] makes the text.
#[derive(Clone)]
#[must_use]
pub struct Token {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    key: Key,
}

impl Token {
    /// A good token: issued now for five minutes, audience `narrowgate`.
    pub(super) fn new(issuer: &str, subject: &str, key: Key) -> Self {
        let now = now();
        let mut token = Self {
            header: Map::new(),
            claims: Map::new(),
            key: key.clone(),
        };
        token = token.key(&key).header("typ", "JWT");
        token
            .claim("iss", issuer)
            .claim("sub", subject)
            .claim("aud", "narrowgate")
            .claim("iat", now)
            .claim("nbf", now)
            .claim("exp", now + 300)
            .claim("jti", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>()))
    }

    pub fn groups(self, groups: &[&str]) -> Self {
        self.claim("groups", json!(groups))
    }

    /// One audience; for several use [`Token::claim`] with a list.
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// When it expires, in seconds from now; negative for one that has expired.
    pub fn expires_in(self, seconds: i64) -> Self {
        self.claim("exp", now() + seconds)
    }

    /// When it begins to be valid, in seconds from now.
    pub fn valid_in(self, seconds: i64) -> Self {
        self.claim("nbf", now() + seconds)
    }

    /// When it says it was issued, in seconds from now.
    pub fn issued_in(self, seconds: i64) -> Self {
        self.claim("iat", now() + seconds)
    }

    /// Sets or replaces a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets or replaces a header parameter, such as `kid`, `typ` or `crit`.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Another key than the issuer's newest, with its `kid` and `alg` in the header. What
    /// [`Token::header`] sets afterwards stays.
    pub fn key(mut self, key: &Key) -> Self {
        self.key = key.clone();
        let algorithm = format!("{:?}", key.algorithm);
        self.header("kid", key.id.clone()).header("alg", algorithm)
    }

    /// The token, signed with its key by that key's algorithm, whatever its header says.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(self) -> Result<String> {
        let signed = self.signed_part()?;
        let key = &self.key;
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key.private, key.algorithm)
            .context("the key cannot sign")?;
        Ok(format!("{signed}.{signature}"))
    }

    /// `alg: none` and no signature (RFC 8725, section 2.1).
    ///
    /// # Errors
    /// Never in practice.
    pub fn unsigned(self) -> Result<String> {
        Ok(format!("{}.", self.header("alg", "none").signed_part()?))
    }

    /// HS256 with the text of the public key as its secret (RFC 8725, section 2.1).
    ///
    /// # Errors
    /// Never in practice.
    pub fn confused(self) -> Result<String> {
        let secret = EncodingKey::from_secret(self.key.public_pem.as_bytes());
        let signed = self.header("alg", "HS256").signed_part()?;
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, Algorithm::HS256)?;
        Ok(format!("{signed}.{signature}"))
    }

    /// Signed first, then a claim is changed: the signature no longer fits.
    ///
    /// # Errors
    /// As [`Token::sign`].
    pub fn tampered(self, name: &str, value: impl Into<Value>) -> Result<String> {
        let good = self.clone().sign()?;
        let signature = good.rsplit('.').next().unwrap_or_default();
        Ok(format!(
            "{}.{signature}",
            self.claim(name, value).signed_part()?
        ))
    }

    fn signed_part(&self) -> Result<String> {
        let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.header)?);
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.claims)?);
        Ok(format!("{header}.{claims}"))
    }
}

/// Seconds since 1970, as JWT counts.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
