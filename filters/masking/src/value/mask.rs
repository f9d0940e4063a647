//! A whole value, masked.

use super::{Class, time, uuid};
use crate::json::{decode, encode};
use crate::strategy::{Hasher, REDACTED, Strategy, hex, partial};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// What its type is.
    pub(crate) class: Class,
    /// It is in binary format.
    pub(crate) binary: bool,
}

/// The version that a jsonb value in binary format begins with.
pub(crate) const JSONB_VERSION: u8 = 1;

/// Appends what stands in place of a value. False: NULL does, and nothing was
/// appended.
pub(crate) fn mask(
    value: &[u8],
    format: Format,
    strategy: Strategy,
    hasher: Option<&Hasher>,
    out: &mut Vec<u8>,
) -> bool {
    let Format { class, binary } = format;
    match (class, strategy) {
        (_, Strategy::Null) => false,
        (Class::Text, _) => {
            text(value, strategy, hasher, out);
            true
        }
        (Class::Xml, Strategy::Hash) => {
            text(value, strategy, hasher, out);
            true
        }
        (Class::Xml, _) => {
            out.extend_from_slice(b"<redacted/>");
            true
        }
        (Class::Json, _) => {
            json(value, strategy, hasher, out);
            true
        }
        (Class::Jsonb, _) if binary => {
            out.push(JSONB_VERSION);
            json(value.get(1..).unwrap_or_default(), strategy, hasher, out);
            true
        }
        (Class::Jsonb, _) => {
            json(value, strategy, hasher, out);
            true
        }
        (Class::Uuid, Strategy::Hash) => uuid::hash(value, binary, hasher, out).is_some(),
        (Class::Bytea, Strategy::Hash) => bytea(value, binary, hasher, out).is_some(),
        (Class::Date | Class::Timestamp | Class::TimestampTz, Strategy::Partial) => {
            time::year(value, format, out).is_some()
        }
        _ => false,
    }
}

/// A text in place of a text.
fn text(value: &[u8], strategy: Strategy, hasher: Option<&Hasher>, out: &mut Vec<u8>) {
    match (strategy, hasher) {
        (Strategy::Partial, _) if let Ok(text) = std::str::from_utf8(value) => partial(text, out),
        (Strategy::Hash, Some(hasher)) => hasher.text(value, out),
        _ => out.extend_from_slice(REDACTED.as_bytes()),
    }
}

/// A JSON string in place of a JSON value. Of a string a part may stay.
fn json(value: &[u8], strategy: Strategy, hasher: Option<&Hasher>, out: &mut Vec<u8>) {
    let inside = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""));
    let string = inside.and_then(decode);
    let mut masked = Vec::new();
    match (strategy, &string) {
        (Strategy::Partial, Some(string)) => text(string, strategy, hasher, &mut masked),
        (Strategy::Partial, None) => masked.extend_from_slice(REDACTED.as_bytes()),
        (_, Some(string)) => text(string, strategy, hasher, &mut masked),
        (_, None) => text(value, strategy, hasher, &mut masked),
    }
    encode(&masked, out);
}

