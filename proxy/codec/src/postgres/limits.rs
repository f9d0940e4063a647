//! How large a message of each type may be.

use super::{Error, Header};

/// What PostgreSQL calls PQ_SMALL_MESSAGE_LIMIT: bodies of messages that carry
/// a name or nothing.
const SMALL: u32 = 10_000;

/// PG_MAX_AUTH_TOKEN_LENGTH: the largest answer to an authentication request.
const AUTHENTICATION: u32 = 65_535;

/// What libpq takes from a server for messages that are never long
/// (`fe-protocol3.c`, VALID_LONG_MESSAGE_TYPE).
const SHORT: u32 = 30_000;

/// Bytes that the body of a message may have, by its type byte. A type without
/// a bound is refused.
#[derive(Clone)]
pub struct Limits {
    bounds: [Option<u32>; 256],
}

impl Limits {
    /// Refuses everything.
    pub fn none() -> Self {
        Self {
            bounds: [None; 256],
        }
    }

    /// What a client may send: `large` for statements, parameters and COPY data,
    /// PostgreSQL's own bounds for everything else.
    pub fn frontend(large: u32) -> Self {
        Self::none()
            .with_all(b"BFPQd", large)
            .with_all(b"CDEHSXcf", large.min(SMALL))
            .with(b'p', AUTHENTICATION)
    }

    /// What a server may send: `large` for rows, COPY data, descriptions, errors,
    /// notices and notifications, libpq's own bound for everything else.
    pub fn backend(large: u32) -> Self {
        Self::none()
            .with_all(b"ADENTVdt", large)
            .with_all(b"123CGHIKRSWZcnsv", large.min(SHORT))
    }

    /// The same with another bound for one type.
    #[must_use]
    pub fn with(mut self, tag: u8, bound: u32) -> Self {
        if let Some(place) = self.bounds.get_mut(usize::from(tag)) {
            *place = Some(bound);
        }
        self
    }

    /// The bound for a type, `None` if it is refused.
    pub fn bound(&self, tag: u8) -> Option<u32> {
        self.bounds.get(usize::from(tag)).copied().flatten()
    }

    /// Holds a header against its bound.
    ///
    /// # Errors
    /// [`Error::UnknownMessage`] or [`Error::TooLong`].
    pub fn check(&self, header: Header) -> Result<(), Error> {
        let Header { tag, length } = header;
        match self.bound(tag) {
            None => Err(Error::UnknownMessage { tag }),
            Some(limit) if length > limit => Err(Error::TooLong { tag, length, limit }),
            Some(_) => Ok(()),
        }
    }

    fn with_all(self, tags: &[u8], bound: u32) -> Self {
        tags.iter()
            .fold(self, |limits, tag| limits.with(*tag, bound))
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;
    use crate::postgres::{Error, Header};

    #[test]
    fn bounds_go_by_type() {
        let limits = Limits::frontend(1 << 20).with(b'Q', 100);
        let check = |tag, length| limits.check(Header { tag, length });
        assert_eq!(check(b'Q', 100), Ok(()));
        assert_eq!(check(b'B', 1 << 20), Ok(()));
        let error = |tag, length, limit| Err(Error::TooLong { tag, length, limit });
        assert_eq!(check(b'Q', 101), error(b'Q', 101, 100));
        assert_eq!(check(b'S', 10_001), error(b'S', 10_001, 10_000));
        assert_eq!(check(b'Z', 1), Err(Error::UnknownMessage { tag: b'Z' }));
    }
}
