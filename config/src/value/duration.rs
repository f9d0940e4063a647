//! Durations as people write them: `250ms`, `30s`, `10m`, `1h 30m`.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::text::{Refused, Text, text_value};

/// A duration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HumanDuration(Duration);

impl HumanDuration {
    /// So many seconds.
    pub const fn secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// So many milliseconds.
    pub const fn millis(milliseconds: u64) -> Self {
        Self(Duration::from_millis(milliseconds))
    }

    /// The duration itself.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl Text for HumanDuration {
    const FORMAT: &'static str = "human-duration";
    const EXPECTED: &'static str = "a duration such as 30s";

    fn parse(text: &str) -> Result<Self, Refused> {
        humantime::parse_duration(text).map(Self).map_err(|_| {
            Refused::hint(
                "is not a duration",
                "write a number with its unit, such as 250ms, 30s, 10m or 1h",
            )
        })
    }
}

text_value!(
    HumanDuration,
    "A number with its unit: `250ms`, `30s`, `10m`, `1h 30m`."
);

impl Serialize for HumanDuration {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl From<HumanDuration> for Duration {
    fn from(duration: HumanDuration) -> Self {
        duration.0
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

impl fmt::Debug for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_required() {
        assert_eq!(
            HumanDuration::parse("250ms"),
            Ok(HumanDuration::millis(250))
        );
        assert_eq!(
            HumanDuration::parse("1h 30m"),
            Ok(HumanDuration::secs(5400))
        );
        for text in [
            "",
            "10",
            "-1s",
            "1.s",
            "ten seconds",
            "99999999999999999999s",
        ] {
            assert!(HumanDuration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_as_written() {
        assert_eq!(HumanDuration::secs(600).to_string(), "10m");
    }
}
