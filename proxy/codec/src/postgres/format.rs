//! Formats of values, and the three ways in which a message lists them.

use super::Error;
use super::read::Reader;
use super::write::Writer;

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The type's text form.
    #[default]
    Text,
    /// The type's `send` form.
    Binary,
}

/// Formats of several values: none given, one for all, or one for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Formats {
    /// No format code: all are text.
    #[default]
    Unspecified,
    /// One format code, for all values.
    All(Format),
    /// One format code for each value.
    Each(Vec<Format>),
}

impl Format {
    /// The format of a code.
    pub fn from_code(code: i16) -> Option<Self> {
        match code {
            0 => Some(Self::Text),
            1 => Some(Self::Binary),
            _ => None,
        }
    }

    /// Its code on the wire.
    pub fn code(self) -> i16 {
        match self {
            Self::Text => 0,
            Self::Binary => 1,
        }
    }
}

impl Formats {
    /// Number of format codes on the wire.
    pub fn len(&self) -> usize {
        match self {
            Self::Unspecified => 0,
            Self::All(_) => 1,
            Self::Each(formats) => formats.len(),
        }
    }

    /// True when no format code is given.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The format of value `index`; text where no code reaches.
    pub fn get(&self, index: usize) -> Format {
        match self {
            Self::Unspecified => Format::Text,
            Self::All(format) => *format,
            Self::Each(formats) => formats.get(index).copied().unwrap_or_default(),
        }
    }

    /// True if the codes are right for that many values: none, one, or as many.
    pub fn fits(&self, values: usize) -> bool {
        match self {
            Self::Unspecified | Self::All(_) => true,
            Self::Each(formats) => formats.len() <= 1 || formats.len() == values,
        }
    }

    /// Refuses codes that do not fit that many values.
    pub(super) fn check(&self, message: &'static str, values: usize) -> Result<(), Error> {
        if self.fits(values) {
            return Ok(());
        }
        Err(Error::FormatCount {
            message,
            formats: self.len(),
            values,
        })
    }

    pub(super) fn read(input: &mut Reader) -> Result<Self, Error> {
        Ok(match input.count(2)? {
            0 => Self::Unspecified,
            1 => Self::All(input.format()?),
            count => Self::Each(
                (0..count)
                    .map(|_| input.format())
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    pub(super) fn write(&self, out: &mut Writer<'_>) -> Result<(), Error> {
        out.count(self.len())?;
        match self {
            Self::Unspecified => {}
            Self::All(format) => out.format(*format),
            Self::Each(formats) => formats.iter().for_each(|format| out.format(*format)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Format, Formats};
    use crate::postgres::Error;
    use crate::postgres::read::Reader;

    fn read(bytes: &'static [u8]) -> Result<Formats, Error> {
        Formats::read(&mut Reader::new("Test", Bytes::from_static(bytes)))
    }

    #[test]
    fn none_one_or_each() {
        assert_eq!(read(b"\0\0"), Ok(Formats::Unspecified));
        assert_eq!(read(b"\0\x01\0\x01"), Ok(Formats::All(Format::Binary)));
        let each = Formats::Each(vec![Format::Text, Format::Binary]);
        assert_eq!(read(b"\0\x02\0\0\0\x01"), Ok(each.clone()));

        assert_eq!(each.get(1), Format::Binary);
        assert_eq!(Formats::All(Format::Binary).get(9), Format::Binary);
        assert!(each.fits(2) && !each.fits(3));
        assert!(Formats::Unspecified.fits(3) && Formats::All(Format::Text).fits(0));
    }

    #[test]
    fn there_is_no_format_two() {
        let error = Error::FormatCode {
            message: "Test",
            code: 2,
        };
        assert_eq!(read(b"\0\x01\0\x02"), Err(error));
    }
}
