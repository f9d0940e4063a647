//! Cache keys without literals, made by one quick pass over the text.

use std::fmt;

/// A statement's text with plain literals taken out. Two texts of the same shape parse to the same tree but for
/// the literals' values, and the literals agree in type class (int4, int8, numeric, string).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape(Box<[u8]>);

impl Shape {
    /// Length in bytes, for bounding caches.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Shows no literal, for there is none in it.
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Shape({})",
            String::from_utf8_lossy(&self.0).escape_debug()
        )
    }
}

/// What stands in place of a literal. Bytes that the scanner does not let through otherwise.
const INT4: u8 = 1;
const INT8: u8 = 2;
const NUMERIC: u8 = 3;
const STRING: u8 = 4;

/// The shape of a text, for a session with `standard_conforming_strings` on. `None` when the text has anything
/// that this scanner does not read exactly as PostgreSQL's does: comments, dollar quotes, escape, bit and Unicode
/// strings, backslashes, numbers with letters or underscores, `float(n)` (whose number chooses the type).
pub fn shape(sql: &str) -> Option<Shape> {
    let bytes = sql.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                let end = identifier_end(bytes, at);
                let word = bytes.get(at..end)?;
                if starts_special(word, bytes.get(end..)?) {
                    return None;
                }
                out.extend_from_slice(word);
                at = end;
            }
            b'0'..=b'9' => at = number(bytes, at, &mut out)?,
            b'.' if next.is_ascii_digit() => at = number(bytes, at, &mut out)?,
            b'\'' => {
                at = quoted_end(bytes, at, b'\'')?;
                out.push(STRING);
            }
            b'"' => {
                let end = quoted_end(bytes, at, b'"')?;
                out.extend_from_slice(bytes.get(at..end)?);
                at = end;
            }
            b'$' => {
                let digits = bytes
                    .get(at + 1..)?
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                let end = at + 1 + digits;
                if digits == 0 || bytes.get(end).copied().is_some_and(is_identifier_byte) {
                    return None;
                }
                out.extend_from_slice(bytes.get(at..end)?);
                at = end;
            }
            b'-' if next == b'-' => return None,
            b'/' if next == b'*' => return None,
            b'\\' | 0..=8 | 14..=31 | 127 => return None,
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Some(Shape(out.into_boxed_slice()))
}

fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

fn identifier_end(bytes: &[u8], start: usize) -> usize {
    start
        + bytes
            .get(start..)
            .unwrap_or(&[])
            .iter()
            .take_while(|byte| is_identifier_byte(**byte))
            .count()
}

/// Whether a word begins a literal of a special kind, or is a type whose number chooses the type.
fn starts_special(word: &[u8], rest: &[u8]) -> bool {
    match (word, rest) {
        ([b'e' | b'E' | b'b' | b'B' | b'x' | b'X' | b'n' | b'N'], [b'\'', ..]) => true,
        ([b'u' | b'U'], [b'&', b'\'' | b'"', ..]) => true,
        _ => {
            word.len() == 5
                && word.eq_ignore_ascii_case(b"float")
                && rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'(')
        }
    }
}

/// The end of a quoted token, doubled quotes inside included. `None` when it has no end, or a backslash.
fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => return None,
            0..=8 => return None,
            byte if byte == quote => {
                if bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return Some(at + 1);
                }
            }
            _ => at += 1,
        }
    }
}

/// Reads a number and writes its type class, as the scanner and `make_const` would choose it.
fn number(bytes: &[u8], start: usize, out: &mut Vec<u8>) -> Option<usize> {
    let digits = |at: usize| {
        bytes
            .get(at..)
            .unwrap_or(&[])
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let whole = digits(start);
    let mut at = start + whole;
    let mut class = integer_class(bytes.get(start..at)?);
    if bytes.get(at) == Some(&b'.') {
        if bytes.get(at + 1) == Some(&b'.') {
            return None;
        }
        class = NUMERIC;
        at += 1;
        at += digits(at);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        class = NUMERIC;
        at += 1 + sign + exponent;
    }
    if bytes.get(at).copied().is_some_and(is_identifier_byte) {
        return None;
    }
    out.push(class);
    Some(at)
}

fn integer_class(digits: &[u8]) -> u8 {
    let value = digits.iter().try_fold(0u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    });
    match value {
        Some(value) if value <= i32::MAX as u64 => INT4,
        Some(value) if value <= i64::MAX as u64 => INT8,
        _ => NUMERIC,
    }
}

