//! What can be wrong with bytes, or with a message that is to become bytes.
//!
//! Texts name the message and the number at fault, never its content, so they
//! may be logged.

/// Why something could not be decoded or encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A declared length that does not even cover itself.
    #[error("message '{}' declares a length of {length} bytes, less than 4", tag.escape_ascii())]
    LengthTooShort {
        /// Type byte of the message.
        tag: u8,
        /// Length as declared.
        length: i32,
    },

    /// A declared length above what the caller allows for this message.
    #[error("message '{}' has {length} bytes, more than the limit of {limit}", tag.escape_ascii())]
    TooLong {
        /// Type byte of the message.
        tag: u8,
        /// Bytes of its body.
        length: u32,
        /// Bytes allowed.
        limit: u32,
    },

    /// A type byte that this side of the protocol does not have.
    #[error("message type '{}' is unknown", tag.escape_ascii())]
    UnknownMessage {
        /// Type byte of the message.
        tag: u8,
    },

    /// The body ends within a field.
    #[error("{message} ends too early")]
    UnexpectedEnd {
        /// Name of the message.
        message: &'static str,
    },

    /// The body goes on after the last field.
    #[error("{message} has {count} bytes too many")]
    TrailingBytes {
        /// Name of the message.
        message: &'static str,
        /// Bytes left over.
        count: usize,
    },

    /// A string that is not ended by a zero byte.
    #[error("{message} has a string without its terminator")]
    Unterminated {
        /// Name of the message.
        message: &'static str,
    },

    /// A string that should be UTF-8 and is not.
    #[error("a string is not valid UTF-8")]
    NotUtf8,

    /// More entries than the body can hold, or than are accepted.
    #[error("{message} declares {count} entries, at most {limit} are possible")]
    Count {
        /// Name of the message.
        message: &'static str,
        /// Entries declared.
        count: i64,
        /// Entries that can be there.
        limit: usize,
    },

    /// A value's length that is negative and not -1, which is NULL.
    #[error("{message} has a value of length {length}")]
    ValueLength {
        /// Name of the message.
        message: &'static str,
        /// Length as declared.
        length: i32,
    },

    /// A format code other than 0 (text) and 1 (binary).
    #[error("{message} has the format code {code}")]
    FormatCode {
        /// Name of the message.
        message: &'static str,
        /// Code as sent.
        code: i16,
    },

    /// Format codes that are neither none, nor one, nor one for each value.
    #[error("{message} has {formats} format codes for {values} values")]
    FormatCount {
        /// Name of the message.
        message: &'static str,
        /// Format codes sent.
        formats: usize,
        /// Values sent.
        values: usize,
    },

    /// A byte that selects a variant, with a value that selects none.
    #[error("{message} has the unknown kind '{}'", kind.escape_ascii())]
    Kind {
        /// Name of the message.
        message: &'static str,
        /// Byte as sent.
        kind: u8,
    },

    /// An authentication request that is not spoken here (GSSAPI, SSPI ...).
    #[error("authentication request {code} is not supported")]
    UnsupportedAuthentication {
        /// Code of the request.
        code: i32,
    },

    /// A cancel key of a length that the protocol does not allow.
    #[error("a secret key of {length} bytes, 4 to 256 are allowed")]
    SecretKeyLength {
        /// Bytes of the key.
        length: usize,
    },

    /// First packet of a connection with an impossible length.
    #[error("start-up packet declares a length of {length} bytes")]
    StartupLength {
        /// Length as declared.
        length: i32,
    },

    /// A major protocol version other than 3.
    #[error("protocol version {major}.{minor} is not supported")]
    UnsupportedProtocol {
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },

    /// A StartupMessage that names no user.
    #[error("start-up packet names no user")]
    MissingUser,

    /// An answer to SSLRequest other than one byte `S` or `N`.
    #[error("unexpected answer to the request for encryption")]
    EncryptionAnswer,

    /// Bytes sent before the TLS handshake, as if they were protected by it.
    #[error("unencrypted data after the request for encryption")]
    EarlyData,

    /// A string to encode that contains a zero byte.
    #[error("{message} would have a zero byte within a string")]
    ZeroByte {
        /// Name of the message.
        message: &'static str,
    },

    /// A message or a list to encode that its length field cannot express.
    #[error("{message} is too large to be encoded")]
    TooLarge {
        /// Name of the message.
        message: &'static str,
    },

    /// Replacements of cells that are out of order or beyond the row.
    #[error("cell {index} of {cells} cannot be replaced in this order")]
    CellIndex {
        /// Cell to be replaced.
        index: usize,
        /// Cells in the row.
        cells: usize,
    },
}

impl Error {
    /// The SQLSTATE with which PostgreSQL reports this condition.
    pub fn sqlstate(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "22021",
            Self::UnsupportedProtocol { .. } | Self::UnsupportedAuthentication { .. } => "0A000",
            Self::MissingUser => "28000",
            _ => "08P01",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn texts_are_fit_for_a_log() {
        let error = Error::UnknownMessage { tag: 0x0a };
        assert_eq!(error.to_string(), "message type '\\n' is unknown");
        assert_eq!(error.sqlstate(), "08P01");
        assert_eq!(Error::MissingUser.sqlstate(), "28000");
    }
}
