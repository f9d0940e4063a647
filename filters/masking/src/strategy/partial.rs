//! Keeping a few characters, so that a person recognises a value they know.

/// Fewest digits of a number of which the last four stay.
const DIGITS: usize = 8;
/// Fewest characters of a text of which the first stays.
const CHARACTERS: usize = 4;
/// Stands for what is gone, whatever its length.
const GONE: &str = "***";

/// Appends a text with most of it gone.
pub(crate) fn partial(text: &str, out: &mut Vec<u8>) {
    if !email(text, out) && !number(text, out) {
        first(text, out);
    }
}

/// `anna@example.com` is `a***@e***.com`.
fn email(text: &str, out: &mut Vec<u8>) -> bool {
    let bytes = text.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'@');
    let dot = bytes.iter().rposition(|byte| *byte == b'.');
    let (Some(at), Some(dot)) = (at, dot) else {
        return false;
    };
    let parts = (text.get(..at), text.get(at + 1..dot), text.get(dot + 1..));
    let (Some(local), Some(host), Some(top)) = parts else {
        return false;
    };
    let is_top = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || !byte.is_ascii();
    let is_apart = |byte: u8| byte == b'@' || byte.is_ascii_whitespace();
    if top.len() < 2 || !top.bytes().all(is_top) || local.bytes().chain(host.bytes()).any(is_apart)
    {
        return false;
    }
    first(local, out);
    out.push(b'@');
    first(host, out);
    out.push(b'.');
    out.extend_from_slice(top.as_bytes());
    true
}

/// A number with the last four digits: `***1111`.
fn number(text: &str, out: &mut Vec<u8>) -> bool {
    let is_part = |byte: u8| {
        byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+')
    };
    let digits = || text.bytes().filter(u8::is_ascii_digit);
    if !text.bytes().all(is_part) || digits().next().is_none() {
        return false;
    }
    out.extend_from_slice(GONE.as_bytes());
    let count = digits().count();
    if count >= DIGITS {
        out.extend(digits().skip(count - 4));
    }
    true
}

/// The first character, of texts that it does not give away.
fn first(text: &str, out: &mut Vec<u8>) {
    let mut characters = text.chars();
    let kept = characters
        .next()
        .filter(|_| characters.nth(CHARACTERS - 2).is_some());
    if let Some(kept) = kept {
        out.extend_from_slice(kept.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.extend_from_slice(GONE.as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn partial(text: &str) -> String {
        let mut out = Vec::new();
        super::partial(text, &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn values() {
        for (text, expected) in [
            ("anna@example.com", "a***@e***.com"),
            ("ann@example.com", "***@e***.com"),
            ("anna.lee@mail.example.co.uk", "a***@m***.uk"),
            ("4111 1111 1111 1234", "***1234"),
            ("+49 30 1234567", "***4567"),
            ("12345", "***"),
            ("Ångström", "Å***"),
            ("Ann", "***"),
            ("", "***"),
            ("anna@localhost", "a***"),
            ("a b@example.com", "a***"),
            ("secret text", "s***"),
        ] {
            assert_eq!(partial(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn little_is_left(text in "\\PC{4,80}") {
            let kept = partial(&text);
            let shown = kept.chars().filter(|c| *c != '*').count();
            let top = text.rsplit_once('.').map_or(0, |(_, top)| top.chars().count());
            prop_assert!(shown <= 4.max(top + 4), "{text:?} shows {kept:?}");
        }
    }
}
