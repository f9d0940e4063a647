//! A file beside the configuration: `file:path`.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::text::{Refused, Text, text_value};

/// A reference to a file, as written; relative to the configuration's
/// directory.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FileRef(PathBuf);

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system says no.
    #[error("`{reference}` cannot be read: {source}")]
    Io {
        /// The reference as written.
        reference: String,
        /// What the system says.
        source: io::Error,
    },
    /// A directory, pipe or device, which could block or never end.
    #[error("`{0}` is not a regular file")]
    NotRegular(String),
    /// Longer than expected.
    #[error("`{reference}` is longer than {limit} bytes")]
    TooLong {
        /// The reference as written.
        reference: String,
        /// The bound, in bytes.
        limit: usize,
    },
}

impl FileRef {
    /// Its path, given the directory of the configuration.
    pub fn path(&self, dir: &Path) -> PathBuf {
        dir.join(&self.0)
    }

    /// Its content, if that is at most `limit` bytes. The buffer is wiped on
    /// failure and never grows, so no copy is left behind.
    pub fn read(&self, dir: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
        let failed = |source| FileError::Io {
            reference: self.to_string(),
            source,
        };
        let path = self.path(dir);
        let metadata = path.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(FileError::NotRegular(self.to_string()));
        }
        let too_long = || FileError::TooLong {
            reference: self.to_string(),
            limit,
        };
        let length = usize::try_from(metadata.len()).map_err(|_| too_long())?;
        if length > limit {
            return Err(too_long());
        }
        // One byte more shows whether the file has grown meanwhile.
        let mut content = Zeroizing::new(Vec::with_capacity(limit.saturating_add(1)));
        let file = File::open(&path).map_err(failed)?;
        let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(bound).read_to_end(&mut content).map_err(failed)?;
        if content.len() > limit {
            return Err(too_long());
        }
        Ok(std::mem::take(&mut *content))
    }
}

impl Text for FileRef {
    const FORMAT: &'static str = "file-reference";
    const EXPECTED: &'static str = "a file, `file:path`";

    fn parse(text: &str) -> Result<Self, Refused> {
        match text.strip_prefix("file:") {
            None => Err(Refused::hint(
                "is not a reference to a file",
                "write `file:path`",
            )),
            Some("") => Err(Refused::new("names no file after `file:`")),
            Some(path) if path.contains('\0') => {
                Err(Refused::new("has a NUL byte in the name of a file"))
            }
            Some(path) => Ok(Self(path.into())),
        }
    }
}

text_value!(
    FileRef,
    "A file: `file:path`, relative to the directory of this configuration."
);

impl fmt::Display for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "file:{}", self.0.display())
    }
}

impl fmt::Debug for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_to_the_configuration() {
        let file = FileRef::parse("file:tls/gw.crt").unwrap();
        assert_eq!(
            file.path(Path::new("/etc/gate")),
            Path::new("/etc/gate/tls/gw.crt")
        );
        let file = FileRef::parse("file:/run/gw.crt").unwrap();
        assert_eq!(file.path(Path::new("/etc/gate")), Path::new("/run/gw.crt"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = FileRef::parse("file:gone")
            .unwrap()
            .read(Path::new("/nowhere"), 10);
        assert!(
            error
                .unwrap_err()
                .to_string()
                .starts_with("`file:gone` cannot be read: ")
        );
    }
}
