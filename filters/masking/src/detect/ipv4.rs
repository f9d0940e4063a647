//! Addresses of the Internet protocol, version 4, in dotted decimal.

use std::ops::Range;

use super::bytes::{at, before, run};

/// Looks from the first digit of a run.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let first = before(text, anchor);
    if first.is_ascii_alphanumeric() || first == b'.' {
        return None;
    }
    let mut index = anchor;
    for part in 0..4 {
        if part > 0 {
            if at(text, index) != b'.' {
                return None;
            }
            index += 1;
        }
        let end = run(text, index, 4, |byte| byte.is_ascii_digit());
        let digits = std::str::from_utf8(text.get(index..end)?).ok()?;
        let leads = digits.len() > 1 && digits.starts_with('0');
        if leads || digits.parse::<u8>().is_err() {
            return None;
        }
        index = end;
    }
    let after = at(text, index);
    let more = after == b'.' && at(text, index + 1).is_ascii_digit();
    (!after.is_ascii_alphanumeric() && !more).then_some(anchor..index)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn addresses() {
        table(
            Kind::Ipv4,
            &[
                ("192.0.2.1", &["192.0.2.1"]),
                ("from 10.0.0.1:5432, ok", &["10.0.0.1"]),
                ("0.0.0.0/0", &["0.0.0.0"]),
                ("at 10.0.0.1.", &["10.0.0.1"]),
                ("256.0.0.1", &[]),
                ("1.2.3", &[]),
                ("1.2.3.4.5", &[]),
                ("v1.2.3.4", &[]),
                ("01.2.3.4", &[]),
                ("1.2.3.4a", &[]),
            ],
        );
    }
}
