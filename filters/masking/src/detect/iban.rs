//! International bank account numbers, ISO 13616: country, two check digits,
//! up to 30 more; also written in groups of four.

use std::ops::Range;

use super::bytes::{at, before};
use super::iban_lengths::length;

/// Looks from the first digit of a run, which the country stands before.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let start = anchor.checked_sub(2)?;
    let country = [at(text, start), at(text, start + 1)].map(|byte| byte.to_ascii_uppercase());
    if before(text, start).is_ascii_alphanumeric() {
        return None;
    }
    let characters = length(country)?;
    let end = is_valid(text, start, characters)?;
    (!at(text, end).is_ascii_alphanumeric()).then_some(start..end)
}

/// Where the number ends, if it is one: ISO 7064 MOD 97-10 over the number with
/// its first four characters moved to the end.
fn is_valid(text: &[u8], start: usize, characters: usize) -> Option<usize> {
    let (mut head, mut tail) = (0_u32, 0_u32);
    let mut index = start;
    for place in 0..characters {
        if place >= 4 && place % 4 == 0 && matches!(at(text, index), b' ' | b'-') {
            index += 1;
        }
        let value = char::from(at(text, index)).to_digit(36)?;
        let sum = if place < 4 { &mut head } else { &mut tail };
        *sum = (*sum * if value > 9 { 100 } else { 10 } + value) % 97;
        index += 1;
    }
    // The four characters that go last are two letters and two digits.
    let checked = (tail * (1_000_000 % 97) + head) % 97;
    (checked == 1).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn numbers() {
        table(
            Kind::Iban,
            &[
                ("DE89370400440532013000", &["DE89370400440532013000"]),
                (
                    "DE89 3704 0044 0532 0130 00 to Ann",
                    &["DE89 3704 0044 0532 0130 00"],
                ),
                ("gb82WEST12345698765432", &["gb82WEST12345698765432"]),
                (
                    "(FR1420041010050500013M02606)",
                    &["FR1420041010050500013M02606"],
                ),
                ("NO9386011117947", &["NO9386011117947"]),
                (
                    "MT84MALT011000012345MTLCAST001S",
                    &["MT84MALT011000012345MTLCAST001S"],
                ),
                ("DE88370400440532013000", &[]),
                ("XX89370400440532013000", &[]),
                ("DE8937040044053201300", &[]),
                ("DE893704004405320130001", &[]),
                ("aDE89370400440532013000", &[]),
            ],
        );
    }
}
