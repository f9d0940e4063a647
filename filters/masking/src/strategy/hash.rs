//! Keyed hashes: HMAC-SHA-256 (RFC 2104) under a key that only the gateway has.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Fewest bytes of a key.
const FEWEST: usize = 16;
/// Bytes of a hash that are shown. Enough that no two values of a table meet.
const SHOWN: usize = 16;

/// Why a key is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    /// It could be guessed.
    #[error("the key is shorter than {FEWEST} bytes")]
    Short,
    /// The algorithm does not take it.
    #[error("the key cannot be used")]
    Refused,
}

/// Hashes values under one key. Shows nothing of it in `Debug`.
#[derive(Clone)]
pub(crate) struct Hasher {
    /// The state after the key, which every value starts from.
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// Hashes under this key.
    ///
    /// # Errors
    /// [`KeyError`] for a key that is too short.
    pub(crate) fn new(key: &[u8]) -> Result<Self, KeyError> {
        if key.len() < FEWEST {
            return Err(KeyError::Short);
        }
        let keyed = Hmac::new_from_slice(key).map_err(|_| KeyError::Refused)?;
        Ok(Self { keyed })
    }

    /// The hash of a value as bytes.
    pub(crate) fn bytes(&self, value: &[u8]) -> [u8; SHOWN] {
        let mut mac = self.keyed.clone();
        mac.update(value);
        let whole = mac.finalize().into_bytes();
        let mut shown = [0; SHOWN];
        for (to, from) in shown.iter_mut().zip(whole) {
            *to = from;
        }
        shown
    }

    /// The hash of a value as text, `hash_` and 32 hexadecimal digits.
    pub(crate) fn text(&self, value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"hash_");
        for byte in self.bytes(value) {
            hex(byte, out);
        }
    }
}

/// Appends two hexadecimal digits.
pub(crate) fn hex(byte: u8, out: &mut Vec<u8>) {
    for half in [byte >> 4, byte & 15] {
        out.push(if half < 10 {
            b'0' + half
        } else {
            b'a' + half - 10
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Hasher, KeyError};

    fn text(key: &[u8], value: &[u8]) -> String {
        let mut out = Vec::new();
        Hasher::new(key).expect("long enough").text(value, &mut out);
        String::from_utf8(out).expect("hexadecimal")
    }

    #[test]
    fn the_test_vector_of_rfc_4231() {
        // Test case 3: 20 bytes of 0xaa, 50 bytes of 0xdd.
        assert_eq!(
            text(&[0xaa; 20], &[0xdd; 50]),
            "hash_773ea91e36800e46854db8ebd09181a7"
        );
    }

    #[test]
    fn equal_values_stay_equal_under_one_key() {
        let key = b"0123456789abcdef";
        assert_eq!(text(key, b"ann"), text(key, b"ann"));
        assert_ne!(text(key, b"ann"), text(key, b"Ann"));
        assert_ne!(text(key, b"ann"), text(b"another key, long", b"ann"));
    }

    #[test]
    fn short_keys_are_refused() {
        assert_eq!(Hasher::new(b"short").err(), Some(KeyError::Short));
    }

    #[test]
    fn debug_shows_no_key() {
        let hasher = Hasher::new(b"0123456789abcdef").expect("long enough");
        assert_eq!(format!("{hasher:?}"), "Hasher");
    }
}
