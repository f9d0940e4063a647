//! The key that signs heads: Ed25519, PKCS#8 in PEM, as `openssl genpkey
//! -algorithm ed25519` makes it too.

use std::fmt;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use super::error::Error;
use crate::private;

/// What precedes the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo
/// (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// Largest key file that is read.
const MAX_FILE: u64 = 64 << 10;

/// Signs heads.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// Verifies heads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl SigningKey {
    /// Makes a new key, writes it to `path` (mode 0600, never over an existing
    /// file) and its public half next to it, with `.pub` added.
    ///
    /// # Errors
    /// Those of the disk; nothing is left behind then.
    pub fn generate(path: &Path) -> Result<Self, Error> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| Error::Key("no randomness"))?;
        let key = Self::from_pkcs8(document.as_ref())?;
        write_new(path, &pem("PRIVATE KEY", document.as_ref()))?;
        let public = public_path(path);
        if let Err(error) = write_new(&public, &key.public.to_pem()) {
            // A key without its public half would be found "existing" next time.
            let _ = fs::remove_file(path);
            return Err(error.into());
        }
        Ok(key)
    }

    /// Reads the key of a PEM file.
    ///
    /// # Errors
    /// [`Error::Key`] and those of the disk.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::from_pem(&read(path)?)
    }

    /// Reads a key in PEM.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_pkcs8(&unpem("PRIVATE KEY", text)?)
    }

    fn from_pkcs8(bytes: &[u8]) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes)
            .map_err(|_| Error::Key("not an Ed25519 key in PKCS#8"))?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| Error::Key("not an Ed25519 key"))?;
        Ok(Self {
            pair,
            public: PublicKey(public),
        })
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs `message`.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl PublicKey {
    /// Reads the key of a PEM file: the public half, or the private one.
    ///
    /// # Errors
    /// [`Error::Key`] and those of the disk.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = read(path)?;
        match SigningKey::from_pem(&text) {
            Ok(key) => Ok(key.public),
            Err(_) => Self::from_pem(&text),
        }
    }

    /// Reads a public key in PEM.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let bytes = unpem("PUBLIC KEY", text)?;
        bytes
            .strip_prefix(&SPKI_PREFIX)
            .and_then(|key| key.try_into().ok())
            .map(Self)
            .ok_or(Error::Key("not an Ed25519 public key"))
    }

    /// The key in PEM.
    pub fn to_pem(&self) -> String {
        let mut bytes = SPKI_PREFIX.to_vec();
        bytes.extend_from_slice(&self.0);
        pem("PUBLIC KEY", &bytes)
    }

    /// A short name of the key: 16 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        let digest = Sha256::digest(self.0);
        hex::encode(digest.get(..8).unwrap_or_default())
    }

    /// Whether `signature` is this key's over `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Debug for SigningKey {
    /// Shows which key it is, not the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.id())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

/// `path` with `.pub` added.
fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private::create_new(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .inspect_err(|_| {
            // Half a key is worse than none; the first error is the one to tell.
            let _ = fs::remove_file(path);
        })
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?
        .take(MAX_FILE)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// `bytes` in PEM (RFC 7468).
fn pem(label: &str, bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for (index, c) in encoded.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.push_str(&format!("\n-----END {label}-----\n"));
    out
}

/// The bytes of the first PEM block with that label.
fn unpem(label: &str, text: &str) -> Result<Vec<u8>, Error> {
    let encoded = text
        .split_once(&format!("-----BEGIN {label}-----"))
        .and_then(|(_, rest)| rest.split_once(&format!("-----END {label}-----")))
        .map(|(body, _)| body.split_whitespace().collect::<String>())
        .ok_or(Error::Key("no such block in the PEM text"))?;
    STANDARD
        .decode(encoded)
        .map_err(|_| Error::Key("not base64"))
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, SigningKey};

    #[test]
    fn generated_keys_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("recording.key");
        let key = SigningKey::generate(&path).unwrap();
        let signature = key.sign(b"x");
        for public in [
            PublicKey::load(&directory.path().join("recording.key.pub")).unwrap(),
            PublicKey::load(&path).unwrap(),
            SigningKey::load(&path).unwrap().public(),
        ] {
            assert_eq!(public, key.public());
            assert!(public.verify(b"x", &signature));
            assert!(!public.verify(b"y", &signature));
        }
        assert!(SigningKey::generate(&path).is_err());
        assert_eq!(key.public().id().len(), 16);
    }

    #[test]
    fn keys_of_openssl_work() {
        // RFC 8410, section 10.3 (without public key) and 10.1.
        let key = SigningKey::from_pem(
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n",
        )
        .unwrap();
        let public = PublicKey::from_pem(
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
        )
        .unwrap();
        assert_eq!(key.public(), public);
        assert!(SigningKey::from_pem("nothing").is_err());
    }
}
