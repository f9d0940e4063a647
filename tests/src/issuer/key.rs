//! A signing key with its public half as JWKS and PEM show it.

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use serde_json::{Value, json};

/// PKCS #8 around the 32 bytes of an Ed25519 seed (RFC 8410, section 7).
const ED25519_PRIVATE: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// SubjectPublicKeyInfo around the 32 bytes of an Ed25519 public key (RFC 8410, section 4).
const ED25519_PUBLIC: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// A private key for one algorithm.
#[derive(Clone)]
pub struct Key {
    /// The `kid` in JWKS and token headers.
    pub id: String,
    pub algorithm: Algorithm,
    pub(super) private: EncodingKey,
    /// Its entry in a JWKS.
    jwk: Value,
    /// Its public half as SubjectPublicKeyInfo in PEM, what a key-confusion attack signs with.
    pub(super) public_pem: String,
}

impl Key {
    /// A new key for RS256, ES256 or EdDSA. (RSA takes longest: a good part of a second.)
    ///
    /// # Errors
    /// For other algorithms.
    pub fn generate(algorithm: Algorithm) -> Result<Self> {
        let (private, public_pem) = match algorithm {
            Algorithm::RS256 => rsa()?,
            Algorithm::ES256 => p256()?,
            Algorithm::EdDSA => ed25519()?,
            other => bail!("no key is made for {other:?}: RS256, ES256 or EdDSA is wanted"),
        };
        let id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 9]>());
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&private, algorithm)?)?;
        if let Some(fields) = jwk.as_object_mut() {
            fields.insert("kid".into(), json!(id));
            fields.insert("use".into(), json!("sig"));
        }
        Ok(Self {
            id,
            algorithm,
            private,
            jwk,
            public_pem,
        })
    }

    /// Its entry in a JWKS (RFC 7517).
    pub fn jwk(&self) -> Value {
        self.jwk.clone()
    }
}

fn rsa() -> Result<(EncodingKey, String)> {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048)?;
    let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF)?;
    let private = EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes());
    Ok((private, public_pem))
}

fn p256() -> Result<(EncodingKey, String)> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    Ok((
        EncodingKey::from_ec_der(key.serialized_der()),
        key.public_key_pem(),
    ))
}

/// By hand, because `jsonwebtoken` wants the first version of PKCS #8 and ring writes the second.
fn ed25519() -> Result<(EncodingKey, String)> {
    let seed: [u8; 32] = rand::random();
    let private = EncodingKey::from_ed_der(&[ED25519_PRIVATE.as_slice(), &seed].concat());
    let jwk = serde_json::to_value(Jwk::from_encoding_key(&private, Algorithm::EdDSA)?)?;
    let public =
        URL_SAFE_NO_PAD.decode(jwk.get("x").and_then(Value::as_str).unwrap_or_default())?;
    let der = [ED25519_PUBLIC.as_slice(), &public].concat();
    let text = STANDARD.encode(der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
    Ok((private, pem))
}
