//! Access key identifiers of AWS: a prefix that tells the kind, then sixteen
//! characters of base32.

use std::ops::Range;

use super::bytes::{at, before, run};

/// Prefixes of long-lived and of temporary keys.
const PREFIXES: [&[u8]; 2] = [b"AKIA", b"ASIA"];
/// Characters after the prefix.
const REST: usize = 16;

/// Looks from an `A`.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let rest = text.get(anchor..)?;
    let known = PREFIXES.iter().any(|prefix| rest.starts_with(prefix));
    if !known || before(text, anchor).is_ascii_alphanumeric() {
        return None;
    }
    let from = anchor + 4;
    let end = run(text, from, REST, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    });
    (end == from + REST && !at(text, end).is_ascii_alphanumeric()).then_some(anchor..end)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn keys() {
        table(
            Kind::AwsKey,
            &[
                ("AKIAIOSFODNN7EXAMPLE", &["AKIAIOSFODNN7EXAMPLE"]),
                ("id=ASIAIOSFODNN7EXAMPLE,", &["ASIAIOSFODNN7EXAMPLE"]),
                ("\"AKIAIOSFODNN7EXAMPLE\"", &["AKIAIOSFODNN7EXAMPLE"]),
                ("AKIAIOSFODNN7EXAMPL", &[]),
                ("AKIAIOSFODNN7EXAMPLEX", &[]),
                ("XAKIAIOSFODNN7EXAMPLE", &[]),
                ("AKIAiosfodnn7example", &[]),
            ],
        );
    }
}
