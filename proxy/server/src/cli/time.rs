//! Times, as people read and write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The year 9999, past which nothing is shown.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Microseconds since 1970, now.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds since 1970 in RFC 3339, to the second.
pub(super) fn stamp(micros: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_micros(micros).min(LAST);
    humantime::format_rfc3339_seconds(time).to_string()
}

/// A duration in its two largest units: `9m 30s`.
pub(super) fn span(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    if seconds == 0 {
        return format!("{}ms", micros / 1000);
    }
    let text = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// When something is, seen from now: `in 9m 30s`, `2h ago`.
pub(super) fn relative(micros: u64, now: u64) -> String {
    match micros.checked_sub(now) {
        Some(left) => format!("in {}", span(left)),
        None => format!("{} ago", span(now - micros)),
    }
}

/// A point in time as it is given on the command line: RFC 3339, or a duration
/// before now.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    if let Ok(before) = humantime::parse_duration(text) {
        let before = u64::try_from(before.as_micros()).unwrap_or(u64::MAX);
        return Ok(now().saturating_sub(before));
    }
    humantime::parse_rfc3339_weak(text)
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_micros()).ok())
        .ok_or_else(|| {
            "not a time; write 2026-01-31T12:00:00Z, or a duration such as 2h".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units() {
        assert_eq!(span(570_000_000), "9m 30s");
        assert_eq!(span(3_661_000_000), "1h 1m");
        assert_eq!(span(1_500), "1ms");
        assert_eq!(relative(10_000_000, 5_000_000), "in 5s");
        assert_eq!(relative(5_000_000, 10_000_000), "5s ago");
    }

    #[test]
    fn points_are_absolute_or_before_now() {
        assert_eq!(parse("2023-11-14T22:13:20Z"), Ok(1_700_000_000_000_000));
        assert!(parse("1h").unwrap() < now());
        assert!(parse("yesterday").is_err());
    }
}
