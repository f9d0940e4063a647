//! Payment card numbers: ISO/IEC 7812, 13 to 19 digits, also in groups with
//! spaces or hyphens between them.

use std::ops::Range;

use super::bytes::{at, before};

/// Fewest and most digits.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Most digits.
const MOST: usize = 19;

/// Looks from the first digit of a run.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let first = before(text, anchor);
    let fraction = first == b'.' && anchor >= 2 && before(text, anchor - 1).is_ascii_digit();
    if first.is_ascii_digit() || fraction {
        return None;
    }
    let mut digits = [0_u8; MOST];
    let mut count = 0;
    let mut index = anchor;
    // The longest number that ends with a group and is right.
    let mut end = None;
    while let (Some(slot), byte) = (digits.get_mut(count), at(text, index)) {
        if byte.is_ascii_digit() {
            *slot = byte - b'0';
            count += 1;
            index += 1;
            let number = digits.get(..count)?;
            if DIGITS.contains(&count) && !at(text, index).is_ascii_digit() && is_card(number) {
                end = Some(index);
            }
        } else if matches!(byte, b' ' | b'-') && at(text, index + 1).is_ascii_digit() {
            index += 1;
        } else {
            break;
        }
    }
    end.map(|end| anchor..end)
}

/// True for a known issuer's number with the right check digit.
fn is_card(number: &[u8]) -> bool {
    let prefix = |length: usize| {
        let digits = number.get(..length).unwrap_or_default();
        digits
            .iter()
            .fold(0_u32, |all, digit| all * 10 + u32::from(*digit))
    };
    let length = number.len();
    let issued = match prefix(2) {
        40..=49 => matches!(length, 13 | 16 | 19),
        51..=55 => length == 16,
        22..=27 => length == 16 && (2221..=2720).contains(&prefix(4)),
        34 | 37 => length == 15,
        36 | 38 | 39 => length >= 14,
        30 => length >= 14 && (300..=305).contains(&prefix(3)),
        35 => length >= 16 && (3528..=3589).contains(&prefix(4)),
        60 | 62 | 64 | 65 | 81 => length >= 16,
        50 | 56..=59 | 61 | 63 | 66..=69 => true,
        _ => false,
    };
    issued && luhn(number)
}

/// ISO/IEC 7812-1 annex B.
fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10) && number.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn numbers() {
        table(
            Kind::Card,
            &[
                ("4111111111111111", &["4111111111111111"]),
                ("card 4111 1111 1111 1111.", &["4111 1111 1111 1111"]),
                ("4111-1111-1111-1111,", &["4111-1111-1111-1111"]),
                ("3782 822463 10005", &["3782 822463 10005"]),
                ("5555555555554444", &["5555555555554444"]),
                ("2223003122003222", &["2223003122003222"]),
                ("6011111111111117", &["6011111111111117"]),
                ("30569309025904", &["30569309025904"]),
                ("3530111333300000", &["3530111333300000"]),
                ("6200000000000005", &["6200000000000005"]),
                ("4222222222222", &["4222222222222"]),
                ("no 12 4111 1111 1111 1111 12", &["4111 1111 1111 1111"]),
                ("pan=4111111111111111;x", &["4111111111111111"]),
                ("x4111111111111111x", &["4111111111111111"]),
                ("4111111111111112", &[]),
                ("1234567812345670", &[]),
                ("0000000000000000", &[]),
                ("411111111111", &[]),
                ("41111111111111111111111", &[]),
                ("4111  1111 1111 1111", &[]),
                ("0.4111111111111111", &[]),
                ("2026-01-02 10:11:12", &[]),
            ],
        );
    }
}
