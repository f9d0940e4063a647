//! Names of segments: `<writer>-<number>.jsonl`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Digits of a number, so that names sort as their numbers do.
const DIGITS: usize = 8;
/// Longest writer id.
const MAX_WRITER: usize = 32;
/// Extension of segments.
const EXTENSION: &str = ".jsonl";

/// A segment's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name {
    /// The writer.
    pub(super) writer: String,
    /// Its running number, from 1.
    pub(super) number: u64,
}

/// Whether `writer` can name segments.
pub(super) fn is_writer(writer: &str) -> bool {
    (1..=MAX_WRITER).contains(&writer.len())
        && writer
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

impl Name {
    /// The name without its extension, as it stands in headers and heads.
    pub(super) fn stem(&self) -> String {
        format!("{}-{:0DIGITS$}", self.writer, self.number)
    }

    /// The name of that stem; only the one spelling that [`Name::stem`] has.
    pub(super) fn parse(stem: &str) -> Option<Self> {
        let (writer, digits) = stem.split_once('-')?;
        let name = Self {
            writer: writer.to_owned(),
            number: digits.parse().ok()?,
        };
        (is_writer(writer) && name.number > 0 && name.stem() == stem).then_some(name)
    }

    /// Where the segment is.
    pub(super) fn path(&self, directory: &Path) -> PathBuf {
        directory.join(format!("{}{EXTENSION}", self.stem()))
    }
}

/// All segments in `directory`, by writer and number. Other files are not ours.
pub(super) fn list(directory: &Path) -> io::Result<Vec<Name>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let file = entry?.file_name();
        let name = file
            .to_str()
            .and_then(|file| file.strip_suffix(EXTENSION))
            .and_then(Name::parse);
        names.extend(name);
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn one_spelling_each() {
        let name = Name::parse("w0-00000012").unwrap();
        assert_eq!((name.writer.as_str(), name.number), ("w0", 12));
        assert_eq!(Name::parse("w0-123456789").unwrap().number, 123_456_789);
        for bad in [
            "heads",
            "w0-12",
            "w0-000000012",
            "w0-00000000",
            "W0-00000001",
            "-00000001",
            "w/0-00000001",
            "w0-+0000001",
        ] {
            assert_eq!(Name::parse(bad), None, "{bad}");
        }
    }
}
