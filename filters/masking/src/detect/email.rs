//! Email addresses (RFC 5322, as people write them: no quoted local parts, no
//! addresses without a top-level domain). Characters beyond ASCII count as
//! letters, for RFC 6531.

use std::ops::Range;

use super::bytes::{at, before, run, run_back};

/// Longest local part, RFC 5321 section 4.5.3.1.1.
const LOCAL: usize = 64;
/// Longest domain, RFC 5321 section 4.5.3.1.2.
const DOMAIN: usize = 255;

/// Looks around an `@`.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let mut start = run_back(text, anchor, LOCAL, is_local);
    while start < anchor && !is_edge(at(text, start)) {
        start += 1;
    }
    if start == anchor || before(text, anchor) == b'.' {
        return None;
    }
    let mut end = run(text, anchor + 1, DOMAIN, is_domain);
    while end > anchor && matches!(before(text, end), b'.' | b'-') {
        end -= 1;
    }
    let domain = text.get(anchor + 1..end)?;
    let dot = domain.iter().rposition(|byte| *byte == b'.')?;
    let top = domain.get(dot + 1..)?;
    let right = dot > 0
        && top.len() >= 2
        && top.iter().any(|byte| is_letter(*byte))
        && !domain.windows(2).any(|pair| pair == b"..");
    right.then_some(start..end)
}

/// Letters, also of other scripts.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

/// What a local part may begin with.
fn is_edge(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || matches!(byte, b'_' | b'+')
}

/// What a local part is made of.
fn is_local(byte: u8) -> bool {
    is_edge(byte) || matches!(byte, b'.' | b'%' | b'-' | b'\'' | b'/' | b'=' | b'&' | b'~')
}

/// What a domain is made of.
fn is_domain(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn addresses() {
        table(
            Kind::Email,
            &[
                ("ann@example.com", &["ann@example.com"]),
                (
                    "<Ann.Lee+x@mail.example.co.uk>, yes",
                    &["Ann.Lee+x@mail.example.co.uk"],
                ),
                ("mail a_b%c@ex-ample.org.", &["a_b%c@ex-ample.org"]),
                ("mailto:ann@example.com?subject=x", &["ann@example.com"]),
                ("jürgen@müller.de", &["jürgen@müller.de"]),
                ("{\"a\":\"x@y.zz\"}", &["x@y.zz"]),
                ("a@b.cc,d@e.ff", &["a@b.cc", "d@e.ff"]),
                ("o'brien@example.ie", &["o'brien@example.ie"]),
                ("'ann@example.com'", &["ann@example.com"]),
                ("x@y", &[]),
                ("@example.com", &[]),
                ("ann@", &[]),
                ("ann@.com", &[]),
                ("ann@a..com", &[]),
                ("ann.@example.com", &[]),
                ("ann@1.2", &[]),
                ("a @ b.com", &[]),
            ],
        );
    }
}
