//! What can go wrong with a recording.

use std::io;

/// Why an event, a head or a file was refused. Carries no content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk is full, read-only, gone or broken.
    #[error("recording cannot be stored: {0}")]
    Io(#[from] io::Error),
    /// The file that is written to has been deleted.
    #[error("recording cannot be stored: the segment has been removed from its directory")]
    Removed,
    /// The file that is written to was changed by somebody else.
    #[error("recording cannot be stored: the segment was changed from outside")]
    Altered,
    /// One event makes a line longer than [`MAX_LINE`](super::MAX_LINE).
    #[error("an event of {0} bytes is too long to be recorded")]
    TooLong(usize),
    /// An event could not be turned into JSON.
    #[error("an event cannot be encoded: {0}")]
    Encode(#[from] serde_json::Error),
    /// Another gateway records into the directory.
    #[error("the recording directory is in use by another gateway")]
    Locked,
    /// A writer id is taken, or not made of lower-case letters and digits.
    #[error("recording writer {0:?} exists already or is not a valid name")]
    Writer(String),
    /// A key file is not what it should be.
    #[error("recording key: {0}")]
    Key(&'static str),
    /// The log of heads cannot be continued.
    #[error("heads.jsonl is damaged: {0}; verify the directory and move it away")]
    Heads(&'static str),
    /// There is no such session.
    #[error("no session {0} is recorded here")]
    NotFound(String),
    /// The given text is not a signed head.
    #[error("not a signed head: {0}")]
    NotAHead(&'static str),
}
