//! What is wrong with a configuration, and where: every error points at the
//! value that somebody must change, as a JSON pointer and as line and column.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong.
///
/// Never quotes a value that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// JSON pointer (RFC 6901) of the value; empty for the whole file.
    pub pointer: String,
    /// Line, from 1; 0 if the file could not be read at all.
    pub line: usize,
    /// Column in characters, from 1; 0 if the file could not be read at all.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it, if that can be told.
    pub suggestion: Option<String>,
}

/// Everything that is wrong with a file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    /// The file.
    pub path: PathBuf,
    /// At least one error, at most [`MAX_ERRORS`].
    pub errors: Vec<Error>,
}

/// Errors reported at once; more are not read by anybody.
pub const MAX_ERRORS: usize = 100;

impl Errors {
    /// Errors of a file, sorted by their place in it.
    pub fn new(path: &Path, mut errors: Vec<Error>) -> Self {
        errors.sort_by_key(|error| (error.line, error.column));
        errors.dedup();
        errors.truncate(MAX_ERRORS);
        Self {
            path: path.to_owned(),
            errors,
        }
    }

    /// True when the file could not be read, so that nothing can be told about
    /// what is in it.
    pub fn unread(&self) -> bool {
        self.errors.iter().all(|error| error.line == 0)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Errors {
    /// `file:line:column: message; suggestion`, one error per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let path = self.path.display();
            match error.line {
                0 => write!(f, "{path}: {error}")?,
                line => write!(f, "{path}:{line}:{}: {error}", error.column)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
impl std::error::Error for Errors {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: usize, column: usize, message: &str) -> Error {
        Error {
            pointer: String::new(),
            line,
            column,
            message: message.into(),
            suggestion: None,
        }
    }

    #[test]
    fn errors_come_in_the_order_of_the_file() {
        let errors = Errors::new(
            Path::new("gate.yaml"),
            vec![error(3, 1, "b"), error(1, 7, "a")],
        );
        assert_eq!(errors.to_string(), "gate.yaml:1:7: a\ngate.yaml:3:1: b");
        assert!(!errors.unread());
    }

    #[test]
    fn a_file_that_cannot_be_read_has_no_position() {
        let errors = Errors::new(Path::new("gate.yaml"), vec![error(0, 0, "no such file")]);
        assert_eq!(errors.to_string(), "gate.yaml: no such file");
        assert!(errors.unread());
    }
}
