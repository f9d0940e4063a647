//! JSON pointers (RFC 6901): how a place in the configuration is named,
//! independent of how the file is laid out.

use std::fmt::Write;

/// `pointer` with one more member or index; escapes `~` and `/` (RFC 6901,
/// section 3).
pub fn child(pointer: &str, token: impl std::fmt::Display) -> String {
    let mut text = String::new();
    let _ = write!(text, "{token}");
    if text.contains(['~', '/']) {
        text = text.replace('~', "~0").replace('/', "~1");
    }
    format!("{pointer}/{text}")
}

/// The pointer without its last token; `None` for the whole document.
pub(crate) fn parent(pointer: &str) -> Option<&str> {
    pointer.rsplit_once('/').map(|(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_are_escaped() {
        assert_eq!(child("/chains", "a/b~c"), "/chains/a~1b~0c");
        assert_eq!(child("", 3), "/3");
    }

    #[test]
    fn the_document_has_no_parent() {
        assert_eq!(parent("/a/b"), Some("/a"));
        assert_eq!(parent("/a"), Some(""));
        assert_eq!(parent(""), None);
    }
}
