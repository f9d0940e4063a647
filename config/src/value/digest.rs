//! The digest that pins a filter's file: `sha256:` and 64 hexadecimal digits.

use std::fmt;

use super::text::{Refused, Text, text_value};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest's bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Text for Digest {
    const FORMAT: &'static str = "digest";
    const EXPECTED: &'static str = "a digest, `sha256:` and 64 hexadecimal digits";

    fn parse(text: &str) -> Result<Self, Refused> {
        let refused = || {
            Refused::hint(
                "is not a digest",
                "write `sha256:` and 64 lower-case hexadecimal digits",
            )
        };
        let digits = text.strip_prefix("sha256:").ok_or_else(refused)?.as_bytes();
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() != 32 {
            return Err(refused());
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)
                .zip(nibble(*low))
                .map(|(h, l)| h << 4 | l)
                .ok_or_else(refused)?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

text_value!(
    Digest,
    "`sha256:` and the 64 lower-case hexadecimal digits of the file's SHA-256."
);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_as_written() {
        let text = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(Digest::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn other_lengths_and_letters_are_refused() {
        for digits in [
            "0a".repeat(31),
            "0a".repeat(32) + "0",
            "0A".repeat(32),
            "é".repeat(32),
        ] {
            assert!(
                Digest::parse(&format!("sha256:{digits}")).is_err(),
                "{digits}"
            );
        }
        assert!(Digest::parse(&"0a".repeat(32)).is_err());
    }
}
