//! Strings of JSON, RFC 8259 section 7: what stands between the quotes, and what
//! it means.

use std::borrow::Cow;

use crate::strategy::hex;

/// What the text between two quotes means, `None` when an escape is malformed.
/// Half a surrogate pair becomes U+FFFD.
pub(crate) fn decode(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !raw.contains(&b'\\') {
        return Some(Cow::Borrowed(raw));
    }
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            text.push(*byte);
            continue;
        }
        let (escape, after) = rest.split_first()?;
        rest = after;
        let plain = match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (character, after) = unicode(rest)?;
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
                continue;
            }
            _ => return None,
        };
        text.push(plain);
    }
    Some(Cow::Owned(text))
}

/// The character after `\u`, of one escape or of a surrogate pair of them.
fn unicode(text: &[u8]) -> Option<(char, &[u8])> {
    let (first, after) = unit(text)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, after));
    }
    let second = after.strip_prefix(b"\\u").and_then(unit);
    match (first, second) {
        (0xd800..0xdc00, Some((second @ 0xdc00..0xe000, after))) => {
            let pair = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            Some((char::from_u32(pair)?, after))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, after)),
    }
}

/// Four hexadecimal digits.
fn unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, after) = text.split_at_checked(4)?;
    let value = digits.iter().try_fold(0, |value, digit| {
        char::from(*digit)
            .to_digit(16)
            .map(|digit| value * 16 + digit)
    })?;
    Some((value, after))
}

/// Appends a text as a string, quotes included.
pub(crate) fn encode(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                hex(*byte, out);
            }
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    fn text(raw: &str) -> Option<String> {
        decode(raw.as_bytes()).map(|text| String::from_utf8(text.into_owned()).expect("UTF-8"))
    }

    #[test]
    fn escapes() {
        for (raw, expected) in [
            ("plain", Some("plain")),
            (r"\u0070hone", Some("phone")),
            (r#"\"\\\/\b\f\n\r\t"#, Some("\"\\/\u{8}\u{c}\n\r\t")),
            (r"\ud83d\ude00", Some("😀")),
            (r"\ud83dx", Some("\u{fffd}x")),
            (r"\ude00", Some("\u{fffd}")),
            (r"\u00", None),
            (r"\x", None),
            (r"\", None),
        ] {
            assert_eq!(text(raw).as_deref(), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn like_serde(value in any::<String>()) {
            let mut out = Vec::new();
            encode(value.as_bytes(), &mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("a string"), value.clone());
            let written = serde_json::to_string(&value).expect("a string");
            let inside = &written[1..written.len() - 1];
            prop_assert_eq!(text(inside), Some(value));
        }
    }
}
