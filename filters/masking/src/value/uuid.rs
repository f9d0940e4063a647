//! UUIDs in place of UUIDs.

use crate::strategy::{Hasher, hex};

/// Bytes of a UUID.
const BYTES: usize = 16;

/// Appends the hash of a UUID as a UUID of version 8, which RFC 9562 section 5.8
/// leaves to whoever makes it. `None` for what is no UUID.
pub(super) fn hash(
    value: &[u8],
    binary: bool,
    hasher: Option<&Hasher>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let bytes = match binary {
        true => <[u8; BYTES]>::try_from(value).ok()?,
        false => parse(value)?,
    };
    let mut hash = hasher?.bytes(&bytes);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut hash;
    *version = (*version & 0x0f) | 0x80;
    *variant = (*variant & 0x3f) | 0x80;
    if binary {
        out.extend_from_slice(&hash);
        return Some(());
    }
    for (place, byte) in hash.into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        hex(byte, out);
    }
    Some(())
}

/// The bytes of a UUID in text.
fn parse(text: &[u8]) -> Option<[u8; BYTES]> {
    let mut digits = text
        .iter()
        .filter(|byte| !matches!(byte, b'-' | b'{' | b'}'));
    let mut bytes = [0; BYTES];
    for byte in &mut bytes {
        for _ in 0..2 {
            let digit = char::from(*digits.next()?).to_digit(16)?;
            *byte = (*byte << 4) | u8::try_from(digit).ok()?;
        }
    }
    digits.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::hash;
    use crate::strategy::Hasher;

    fn hashed(value: &[u8], binary: bool) -> Option<Vec<u8>> {
        let hasher = Hasher::new(b"0123456789abcdef").expect("long enough");
        let mut out = Vec::new();
        hash(value, binary, Some(&hasher), &mut out).map(|()| out)
    }

    #[test]
    fn the_same_in_both_formats() {
        let text = hashed(b"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", false).expect("a UUID");
        let upper = hashed(b"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", false).expect("a UUID");
        let value = [
            0xa0, 0xee, 0xbc, 0x99, 0x9c, 0x0b, 0x4e, 0xf8, 0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38,
            0x0a, 0x11,
        ];
        let binary = hashed(&value, true).expect("a UUID");
        assert_eq!(text, upper);
        let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'-').collect();
        let expected: String = binary.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(String::from_utf8(digits).expect("text"), expected);
        assert_eq!((text.len(), text.get(14)), (36, Some(&b'8')));
        assert_ne!(binary, value);
    }

    #[test]
    fn what_is_no_uuid() {
        assert_eq!(hashed(b"a0eebc99", false), None);
        assert_eq!(hashed(b"x0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", false), None);
        assert_eq!(hashed(&[0; 15], true), None);
    }
}
