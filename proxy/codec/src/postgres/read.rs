//! Reads the fields of a message body, every read checked against its end.

use bytes::{Buf, Bytes};

use super::{Error, Format, Text};

/// The rest of a body, and the message's name for errors.
pub(super) struct Reader {
    message: &'static str,
    bytes: Bytes,
}

impl Reader {
    pub(super) fn new(message: &'static str, bytes: Bytes) -> Self {
        Self { message, bytes }
    }

    /// Bytes not read yet.
    pub(super) fn remaining(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        self.bytes.try_get_u8().map_err(|_| self.end())
    }

    pub(super) fn i16(&mut self) -> Result<i16, Error> {
        self.bytes.try_get_i16().map_err(|_| self.end())
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        self.bytes.try_get_u16().map_err(|_| self.end())
    }

    pub(super) fn i32(&mut self) -> Result<i32, Error> {
        self.bytes.try_get_i32().map_err(|_| self.end())
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        self.bytes.try_get_u32().map_err(|_| self.end())
    }

    /// The next `length` bytes, shared, not copied.
    pub(super) fn take(&mut self, length: usize) -> Result<Bytes, Error> {
        if length > self.bytes.len() {
            return Err(self.end());
        }
        Ok(self.bytes.split_to(length))
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.bytes)
    }

    /// A string and its terminator.
    pub(super) fn text(&mut self) -> Result<Text, Error> {
        let end = memchr::memchr(0, &self.bytes).ok_or(Error::Unterminated {
            message: self.message,
        })?;
        let text = self.take(end)?;
        self.take(1)?;
        Ok(Text::from(text))
    }

    /// A value with its length in front; -1 is NULL.
    pub(super) fn value(&mut self) -> Result<Option<Bytes>, Error> {
        match self.i32()? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| Error::ValueLength {
                    message: self.message,
                    length,
                })?;
                self.take(length).map(Some)
            }
        }
    }

    /// A format code: 0 or 1.
    pub(super) fn format(&mut self) -> Result<Format, Error> {
        let code = self.i16()?;
        Format::from_code(code).ok_or(Error::FormatCode {
            message: self.message,
            code,
        })
    }

    /// A 16-bit count of entries that take at least `size` bytes each, so that a
    /// list can be allocated: the body is known to be able to hold it. Counts go
    /// to 65,535, as `pq_getmsgint` reads them.
    pub(super) fn count(&mut self, size: usize) -> Result<usize, Error> {
        let count = self.u16()?;
        self.fits(i64::from(count), size)
    }

    /// The same for a 32-bit count.
    pub(super) fn count32(&mut self, size: usize) -> Result<usize, Error> {
        let count = self.i32()?;
        self.fits(i64::from(count), size)
    }

    fn fits(&self, count: i64, size: usize) -> Result<usize, Error> {
        let limit = self.remaining() / size.max(1);
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= limit)
            .ok_or(Error::Count {
                message: self.message,
                count,
                limit,
            })
    }

    /// Refuses a body that goes on.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.remaining() {
            0 => Ok(()),
            count => Err(Error::TrailingBytes {
                message: self.message,
                count,
            }),
        }
    }

    fn end(&self) -> Error {
        Error::UnexpectedEnd {
            message: self.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Reader;
    use crate::postgres::Error;

    fn reader(bytes: &'static [u8]) -> Reader {
        Reader::new("Test", Bytes::from_static(bytes))
    }

    #[test]
    fn reads_what_is_there() {
        let mut input = reader(b"\x01\xff\xff\0\0\0\x02abc\0\0\0\0\x01z\xff\xff\xff\xff");
        assert_eq!(input.u8(), Ok(1));
        assert_eq!(input.i16(), Ok(-1));
        assert_eq!(input.i32(), Ok(2));
        assert_eq!(input.text().as_ref().map(|t| t.as_bytes()), Ok(&b"abc"[..]));
        assert_eq!(input.value(), Ok(Some(Bytes::from_static(b"z"))));
        assert_eq!(input.value(), Ok(None));
        assert_eq!(input.finish(), Ok(()));
    }

    #[test]
    fn refuses_what_is_not_there() {
        let end = Error::UnexpectedEnd { message: "Test" };
        assert_eq!(reader(b"").u8(), Err(end));
        assert_eq!(reader(b"\0").u16(), Err(end));
        assert_eq!(reader(b"\0\0\0").u32(), Err(end));
        assert_eq!(reader(b"ab").take(3), Err(end));
        assert_eq!(reader(b"\0\0\0\x02a").value(), Err(end));
        let unterminated = Error::Unterminated { message: "Test" };
        assert_eq!(reader(b"abc").text(), Err(unterminated));
    }

    #[test]
    fn a_length_of_minus_two_is_not_null() {
        let error = Error::ValueLength {
            message: "Test",
            length: -2,
        };
        assert_eq!(reader(b"\xff\xff\xff\xfe").value(), Err(error));
    }

    #[test]
    fn counts_are_held_against_the_body() {
        assert_eq!(reader(b"\0\x02abcdefgh").count(4), Ok(2));
        let error = |count, limit| Error::Count {
            message: "Test",
            count,
            limit,
        };
        assert_eq!(reader(b"\0\x02abcdefg").count(4), Err(error(2, 1)));
        assert_eq!(reader(b"\xff\xffab").count(4), Err(error(65_535, 0)));
        assert_eq!(reader(b"\xff\xff\xff\xffab").count32(1), Err(error(-1, 2)));
    }

    #[test]
    fn leftovers_are_refused() {
        let error = Error::TrailingBytes {
            message: "Test",
            count: 2,
        };
        assert_eq!(reader(b"ab").finish(), Err(error));
    }
}
