//! Numbers and the three words of JSON, RFC 8259 sections 3 and 6.

/// Length of the number that the text begins with, `None` if it does not.
pub(super) fn number(text: &[u8]) -> Option<usize> {
    let mut length = usize::from(text.first() == Some(&b'-'));
    let whole = digits(text, length);
    if whole == 0 || (whole > 1 && text.get(length) == Some(&b'0')) {
        return None;
    }
    length += whole;
    if text.get(length) == Some(&b'.') {
        let fraction = digits(text, length + 1);
        if fraction == 0 {
            return None;
        }
        length += 1 + fraction;
    }
    if matches!(text.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(text, length + 1 + sign);
        if exponent == 0 {
            return None;
        }
        length += 1 + sign + exponent;
    }
    Some(length)
}

/// Length of the word that the text begins with, `None` if it is none of them.
pub(super) fn word(text: &[u8]) -> Option<usize> {
    let words: [&[u8]; 3] = [b"null", b"true", b"false"];
    words
        .iter()
        .find(|word| text.starts_with(word))
        .map(|word| word.len())
}

/// Number of digits from an index on.
fn digits(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::{number, word};

    #[test]
    fn numbers() {
        for (text, length) in [
            ("0", Some(1)),
            ("-12,", Some(3)),
            ("1.5e+10]", Some(7)),
            ("10E2", Some(4)),
            ("01", None),
            ("-", None),
            ("1.", None),
            (".5", None),
            ("1e", None),
            ("x", None),
        ] {
            assert_eq!(number(text.as_bytes()), length, "{text}");
        }
    }

    #[test]
    fn words() {
        assert_eq!(word(b"true,"), Some(4));
        assert_eq!(word(b"nul"), None);
    }
}
