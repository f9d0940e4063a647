//! The key with which a client proves that a session is its own to cancel.

use std::fmt;

use bytes::Bytes;

use super::Error;

/// A cancel key: 4 bytes in protocol 3.0, 4 to 256 in 3.2.
///
/// Equality takes the same time wherever two keys of one length differ, and
/// `Debug` does not show it.
#[derive(Clone)]
pub struct SecretKey(Bytes);

impl SecretKey {
    /// A key of these bytes.
    ///
    /// # Errors
    /// [`Error::SecretKeyLength`] unless there are 4 to 256.
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        match bytes.len() {
            4..=256 => Ok(Self(bytes)),
            length => Err(Error::SecretKeyLength { length }),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        let difference = self
            .0
            .iter()
            .zip(other.0.iter())
            .fold(0, |sum, (one, two)| sum | (one ^ two));
        self.0.len() == other.0.len() && std::hint::black_box(difference) == 0
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretKey({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::SecretKey;
    use crate::postgres::Error;

    #[test]
    fn four_to_256_bytes() {
        assert!(SecretKey::new(vec![0; 4]).is_ok());
        assert!(SecretKey::new(vec![0; 256]).is_ok());
        for length in [0, 3, 257] {
            let error = Error::SecretKeyLength { length };
            assert_eq!(SecretKey::new(vec![0; length]), Err(error));
        }
    }

    #[test]
    fn equality_is_of_all_bytes() {
        let key = |bytes: &'static [u8]| SecretKey::new(bytes);
        assert_eq!(key(b"abcd"), key(b"abcd"));
        assert_ne!(key(b"abcd"), key(b"abce"));
        assert_ne!(key(b"abcd"), key(b"abcde"));
    }

    #[test]
    fn debug_hides_it() {
        let key = SecretKey::new(&b"abcd"[..]);
        assert_eq!(format!("{key:?}"), "Ok(SecretKey(4 bytes))");
    }
}
