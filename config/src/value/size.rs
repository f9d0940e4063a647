//! Sizes in bytes: `512B`, `4KiB`, `64MiB`, `1GiB`.

use std::fmt;

use serde::{Serialize, Serializer};

use super::text::{Refused, Text, text_value};

/// A number of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

/// Units, the largest first: only powers of 1024, so that nobody has to know
/// whether a megabyte is one.
const UNITS: [(&str, u64); 5] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl ByteSize {
    /// So many KiB.
    pub const fn kib(kib: u64) -> Self {
        Self(kib << 10)
    }

    /// So many MiB.
    pub const fn mib(mib: u64) -> Self {
        Self(mib << 20)
    }

    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of bytes as a length in memory; more than can be addressed
    /// is as much as can be addressed.
    pub fn len(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// No byte.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Text for ByteSize {
    const FORMAT: &'static str = "byte-size";
    const EXPECTED: &'static str = "a size such as 64MiB";

    fn parse(text: &str) -> Result<Self, Refused> {
        let refused = || {
            Refused::hint(
                "is not a size",
                "write a number with its unit: B, KiB, MiB, GiB or TiB",
            )
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(refused)?;
        let (number, unit) = text.split_at_checked(end).ok_or_else(refused)?;
        let unit = unit.trim_start();
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(refused)?;
        let number = number.parse::<u64>().map_err(|_| refused())?;
        number.checked_mul(*factor).map(Self).ok_or_else(refused)
    }
}

text_value!(
    ByteSize,
    "A number with its unit: `512B`, `4KiB`, `64MiB`, `1GiB`, `1TiB`."
);

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = UNITS
            .iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor));
        let (unit, factor) = largest.unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl fmt::Debug for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_required() {
        assert_eq!(ByteSize::parse("64MiB"), Ok(ByteSize::mib(64)));
        assert_eq!(ByteSize::parse("4 KiB"), Ok(ByteSize::kib(4)));
        for text in ["", "64", "64MB", "MiB", "1.5GiB", "99999999999TiB"] {
            assert!(ByteSize::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_in_the_largest_whole_unit() {
        assert_eq!(ByteSize::kib(2048).to_string(), "2MiB");
        assert_eq!(ByteSize(1025).to_string(), "1025B");
        assert_eq!(ByteSize(0).to_string(), "0B");
    }
}
