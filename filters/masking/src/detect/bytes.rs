//! Small steps over bytes that several detectors take.

/// The byte at an index, NUL where there is none.
pub(super) fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or(0)
}

/// The byte before an index, NUL where there is none.
pub(super) fn before(text: &[u8], index: usize) -> u8 {
    index.checked_sub(1).map_or(0, |index| at(text, index))
}

/// Index of the first byte from `from` that is not of the class, at most `most`
/// bytes on.
pub(super) fn run(text: &[u8], from: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .take(most)
        .take_while(|byte| class(**byte))
        .count()
}

/// Index of the first byte of the run of the class that ends before `to`, at
/// most `most` bytes back.
pub(super) fn run_back(text: &[u8], to: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(..to).unwrap_or_default();
    to - rest
        .iter()
        .rev()
        .take(most)
        .take_while(|byte| class(**byte))
        .count()
}

/// True when the text has exactly this before the index.
pub(super) fn ends_with(text: &[u8], to: usize, what: &[u8]) -> bool {
    text.get(..to).is_some_and(|text| text.ends_with(what))
}

/// Characters of base64url, of which tokens are made.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
