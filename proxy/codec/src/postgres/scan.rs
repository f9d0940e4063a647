//! Finds the messages in a buffer by their headers alone, so that a run of rows
//! goes on with one copy.

use std::ops::Range;

use super::{Error, Header, Limits};

/// A whole message in a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Type byte.
    pub tag: u8,
    /// Where it is, header included.
    pub range: Range<usize>,
}

/// Messages of one type, one behind the other, at the front of a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// How many.
    pub messages: usize,
    /// Bytes of all of them.
    pub bytes: usize,
}

/// Iterates over the whole messages of a buffer; ends where one is incomplete,
/// or after the first error.
pub struct Scan<'a> {
    buffer: &'a [u8],
    limits: &'a Limits,
    position: usize,
    failed: bool,
}

impl Found {
    /// Where its body is.
    pub fn body(&self) -> Range<usize> {
        self.range.start.saturating_add(Header::SIZE)..self.range.end
    }
}

impl<'a> Scan<'a> {
    /// Begins at the front of `buffer`.
    pub fn new(buffer: &'a [u8], limits: &'a Limits) -> Self {
        Self {
            buffer,
            limits,
            position: 0,
            failed: false,
        }
    }

    /// Where the first message begins that has not been given yet.
    pub fn position(&self) -> usize {
        self.position
    }

    fn step(&mut self) -> Result<Option<Found>, Error> {
        let rest = self.buffer.get(self.position..).unwrap_or_default();
        let Some(header) = Header::peek(rest)? else {
            return Ok(None);
        };
        self.limits.check(header)?;
        if rest.len() < header.total() {
            return Ok(None);
        }
        let start = self.position;
        self.position = start.saturating_add(header.total());
        Ok(Some(Found {
            tag: header.tag,
            range: start..self.position,
        }))
    }
}

impl Iterator for Scan<'_> {
    type Item = Result<Found, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let found = self.step().transpose();
        self.failed = matches!(found, Some(Err(_)));
        found
    }
}

impl Run {
    /// The whole messages of type `tag` at the front of `buffer`. An error behind
    /// them is left to whoever looks at what follows.
    pub fn leading(buffer: &[u8], tag: u8, limits: &Limits) -> Self {
        Scan::new(buffer, limits)
            .map_while(Result::ok)
            .take_while(|found| found.tag == tag)
            .fold(Self::default(), |run, found| Self {
                messages: run.messages + 1,
                bytes: found.range.end,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Run, Scan};
    use crate::postgres::{Error, Limits};

    const STREAM: &[u8] = b"D\0\0\0\x06\0\0D\0\0\0\x05xZ\0\0\0\x05ID\0\0\0\x06\0";

    fn found(tag: u8, range: std::ops::Range<usize>) -> Result<Found, Error> {
        Ok(Found { tag, range })
    }

    #[test]
    fn whole_messages_in_order() {
        let limits = Limits::backend(100);
        let mut scan = Scan::new(STREAM, &limits);
        assert_eq!(scan.next(), Some(found(b'D', 0..7)));
        assert_eq!(scan.next(), Some(found(b'D', 7..13)));
        let ready = scan.next().unwrap().unwrap();
        assert_eq!(&STREAM[ready.body()], b"I");
        assert_eq!(scan.next(), None);
        assert_eq!(scan.position(), 19);
    }

    #[test]
    fn a_run_ends_where_another_type_begins() {
        let run = Run::leading(STREAM, b'D', &Limits::backend(100));
        assert_eq!((run.messages, run.bytes), (2, 13));
        let none = Run::leading(STREAM, b'Z', &Limits::backend(100));
        assert_eq!(none, Run::default());
    }

    #[test]
    fn an_error_ends_the_scan() {
        let limits = Limits::backend(100);
        let mut scan = Scan::new(b"Z\0\0\0\x05I?\0\0\0\x04Z\0\0\0\x05I", &limits);
        assert_eq!(scan.next(), Some(found(b'Z', 0..6)));
        let error = Error::UnknownMessage { tag: b'?' };
        assert_eq!(scan.next(), Some(Err(error)));
        assert_eq!(scan.next(), None);
        assert_eq!(scan.position(), 6);
    }
}
