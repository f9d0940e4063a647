//! Fields of errors and notices: a letter and a string each.

use crate::postgres::read::Reader;
use crate::postgres::write::Writer;
use crate::postgres::{Error, Text};

/// Fields that one message may have; PostgreSQL knows 18.
const MAX_FIELDS: usize = 64;

/// Letters of fields, as "Error and Notice Message Fields" of the protocol has
/// them.
pub mod field {
    /// Severity, in the session's language.
    pub const SEVERITY: u8 = b'S';
    /// Severity, never translated.
    pub const SEVERITY_NONLOCALIZED: u8 = b'V';
    /// SQLSTATE.
    pub const CODE: u8 = b'C';
    /// What happened, in one line.
    pub const MESSAGE: u8 = b'M';
    /// More about it; may quote values.
    pub const DETAIL: u8 = b'D';
    /// What to do.
    pub const HINT: u8 = b'H';
    /// Place in the text, in characters from 1.
    pub const POSITION: u8 = b'P';
    /// Place in a text that the server made.
    pub const INTERNAL_POSITION: u8 = b'p';
    /// Text that the server made.
    pub const INTERNAL_QUERY: u8 = b'q';
    /// Stack of functions; may quote values.
    pub const WHERE: u8 = b'W';
    /// Schema it is about.
    pub const SCHEMA_NAME: u8 = b's';
    /// Table it is about.
    pub const TABLE_NAME: u8 = b't';
    /// Column it is about.
    pub const COLUMN_NAME: u8 = b'c';
    /// Data type it is about.
    pub const DATA_TYPE_NAME: u8 = b'd';
    /// Constraint it is about.
    pub const CONSTRAINT_NAME: u8 = b'n';
    /// File in the server's source.
    pub const FILE: u8 = b'F';
    /// Line in the server's source.
    pub const LINE: u8 = b'L';
    /// Function in the server's source.
    pub const ROUTINE: u8 = b'R';
}

/// How severe an error or a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The statement fails.
    Error,
    /// The session ends.
    Fatal,
    /// All sessions of the server end.
    Panic,
    /// A notice: something may be wrong.
    Warning,
    /// A notice: something worth knowing.
    Notice,
    /// A notice for developers.
    Debug,
    /// A notice that was asked for.
    Info,
    /// A notice meant for the server's log.
    Log,
}

/// The fields in their order; letters that nobody knows are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(u8, Text)>);

impl Severity {
    /// As the wire has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
            Self::Panic => "PANIC",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Log => "LOG",
        }
    }
}

impl Fields {
    /// The fields that every message has: severity (both kinds), code, message.
    pub fn new(severity: Severity, sqlstate: &str, message: impl Into<String>) -> Self {
        Self::default()
            .with(field::SEVERITY, severity.as_str())
            .with(field::SEVERITY_NONLOCALIZED, severity.as_str())
            .with(field::CODE, sqlstate)
            .with(field::MESSAGE, message)
    }

    /// The same with one field more. A zero byte would end the string early, so
    /// each becomes a replacement character.
    #[must_use]
    pub fn with(mut self, letter: u8, value: impl Into<String>) -> Self {
        let mut value = value.into();
        if value.contains('\0') {
            value = value.replace('\0', "\u{fffd}");
        }
        self.0.push((letter, Text::from(value)));
        self
    }

    /// The same with a detail.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.with(field::DETAIL, detail)
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        self.with(field::HINT, hint)
    }

    /// The same with a place in the text, in characters from 1.
    #[must_use]
    pub fn position(self, position: usize) -> Self {
        self.with(field::POSITION, position.to_string())
    }

    /// The first field of that letter.
    pub fn get(&self, letter: u8) -> Option<&Text> {
        self.iter()
            .find(|(code, _)| *code == letter)
            .map(|(_, text)| text)
    }

    /// Letters and strings in their order.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &Text)> {
        self.0.iter().map(|(code, text)| (*code, text))
    }

    /// Keeps the fields for whose letter `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(u8) -> bool) {
        self.0.retain(|(code, _)| keep(*code));
    }

    pub(super) fn read(message: &'static str, input: &mut Reader) -> Result<Self, Error> {
        let mut fields = Vec::new();
        loop {
            let letter = input.u8()?;
            if letter == 0 {
                return Ok(Self(fields));
            }
            if fields.len() == MAX_FIELDS {
                return Err(Error::Count {
                    message,
                    count: MAX_FIELDS as i64 + 1,
                    limit: MAX_FIELDS,
                });
            }
            fields.push((letter, input.text()?));
        }
    }

    pub(super) fn write(&self, message: &'static str, out: &mut Writer<'_>) -> Result<(), Error> {
        for (letter, text) in &self.0 {
            if *letter == 0 {
                return Err(Error::ZeroByte { message });
            }
            out.u8(*letter);
            out.text(text)?;
        }
        out.u8(0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Severity, field};

    #[test]
    fn fields_in_order() {
        let mut fields = Fields::new(Severity::Error, "42501", "permission denied")
            .detail("rule billing-read")
            .hint("ask a dba")
            .position(8);
        let letters: Vec<_> = fields.iter().map(|(letter, _)| letter).collect();
        assert_eq!(letters, *b"SVCMDHP");
        assert_eq!(fields.get(field::POSITION).unwrap(), "8");

        fields.retain(|letter| letter == field::CODE);
        assert_eq!(fields.get(field::CODE).unwrap(), "42501");
        assert_eq!(fields.get(field::MESSAGE), None);
    }

    #[test]
    fn a_zero_byte_cannot_end_a_string() {
        let fields = Fields::default().with(field::MESSAGE, "a\0b");
        assert_eq!(fields.get(field::MESSAGE).unwrap(), "a\u{fffd}b");
    }
}
