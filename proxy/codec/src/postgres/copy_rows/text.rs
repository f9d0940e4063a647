//! The text format ("File Formats" of COPY): values apart by a delimiter, rows
//! by a line feed, backslashes before what would be taken for either.

use bytes::{BufMut, Bytes, BytesMut};

use super::CopyError;

/// The values of a row.
pub(super) fn decode(
    data: &Bytes,
    delimiter: u8,
    null: &[u8],
) -> Result<Vec<Option<Bytes>>, CopyError> {
    let line = data.strip_suffix(b"\n").ok_or(CopyError::Row)?;
    // A line feed within a value is written as `\n`.
    if line.contains(&b'\n') {
        return Err(CopyError::Row);
    }
    raw_values(line, delimiter)
        .into_iter()
        .map(|raw| match raw == null {
            true => Ok(None),
            false => value(raw).map(|value| Some(Bytes::from(value))),
        })
        .collect()
}

/// The values as written: a delimiter behind a backslash does not end one.
fn raw_values(line: &[u8], delimiter: u8) -> Vec<&[u8]> {
    let mut escaped = false;
    line.split(|byte| {
        let ends = *byte == delimiter && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })
    .collect()
}

/// A value without its escapes.
fn value(raw: &[u8]) -> Result<Vec<u8>, CopyError> {
    let mut value = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            value.push(byte);
            continue;
        }
        value.push(match bytes.next().ok_or(CopyError::Row)? {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            // Servers write no octal or hexadecimal escapes.
            b'0'..=b'7' | b'x' | b'.' => return Err(CopyError::Row),
            other => other,
        });
    }
    Ok(value)
}

/// Appends a row.
pub(super) fn encode(cells: &[Option<&[u8]>], delimiter: u8, null: &[u8], out: &mut BytesMut) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.put_u8(delimiter);
        }
        match cell {
            None => out.extend_from_slice(null),
            Some(value) => escape(value, delimiter, out),
        }
    }
    out.put_u8(b'\n');
}

/// Appends a value with what has to be escaped.
fn escape(value: &[u8], delimiter: u8, out: &mut BytesMut) {
    for byte in value {
        let letter = match byte {
            8 => b'b',
            12 => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            11 => b'v',
            b'\\' => b'\\',
            byte if *byte == delimiter => delimiter,
            byte => {
                out.put_u8(*byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', letter]);
    }
}
