//! Which filter: one of the built-in five by name, or a file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::text::{Refused, Text, text_value};
use crate::suggest::did_you_mean;

/// A filter, as written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum FilterRef {
    /// One that comes with the gateway.
    BuiltIn(&'static str),
    /// A component in a file; relative to the configuration's directory.
    File(PathBuf),
}

/// The filters that come with the gateway.
pub(super) const BUILT_IN: [&str; 5] = ["auth", "policy", "approval", "masking", "recording"];

impl FilterRef {
    /// It is the built-in filter of that name.
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::BuiltIn(built_in) if *built_in == name)
    }

    /// Path of its file, given the directory of the configuration; `None` for
    /// a built-in filter.
    pub fn path(&self, dir: &Path) -> Option<PathBuf> {
        match self {
            Self::BuiltIn(_) => None,
            Self::File(path) => Some(dir.join(path)),
        }
    }
}

impl Text for FilterRef {
    const FORMAT: &'static str = "filter";
    const EXPECTED: &'static str = "a filter, by name or as a path that ends in .wasm";

    fn parse(text: &str) -> Result<Self, Refused> {
        if text.ends_with(".wasm") && !text.contains('\0') {
            return Ok(Self::File(text.into()));
        }
        if let Some(name) = BUILT_IN.into_iter().find(|name| *name == text) {
            return Ok(Self::BuiltIn(name));
        }
        let hint = did_you_mean(text, BUILT_IN).unwrap_or_else(|| {
            format!(
                "write one of {}, or a path that ends in .wasm",
                BUILT_IN.join(", ")
            )
        });
        Err(Refused::hint("names no filter", hint))
    }
}

text_value!(
    FilterRef,
    "`auth`, `policy`, `approval`, `masking`, `recording`, or the path of a component, which ends \
     in `.wasm` and is relative to the directory of this configuration."
);

impl fmt::Display for FilterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(name) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Debug for FilterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_a_file() {
        assert!(FilterRef::parse("auth").unwrap().is("auth"));
        let file = FilterRef::parse("./filters/office-hours.wasm").unwrap();
        assert_eq!(
            file.path(Path::new("/etc")),
            Some("/etc/./filters/office-hours.wasm".into())
        );
        let refused = FilterRef::parse("polcy").unwrap_err();
        assert_eq!(
            refused.suggestion.as_deref(),
            Some("did you mean `policy`?")
        );
    }
}
