//! Assertions about what somebody was told.

/// The text holds every part.
///
/// # Panics
/// When one is missing, with the text.
#[track_caller]
pub fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not said in:\n{text}");
    }
}

/// The text holds none of the parts.
///
/// # Panics
/// When one is there, with the text.
#[track_caller]
pub fn never(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(!text.contains(part), "{part:?} is said in:\n{text}");
    }
}
