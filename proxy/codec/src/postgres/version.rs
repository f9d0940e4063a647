//! The protocol's version: one 32-bit number on the wire, major in the upper half.

use std::fmt;

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion {
    /// Incompatible changes; 3 since PostgreSQL 7.4.
    pub major: u16,
    /// Compatible changes; 0 until PostgreSQL 17, 2 since 18.
    pub minor: u16,
}

impl ProtocolVersion {
    /// Understood by every server and client since PostgreSQL 7.4.
    pub const V3_0: Self = Self { major: 3, minor: 0 };
    /// Cancel keys of up to 256 bytes; PostgreSQL 18.
    pub const V3_2: Self = Self { major: 3, minor: 2 };

    /// From the number on the wire.
    pub fn from_code(code: u32) -> Self {
        let [a, b, c, d] = code.to_be_bytes();
        Self {
            major: u16::from_be_bytes([a, b]),
            minor: u16::from_be_bytes([c, d]),
        }
    }

    /// The number on the wire.
    pub fn code(self) -> u32 {
        u32::from(self.major) << 16 | u32::from(self.minor)
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::ProtocolVersion;

    #[test]
    fn codes_are_those_of_postgresql() {
        assert_eq!(ProtocolVersion::V3_0.code(), 196_608);
        assert_eq!(ProtocolVersion::from_code(196_610), ProtocolVersion::V3_2);
        assert_eq!(ProtocolVersion::V3_2.to_string(), "3.2");
    }
}
