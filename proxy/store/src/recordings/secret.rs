//! Values in secret positions are recorded as keyed digests: two uses of one
//! password can be told to be the same, and nothing else can be told.

use ring::hmac;

/// Bytes of the digest that are kept: enough that two secrets do not meet by
/// accident.
const LENGTH: usize = 16;

/// `hmac:` and 32 hexadecimal digits. The key belongs to the directory and is
/// not recorded; without it a guessed password cannot be tried.
pub fn digest_secret(key: &[u8], value: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, value);
    let kept = tag.as_ref().get(..LENGTH).unwrap_or_default();
    format!("hmac:{}", hex::encode(kept))
}

#[cfg(test)]
mod tests {
    use super::digest_secret;

    #[test]
    fn keyed_and_stable() {
        let digest = digest_secret(b"key", b"hunter2");
        assert_eq!(digest.len(), 5 + 32);
        assert_eq!(digest, digest_secret(b"key", b"hunter2"));
        assert_ne!(digest, digest_secret(b"other", b"hunter2"));
        assert_ne!(digest, digest_secret(b"key", b"hunter3"));
    }
}
