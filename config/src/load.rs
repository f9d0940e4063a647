//! From a file to a checked configuration.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Errors};
use crate::fault::Faults;
use crate::model::Config;
use crate::positions::Positions;
use crate::{check, document, pointer, schema, shape};

/// A configuration that passed its checks, and where everything in it stands.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Where each value stands in the file.
    pub positions: Positions,
    /// The file, as it was named.
    pub path: PathBuf,
    /// The file's directory, absolute: relative paths in it start here.
    pub dir: PathBuf,
}

/// Reads and checks a file: everything but what only filters, the file system
/// and the network can tell.
pub fn load(path: impl AsRef<Path>) -> Result<Loaded, Errors> {
    let path = path.as_ref();
    let text = read(path).map_err(|error| Errors::new(path, vec![error]))?;
    parse(&text, path)
}

/// Checks a configuration's text. `path` is where it is from: it is named in
/// errors, and relative paths start at its directory.
pub fn parse(text: &str, path: impl AsRef<Path>) -> Result<Loaded, Errors> {
    let path = path.as_ref();
    let failed = |errors| Errors::new(path, errors);
    let document::Document {
        mut value,
        positions,
    } = document::parse(text).map_err(failed)?;
    let mut faults = shape::check(schema::shared(), &value);
    // With the unknown keys gone the rest may be whole enough to be checked on,
    // so that its errors come in the same go.
    let only_unknown = faults
        .iter()
        .all(|fault| fault.at_key && remove(&mut value, &fault.pointer));
    if only_unknown {
        match read_types(value) {
            Ok(config) => {
                faults.extend(check::check(&config));
                if faults.is_empty() {
                    let dir = directory(path);
                    return Ok(Loaded {
                        config,
                        positions,
                        path: path.to_owned(),
                        dir,
                    });
                }
            }
            // A key that was misspelt is missing now; that has been said.
            Err(fault) if faults.is_empty() => faults.extend(fault),
            Err(_) => {}
        }
    }
    Err(failed(faults.into_errors(&positions)))
}

impl Loaded {
    /// A path of the configuration, absolute.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.dir.join(path)
    }

    /// The errors of others about this file, such as a filter's about its
    /// configuration, in the form of this crate's own.
    pub fn errors(&self, errors: Vec<Error>) -> Errors {
        Errors::new(&self.path, errors)
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let failed = |message: String| Error {
        pointer: String::new(),
        line: 0,
        column: 0,
        message,
        suggestion: None,
    };
    let system = |error: std::io::Error| failed(format!("cannot be read: {error}"));
    if !path.metadata().map_err(system)?.is_file() {
        return Err(failed("is not a regular file".to_owned()));
    }
    let bound = u64::try_from(document::MAX_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(system)?
        .take(bound)
        .read_to_end(&mut bytes)
        .map_err(system)?;
    String::from_utf8(bytes)
        .map_err(|error| failed(format!("is not UTF-8: {}", error.utf8_error())))
}

/// Takes a member out; false if there is none.
fn remove(value: &mut Value, at: &str) -> bool {
    let Some((parent, token)) = pointer::parent(at).and_then(|parent| {
        let token = at.get(parent.len() + 1..)?;
        Some((parent, token.replace("~1", "/").replace("~0", "~")))
    }) else {
        return false;
    };
    let members = value.pointer_mut(parent).and_then(Value::as_object_mut);
    members.is_some_and(|members| members.remove(&token).is_some())
}

/// Reads a value that has the right shape into types. What fails here the shape
/// should have caught, so the message is plain and quotes nothing.
fn read_types(value: Value) -> Result<Config, Faults> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = error
            .path()
            .iter()
            .fold(String::new(), |at, segment| match segment {
                serde_path_to_error::Segment::Seq { index } => pointer::child(&at, index),
                serde_path_to_error::Segment::Map { key } => pointer::child(&at, key),
                serde_path_to_error::Segment::Enum { .. }
                | serde_path_to_error::Segment::Unknown => at,
            });
        let mut faults = Faults::default();
        faults.value(at, "is not what belongs here", None);
        faults
    })
}

fn directory(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute
        .parent()
        .map_or_else(|| PathBuf::from("/"), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_has_no_position() {
        let dir = tempfile::tempdir().unwrap();
        let errors = load(dir.path()).unwrap_err();
        assert_eq!(errors.errors[0].message, "is not a regular file");
        let errors = load(dir.path().join("gone.yaml")).unwrap_err();
        assert!(
            errors.to_string().contains("gone.yaml: cannot be read: "),
            "{errors}"
        );
        std::fs::write(dir.path().join("latin1.yaml"), b"a: \xe4").unwrap();
        let errors = load(dir.path().join("latin1.yaml")).unwrap_err();
        assert!(
            errors.errors[0].message.starts_with("is not UTF-8"),
            "{errors}"
        );
    }

    #[test]
    fn members_are_taken_out_by_pointer() {
        let mut value = serde_json::json!({"a": {"b/c": 1, "d": 2}});
        assert!(remove(&mut value, "/a/b~1c"));
        assert!(!remove(&mut value, "/a/x"));
        assert_eq!(value, serde_json::json!({"a": {"d": 2}}));
    }
}
