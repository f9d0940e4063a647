//! What Describe and Close are about.

use crate::postgres::read::Reader;
use crate::postgres::write::Writer;
use crate::postgres::{Error, Text};

/// A prepared statement or a portal, by name; the empty name is the unnamed one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A prepared statement.
    Statement(Text),
    /// A portal.
    Portal(Text),
}

impl Target {
    /// The same with its name in memory of its own, see [`Text::detached`].
    #[must_use]
    pub fn detached(&self) -> Self {
        match self {
            Self::Statement(name) => Self::Statement(name.detached()),
            Self::Portal(name) => Self::Portal(name.detached()),
        }
    }

    pub(super) fn read(message: &'static str, input: &mut Reader) -> Result<Self, Error> {
        let kind = input.u8()?;
        let name = input.text()?;
        match kind {
            b'S' => Ok(Self::Statement(name)),
            b'P' => Ok(Self::Portal(name)),
            kind => Err(Error::Kind { message, kind }),
        }
    }

    pub(super) fn write(&self, out: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Statement(name) => {
                out.u8(b'S');
                out.text(name)
            }
            Self::Portal(name) => {
                out.u8(b'P');
                out.text(name)
            }
        }
    }
}
