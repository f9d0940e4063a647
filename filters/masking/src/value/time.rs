//! Days and times of which only the year stays.

use super::{Class, Format};

/// Days from 1970-01-01, where civil dates are counted from here, to
/// 2000-01-01, where PostgreSQL's binary formats count from.
const EPOCH: i64 = 10_957;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Appends the first moment of the value's year. `None` for infinity, years
/// before Christ and whatever else cannot be read.
pub(super) fn year(value: &[u8], format: Format, out: &mut Vec<u8>) -> Option<()> {
    match (format.class, format.binary) {
        (Class::Date, true) => {
            let days = i32::from_be_bytes(value.try_into().ok()?);
            let first = first_day(finite(i64::from(days), i32::MIN.into(), i32::MAX.into())?);
            out.extend_from_slice(&i32::try_from(first).ok()?.to_be_bytes());
        }
        (_, true) => {
            let moment = i64::from_be_bytes(value.try_into().ok()?);
            let moment = finite(moment, i64::MIN, i64::MAX)?;
            let first = first_day(moment.div_euclid(DAY)).checked_mul(DAY)?;
            out.extend_from_slice(&first.to_be_bytes());
        }
        (class, false) => {
            let year = text_year(value)?;
            out.extend_from_slice(year);
            out.extend_from_slice(b"-01-01");
            match class {
                Class::Timestamp => out.extend_from_slice(b" 00:00:00"),
                Class::TimestampTz => out.extend_from_slice(b" 00:00:00+00"),
                _ => {}
            }
        }
    }
    Some(())
}

/// The ends of the range stand for infinity.
fn finite(value: i64, least: i64, most: i64) -> Option<i64> {
    (value != least && value != most).then_some(value)
}

/// The year of `yyyy-mm-dd…`.
fn text_year(value: &[u8]) -> Option<&[u8]> {
    let year = value.get(..4)?;
    let iso = year.iter().all(u8::is_ascii_digit) && value.get(4) == Some(&b'-');
    (iso && !value.ends_with(b"BC")).then_some(year)
}

/// The first day of a day's year, both counted from 2000-01-01.
fn first_day(day: i64) -> i64 {
    days_to(year_of(day + EPOCH)) - EPOCH
}

/// Days from 1970-01-01 to the first day of a year of the Gregorian calendar.
fn days_to(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
}

/// The year of a day counted from 1970-01-01.
fn year_of(day: i64) -> i64 {
    // A guess by the mean year is at most one year off.
    let mut year = 1970 + (day * 400).div_euclid(146_097);
    while days_to(year) > day {
        year -= 1;
    }
    while days_to(year + 1) <= day {
        year += 1;
    }
    year
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DAY, days_to, first_day, year, year_of};
    use crate::value::{Class, Format};

    fn masked(class: Class, binary: bool, value: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        year(value, Format { class, binary }, &mut out).map(|()| out)
    }

    fn text(class: Class, value: &str) -> Option<String> {
        masked(class, false, value.as_bytes()).map(|out| String::from_utf8(out).expect("text"))
    }

    #[test]
    fn texts() {
        assert_eq!(
            text(Class::Date, "1984-05-17").as_deref(),
            Some("1984-01-01")
        );
        assert_eq!(
            text(Class::Timestamp, "1984-05-17 10:11:12.5").as_deref(),
            Some("1984-01-01 00:00:00")
        );
        assert_eq!(
            text(Class::TimestampTz, "1984-05-17 10:11:12+02").as_deref(),
            Some("1984-01-01 00:00:00+00")
        );
        for value in ["infinity", "0044-03-15 BC", "17/05/1984", "", "12345-01-01"] {
            assert_eq!(text(Class::Date, value), None, "{value}");
        }
    }

    #[test]
    fn binary() {
        // 1984-05-17 is 5708 days before 2000-01-01, and 1984-01-01 5844.
        let date = masked(Class::Date, true, &(-5708_i32).to_be_bytes());
        assert_eq!(date.as_deref(), Some(&(-5844_i32).to_be_bytes()[..]));
        let moment = masked(
            Class::Timestamp,
            true,
            &(-5708 * DAY + 12_345).to_be_bytes(),
        );
        assert_eq!(moment.as_deref(), Some(&(-5844 * DAY).to_be_bytes()[..]));
        assert_eq!(masked(Class::Date, true, &i32::MAX.to_be_bytes()), None);
        assert_eq!(
            masked(Class::TimestampTz, true, &i64::MIN.to_be_bytes()),
            None
        );
        assert_eq!(masked(Class::Date, true, b"abc"), None);
    }

    #[test]
    fn years() {
        assert_eq!(
            (days_to(1970), days_to(2000), days_to(2001)),
            (0, 10_957, 11_323)
        );
        assert_eq!(
            (year_of(0), year_of(-1), year_of(364), year_of(365)),
            (1970, 1969, 1970, 1971)
        );
    }

    proptest! {
        #[test]
        fn the_first_day_is_in_the_same_year(day in -2_500_000_i64..100_000_000) {
            let first = first_day(day);
            prop_assert!(first <= day && day - first < 366);
            prop_assert_eq!(first_day(first), first);
            prop_assert_ne!(first_day(first - 1), first);
        }
    }
}
