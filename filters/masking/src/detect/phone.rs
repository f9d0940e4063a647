//! Telephone numbers: international ones with `+` (E.164, up to 15 digits) and
//! North American ones with separators. Digits alone could be anything.

use std::ops::Range;

use super::bytes::{at, before, run};

/// Fewest digits of an international number.
const FEWEST: usize = 7;
/// Most digits, E.164 section 6.
const MOST: usize = 15;

/// Looks from a `+`, a `(` or the first digit of a run.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    if before(text, anchor).is_ascii_alphanumeric() {
        return None;
    }
    match at(text, anchor) {
        b'+' => international(text, anchor),
        _ => north_american(text, anchor),
    }
}

/// `+49 (30) 123-4567`
fn international(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    if !matches!(at(text, anchor + 1), b'1'..=b'9') {
        return None;
    }
    let mut digits = 0;
    let mut index = anchor + 1;
    let mut end = index;
    loop {
        let byte = at(text, index);
        if byte.is_ascii_digit() {
            digits += 1;
            end = index + 1;
            if digits > MOST {
                return None;
            }
        } else if !separates(text, index) {
            break;
        }
        index += 1;
    }
    let apart = !at(text, end).is_ascii_alphabetic();
    (digits >= FEWEST && apart).then_some(anchor..end)
}

/// True for what may stand between two digits of one number.
fn separates(text: &[u8], index: usize) -> bool {
    let digit = |index| at(text, index).is_ascii_digit();
    match at(text, index) {
        b'(' => digit(index + 1),
        b' ' | b'-' | b'.' | b'/' => digit(index + 1) || at(text, index + 1) == b'(',
        b')' => digit(index + 1) || (at(text, index + 1) == b' ' && digit(index + 2)),
        _ => false,
    }
}

/// `(555) 123-4567`, `555-123-4567`, `1-555-123-4567`
fn north_american(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let mut index = anchor;
    if at(text, index) == b'1' && matches!(at(text, index + 1), b'-' | b' ' | b'.') {
        index += 2;
    }
    let bracket = at(text, index) == b'(';
    index = group(text, index + usize::from(bracket), 3, true)?;
    if bracket {
        if at(text, index) != b')' {
            return None;
        }
        index += 1;
        index += usize::from(at(text, index) == b' ');
    } else {
        index = separator(text, index)?;
    }
    index = separator(text, group(text, index, 3, true)?)?;
    let end = group(text, index, 4, false)?;
    let after = at(text, end);
    let goes_on = after.is_ascii_alphanumeric()
        || (after == b'-' && at(text, end + 1).is_ascii_digit())
        || matches!(before(text, anchor), b'-' | b'.');
    (!goes_on).then_some(anchor..end)
}

/// Where a group of exactly so many digits ends. Area codes and exchanges begin
/// with 2 to 9.
fn group(text: &[u8], from: usize, count: usize, leads: bool) -> Option<usize> {
    let end = run(text, from, count + 1, |byte| byte.is_ascii_digit());
    let right = end == from + count && !(leads && matches!(at(text, from), b'0' | b'1'));
    right.then_some(end)
}

/// The index after a separator.
fn separator(text: &[u8], index: usize) -> Option<usize> {
    matches!(at(text, index), b'-' | b' ' | b'.').then_some(index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn numbers() {
        table(
            Kind::Phone,
            &[
                ("+493012345678", &["+493012345678"]),
                ("call +49 (30) 123-4567 now", &["+49 (30) 123-4567"]),
                ("+1 415.555.2671,", &["+1 415.555.2671"]),
                ("+44 20 7946 0958", &["+44 20 7946 0958"]),
                ("(415) 555-2671", &["(415) 555-2671"]),
                ("tel:415-555-2671;", &["415-555-2671"]),
                ("1-415-555-2671", &["1-415-555-2671"]),
                ("415 555 2671", &["415 555 2671"]),
                ("(415)555-2671", &["(415)555-2671"]),
                ("+0123456789", &[]),
                ("+12345", &[]),
                ("+1234567890123456", &[]),
                ("1+1234567", &[]),
                ("115-555-2671", &[]),
                ("415-155-2671", &[]),
                ("4155552671", &[]),
                ("415-555-26711", &[]),
                ("2026-01-02", &[]),
                ("10:11:12.345+00:00", &[]),
            ],
        );
    }
}
