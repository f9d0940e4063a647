//! The CSV format: values may be quoted, and only an unquoted one can be NULL.

use bytes::{BufMut, Bytes, BytesMut};

use super::CopyError;

/// The values of a row, which may contain line feeds within quotes.
pub(super) fn decode(
    data: &Bytes,
    delimiter: u8,
    null: &[u8],
    quote: u8,
    escape: u8,
) -> Result<Vec<Option<Bytes>>, CopyError> {
    let line = data.strip_suffix(b"\n").ok_or(CopyError::Row)?;
    let mut cells = Vec::new();
    let mut rest = line.iter().copied().peekable();
    loop {
        let mut value = Vec::new();
        let mut quoted = false;
        let more = loop {
            match rest.next() {
                None => break false,
                Some(byte) if byte == delimiter => break true,
                Some(byte) if byte == quote => {
                    quoted = true;
                    within(&mut rest, quote, escape, &mut value)?;
                }
                Some(b'\n' | b'\r') => return Err(CopyError::Row),
                Some(byte) => value.push(byte),
            }
        };
        cells.push((quoted || value != null).then(|| Bytes::from(value)));
        if !more {
            return Ok(cells);
        }
    }
}

/// What stands between two quotes.
fn within(
    rest: &mut std::iter::Peekable<impl Iterator<Item = u8>>,
    quote: u8,
    escape: u8,
    value: &mut Vec<u8>,
) -> Result<(), CopyError> {
    loop {
        let byte = rest.next().ok_or(CopyError::Row)?;
        let escaped = byte == escape
            && rest
                .peek()
                .is_some_and(|next| *next == quote || *next == escape);
        if escaped {
            value.extend(rest.next());
        } else if byte == quote {
            return Ok(());
        } else {
            value.push(byte);
        }
    }
}

/// Appends a row. Every value is quoted: quoting is never wrong, and a value
/// that looks like NULL or like the end of the data cannot be taken for it.
pub(super) fn encode(
    cells: &[Option<&[u8]>],
    delimiter: u8,
    null: &[u8],
    quote: u8,
    escape: u8,
    out: &mut BytesMut,
) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.put_u8(delimiter);
        }
        let Some(value) = cell else {
            out.extend_from_slice(null);
            continue;
        };
        out.put_u8(quote);
        for byte in *value {
            if *byte == quote || *byte == escape {
                out.put_u8(escape);
            }
            out.put_u8(*byte);
        }
        out.put_u8(quote);
    }
    out.put_u8(b'\n');
}
