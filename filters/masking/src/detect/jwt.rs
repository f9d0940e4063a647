//! JSON Web Tokens in compact form (RFC 7515 section 7.1): three parts, the
//! first of which begins with `eyJ`, the encoding of `{"`.

use std::ops::Range;

use super::bytes::{at, before, ends_with, is_token, run};

/// Fewest characters of the first two parts.
const FEWEST: usize = 8;

/// Looks around a `J`.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    if !ends_with(text, anchor, b"ey") {
        return None;
    }
    let start = anchor - 2;
    if is_token(before(text, start)) {
        return None;
    }
    let header = run(text, start, usize::MAX, is_token);
    if header < start + FEWEST || at(text, header) != b'.' {
        return None;
    }
    let payload = run(text, header + 1, usize::MAX, is_token);
    if payload < header + 1 + FEWEST || at(text, payload) != b'.' {
        return None;
    }
    let mut end = run(text, payload + 1, usize::MAX, is_token);
    // Encrypted tokens (RFC 7516) have five parts.
    while at(text, end) == b'.' && is_token(at(text, end + 1)) {
        end = run(text, end + 1, usize::MAX, is_token);
    }
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn tokens() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n";
        table(
            Kind::Jwt,
            &[
                (token, &[token]),
                (&format!("Authorization: Bearer {token}\r\n"), &[token]),
                (&format!("\"{token}\""), &[token]),
                (
                    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
                    &["eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."],
                ),
                ("eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc", &[]),
                ("eyJ.eyJ.x", &[]),
                ("eyJhbGciOiJIUzI1NiJ9", &[]),
                ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", &[]),
                ("heyJude.heyJude12345.x", &[]),
            ],
        );
    }
}
