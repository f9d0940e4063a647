//! Passwords inside URLs: `postgres://user:password@host` (RFC 3986 section
//! 3.2.1, deprecated there and everywhere in use).

use std::ops::Range;

use super::bytes::{at, run};

/// Longest user name and password that are looked at.
const MOST: usize = 256;

/// Looks from the `:` of `://`.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    if at(text, anchor + 1) != b'/' || at(text, anchor + 2) != b'/' {
        return None;
    }
    let user = run(text, anchor + 3, MOST, |byte| is_part(byte) && byte != b':');
    if at(text, user) != b':' {
        return None;
    }
    let end = run(text, user + 1, MOST, is_part);
    (at(text, end) == b'@' && end > user + 1).then_some(user + 1..end)
}

/// What a user name or password is made of.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'/' | b'@' | b'?' | b'#' | b'"' | b'<' | b'>')
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn urls() {
        table(
            Kind::UrlPassword,
            &[
                ("postgres://app:s3cret@db/billing", &["s3cret"]),
                ("see https://u:p%40ss@example.com.", &["p%40ss"]),
                ("redis://:hunter2@cache", &["hunter2"]),
                ("https://example.com:8080/a@b", &[]),
                ("https://user@example.com", &[]),
                ("https://example.com/a:b@c", &[]),
                ("a://b:@c", &[]),
            ],
        );
    }
}
