//! Social security numbers of the United States: `AAA-GG-SSSS`, with hyphens or
//! spaces. Nine digits in a row are too common to be taken for one.

use std::ops::Range;

use super::bytes::{at, before, run};

/// Length in bytes.
const LENGTH: usize = 11;

/// Looks from the first digit of a run.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let end = anchor + LENGTH;
    let separator = at(text, anchor + 3);
    let shaped = matches!(separator, b'-' | b' ')
        && at(text, anchor + 6) == separator
        && digits(text, anchor, 3)
        && digits(text, anchor + 4, 2)
        && digits(text, anchor + 7, 4);
    let first = before(text, anchor);
    let goes_on = first.is_ascii_alphanumeric()
        || at(text, end).is_ascii_alphanumeric()
        || (first == b'-' && separator == b'-')
        || (at(text, end) == b'-' && at(text, end + 1).is_ascii_digit());
    if !shaped || goes_on {
        return None;
    }
    // Numbers that the Social Security Administration does not give out.
    let area = text.get(anchor..anchor + 3)?;
    let given = area != b"000"
        && area != b"666"
        && !area.starts_with(b"9")
        && text.get(anchor + 4..anchor + 6)? != b"00"
        && text.get(anchor + 7..end)? != b"0000";
    given.then_some(anchor..end)
}

/// True when exactly so many digits stand here.
fn digits(text: &[u8], from: usize, count: usize) -> bool {
    run(text, from, count + 1, |byte| byte.is_ascii_digit()) == from + count
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn numbers() {
        table(
            Kind::Ssn,
            &[
                ("078-05-1120", &["078-05-1120"]),
                ("ssn: 219 09 9999.", &["219 09 9999"]),
                ("(457-55-5462)", &["457-55-5462"]),
                ("000-12-3456", &[]),
                ("666-12-3456", &[]),
                ("912-12-3456", &[]),
                ("078-00-1120", &[]),
                ("078-05-0000", &[]),
                ("078-05 1120", &[]),
                ("1078-05-1120", &[]),
                ("078-05-11201", &[]),
                ("1-078-05-1120", &[]),
                ("078051120", &[]),
            ],
        );
    }
}