/// The hash as bytes. In text format they are hexadecimal after `\x`.
fn bytea(value: &[u8], binary: bool, hasher: Option<&Hasher>, out: &mut Vec<u8>) -> Option<()> {
    let hasher = hasher?;
    if binary {
        out.extend_from_slice(&hasher.bytes(value));
        return Some(());
    }
    let digits = value.strip_prefix(b"\\x")?;
    let bytes = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()?;
    out.extend_from_slice(b"\\x");
    for byte in hasher.bytes(&bytes) {
        hex(byte, out);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Class, Format, mask};
    use crate::strategy::{Hasher, Strategy as How};

    fn masked(class: Class, binary: bool, strategy: How, value: &[u8]) -> Option<Vec<u8>> {
        let hasher = Hasher::new(b"0123456789abcdef").expect("long enough");
        let mut out = Vec::new();
        mask(
            value,
            Format { class, binary },
            strategy,
            Some(&hasher),
            &mut out,
        )
        .then_some(out)
    }

    #[test]
    fn texts() {
        for binary in [false, true] {
            let text = |strategy| masked(Class::Text, binary, strategy, b"anna@example.com");
            assert_eq!(text(How::Redact).as_deref(), Some(&b"[redacted]"[..]));
            assert_eq!(text(How::Partial).as_deref(), Some(&b"a***@e***.com"[..]));
            assert!(text(How::Hash).is_some_and(|hash| hash.starts_with(b"hash_")));
            assert_eq!(text(How::Null), None);
        }
        let broken = masked(Class::Text, false, How::Partial, b"\xff\xfe");
        assert_eq!(broken.as_deref(), Some(&b"[redacted]"[..]));
    }

    #[test]
    fn json_stays_json() {
        let text = |strategy, value| masked(Class::Json, false, strategy, value);
        assert_eq!(
            text(How::Redact, b"{}").as_deref(),
            Some(&b"\"[redacted]\""[..])
        );
        assert_eq!(
            text(How::Partial, b"\"anna\"").as_deref(),
            Some(&b"\"a***\""[..])
        );
        assert_eq!(
            text(How::Partial, b"[1]").as_deref(),
            Some(&b"\"[redacted]\""[..])
        );
        let binary = masked(Class::Jsonb, true, How::Redact, b"\x01{\"a\":1}");
        assert_eq!(binary.as_deref(), Some(&b"\x01\"[redacted]\""[..]));
        let same = |class, binary, value| masked(class, binary, How::Hash, value);
        assert_eq!(
            same(Class::Jsonb, true, b"\x01\"anna\"").map(|mut json| json.split_off(1)),
            same(Class::Jsonb, false, b"\"anna\""),
        );
    }

    #[test]
    fn a_hash_is_the_same_in_both_formats() {
        let hash = |binary, value: &[u8]| masked(Class::Bytea, binary, How::Hash, value);
        let bytes = hash(true, b"\xde\xad").expect("bytes");
        let text = hash(false, b"\\xdead").expect("text");
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, format!("\\x{digits}").into_bytes());
        assert_eq!(hash(false, b"dead"), None);
    }

    #[test]
    fn what_has_no_room_for_a_text_is_null() {
        for name in [
            "int4", "bool", "numeric", "_text", "mood", "other", "inet", "interval",
        ] {
            for strategy in [How::Redact, How::Partial, How::Hash, How::Null] {
                assert_eq!(
                    masked(Class::of(name), false, strategy, b"42"),
                    None,
                    "{name}"
                );
            }
        }
        assert_eq!(masked(Class::Bytea, true, How::Redact, b"x"), None);
        assert_eq!(masked(Class::Uuid, true, How::Partial, &[7; 16]), None);
        assert_eq!(masked(Class::Date, false, How::Redact, b"2026-01-02"), None);
    }

    #[test]
    fn xml_stays_xml() {
        let value = masked(Class::of("xml"), false, How::Redact, b"<a>secret</a>");
        assert_eq!(value.as_deref(), Some(&b"<redacted/>"[..]));
    }

    proptest! {
        #[test]
        fn any_bytes(value in proptest::collection::vec(any::<u8>(), 0..40), binary in any::<bool>()) {
            let names = ["text", "xml", "json", "jsonb", "uuid", "bytea", "date", "timestamp", "timestamptz", "int4", "x"];
            for name in names {
                for strategy in [How::Redact, How::Partial, How::Hash, How::Null] {
                    let masked = masked(Class::of(name), binary, strategy, &value);
                    if let (Class::Json, Some(masked)) = (Class::of(name), masked) {
                        prop_assert!(serde_json::from_slice::<String>(&masked).is_ok());
                    }
                }
            }
        }
    }
}
