//! Appends messages to a buffer; a message that fails leaves no trace in it.

use bytes::{BufMut, BytesMut};

use super::{Error, Format, Text};

/// A message being appended, and its name for errors.
pub(super) struct Writer<'a> {
    message: &'static str,
    out: &'a mut BytesMut,
}

/// Appends a message: its type byte, its length, and what `body` writes.
pub(super) fn message(
    name: &'static str,
    tag: u8,
    out: &mut BytesMut,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = out.len();
    out.put_u8(tag);
    let result = packet(name, out, body);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// Appends a packet without a type byte, as the first of a connection is.
pub(super) fn packet(
    name: &'static str,
    out: &mut BytesMut,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = out.len();
    out.put_i32(0);
    let mut writer = Writer { message: name, out };
    let result = body(&mut writer).and_then(|()| {
        let length = i32::try_from(writer.out.len() - start).map_err(|_| writer.too_large())?;
        if let Some(place) = writer.out.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    });
    if result.is_err() {
        out.truncate(start);
    }
    result
}

impl Writer<'_> {
    pub(super) fn u8(&mut self, value: u8) {
        self.out.put_u8(value);
    }

    pub(super) fn i16(&mut self, value: i16) {
        self.out.put_i16(value);
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.out.put_i32(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.out.put_u32(value);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn format(&mut self, format: Format) {
        self.i16(format.code());
    }

    /// A string and its terminator. A zero byte within would let whoever chose
    /// the string write the fields behind it.
    pub(super) fn text(&mut self, text: &Text) -> Result<(), Error> {
        if memchr::memchr(0, text.as_bytes()).is_some() {
            return Err(Error::ZeroByte {
                message: self.message,
            });
        }
        self.bytes(text.as_bytes());
        self.u8(0);
        Ok(())
    }

    /// A value with its length in front; NULL is -1.
    pub(super) fn value(&mut self, value: Option<&[u8]>) -> Result<(), Error> {
        let Some(value) = value else {
            self.i32(-1);
            return Ok(());
        };
        let length = i32::try_from(value.len()).map_err(|_| self.too_large())?;
        self.i32(length);
        self.bytes(value);
        Ok(())
    }

    /// A 16-bit count of entries.
    pub(super) fn count(&mut self, count: usize) -> Result<(), Error> {
        let count = u16::try_from(count).map_err(|_| self.too_large())?;
        self.out.put_u16(count);
        Ok(())
    }

    /// A 32-bit count of entries.
    pub(super) fn count32(&mut self, count: usize) -> Result<(), Error> {
        let count = i32::try_from(count).map_err(|_| self.too_large())?;
        self.i32(count);
        Ok(())
    }

    fn too_large(&self) -> Error {
        Error::TooLarge {
            message: self.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::message;
    use crate::postgres::{Error, Text};

    #[test]
    fn the_length_counts_itself_and_the_body() {
        let mut out = BytesMut::from(&b"before"[..]);
        let result = message("Test", b'x', &mut out, |body| {
            body.text(&Text::from("ab"))?;
            body.value(None)
        });
        assert_eq!(result, Ok(()));
        assert_eq!(&out[..], b"beforex\0\0\0\x0bab\0\xff\xff\xff\xff");
    }

    #[test]
    fn a_failed_message_leaves_no_trace() {
        let mut out = BytesMut::from(&b"before"[..]);
        let zero = message("Test", b'x', &mut out, |body| {
            body.text(&Text::from("a\0b"))
        });
        assert_eq!(zero, Err(Error::ZeroByte { message: "Test" }));
        let many = message("Test", b'x', &mut out, |body| body.count(65_536));
        assert_eq!(many, Err(Error::TooLarge { message: "Test" }));
        assert_eq!(&out[..], b"before");
    }
}
