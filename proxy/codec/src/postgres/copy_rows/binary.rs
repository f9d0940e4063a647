//! The binary format: a header, rows of counted values, and a trailer of -1.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::CopyError;

/// What the header begins with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// The values of a row; `None` for header and trailer. A header may share its
/// message with the first row only in streams that servers do not send.
pub(super) fn decode(data: &Bytes, first: bool) -> Result<Option<Vec<Option<Bytes>>>, CopyError> {
    let mut data = data.clone();
    if first {
        if !data.starts_with(SIGNATURE) {
            return Err(CopyError::Row);
        }
        data.advance(SIGNATURE.len());
        let _flags = data.try_get_u32().map_err(|_| CopyError::Row)?;
        let extension = data.try_get_u32().map_err(|_| CopyError::Row)?;
        return match usize::try_from(extension) == Ok(data.len()) {
            true => Ok(None),
            false => Err(CopyError::Row),
        };
    }
    let count = data.try_get_i16().map_err(|_| CopyError::Row)?;
    let Ok(count) = usize::try_from(count) else {
        return match count == -1 && data.is_empty() {
            true => Ok(None),
            false => Err(CopyError::Row),
        };
    };
    let mut cells = Vec::new();
    for _ in 0..count {
        let length = data.try_get_i32().map_err(|_| CopyError::Row)?;
        cells.push(match usize::try_from(length) {
            Ok(length) if length <= data.len() => Some(data.split_to(length)),
            Err(_) if length == -1 => None,
            _ => return Err(CopyError::Row),
        });
    }
    if data.is_empty() {
        Ok(Some(cells))
    } else {
        Err(CopyError::Row)
    }
}

/// Appends a row.
pub(super) fn encode(cells: &[Option<&[u8]>], out: &mut BytesMut) -> Result<(), CopyError> {
    out.put_i16(i16::try_from(cells.len()).map_err(|_| CopyError::TooLong)?);
    for cell in cells {
        match cell {
            None => out.put_i32(-1),
            Some(value) => {
                out.put_i32(i32::try_from(value.len()).map_err(|_| CopyError::TooLong)?);
                out.extend_from_slice(value);
            }
        }
    }
    Ok(())
}