/// Most tokens that can nest for a text to be analysed on an ordinary stack.
const INLINE_TOKENS: usize = 200;
/// Longest text to be analysed where it arrives, in bytes: bounds the time a core is held.
const INLINE_BYTES: usize = 4 << 10;

/// Whether a text surely needs little stack and time, so that it can be parsed and analysed on any thread with
/// 1 MiB of stack left.
///
/// No construct of the grammar nests without a word, an operator or an opening bracket of its own, so the number
/// of those bounds the depth of the tree; commas, dots, numbers and strings only make it broad. Two tokens make
/// at most seven levels of nodes (a scalar sub-select: sub-link, select, target, each with its wrapper).
pub fn fits_inline(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    if bytes.len() > INLINE_BYTES {
        return false;
    }
    let mut count = 0;
    let mut in_word = false;
    for byte in bytes {
        let word = is_identifier_byte(*byte);
        count += match *byte {
            _ if word => usize::from(!in_word && !byte.is_ascii_digit()),
            b',' | b'.' | b';' | b')' | b']' | b'\'' | b'"' => 0,
            byte if byte.is_ascii_whitespace() => 0,
            _ => 1,
        };
        in_word = word;
    }
    count <= INLINE_TOKENS
}

#[cfg(test)]
mod tests {
    use super::{fits_inline, shape};

    #[test]
    fn literals_of_one_class_share_a_shape() {
        let same = |a: &str, b: &str| shape(a).is_some() && shape(a) == shape(b);
        assert!(same(
            "SELECT abalance FROM t WHERE aid = 17",
            "SELECT abalance FROM t WHERE aid = 99999"
        ));
        assert!(same("SELECT 'a'", "SELECT 'it''s'"));
        assert!(same("SELECT 1.5", "SELECT 1e3") && same("SELECT .5", "SELECT 5."));
        assert!(same("SELECT -1", "SELECT -20"));
        assert!(
            !same("SELECT 1", "SELECT -1")
                && !same("SELECT 1", "SELECT 9999999999")
                && !same("SELECT 1", "SELECT 1.5")
        );
        assert!(!same("SELECT 9999999999", "SELECT 99999999999999999999"));
        assert!(
            !same("SELECT 'a'", "SELECT 1")
                && !same("SELECT a1", "SELECT a2")
                && !same("SELECT $1", "SELECT $2")
        );
        assert!(!same("SELECT \"1\"", "SELECT \"2\""));
    }

    #[test]
    fn what_is_not_plain_has_no_shape() {
        for sql in [
            "SELECT 1 -- x",
            "SELECT /* x */ 1",
            "SELECT $$x$$",
            "SELECT $a$x$a$",
            "SELECT E'x'",
            "SELECT e'x'",
            "SELECT U&'x'",
            "SELECT u&\"x\"",
            "SELECT B'1'",
            "SELECT X'1F'",
            "SELECT N'x'",
            "SELECT 'a\\b'",
            "SELECT 'open",
            "SELECT \"open",
            "SELECT 1a",
            "SELECT 0x1F",
            "SELECT 1_000",
            "SELECT 1e",
            "SELECT 1..2",
            "SELECT $1a",
            "SELECT x::float(3)",
            "SELECT \u{1}",
            "SELECT 1$",
        ] {
            assert_eq!(shape(sql), None, "{sql}");
        }
    }

    #[test]
    fn words_operators_and_brackets_count_for_depth() {
        assert!(fits_inline("SELECT a, b FROM t WHERE c = 1"));
        assert!(!fits_inline(&format!("SELECT {}1", "- ".repeat(300))));
        assert!(!fits_inline(&format!("SELECT {}1", "NOT ".repeat(300))));
        assert!(fits_inline(&format!(
            "SELECT * FROM t WHERE a IN ({})",
            vec!["1"; 1000].join(",")
        )));
        assert!(!fits_inline(&format!("SELECT '{}'", "x".repeat(5000))));
    }
}
