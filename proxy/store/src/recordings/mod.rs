//! Recordings: what was tried, decided, answered and shown, so that nobody can
//! change it unseen.
//!
//! ```text
//! w0-00000001.jsonl ──► w0-00000002.jsonl ──► …    one chain per writer thread
//! w1-00000001.jsonl ──► …
//! heads.jsonl                                       signed: "w0-00000002 has line 17, hash …"
//! ```
//!
//! Every line of a segment ends with the hash over the line before it and its
//! own bytes; the first line of a segment carries the last hash of the one
//! before. Heads are signed and chained among themselves, and leave the machine,
//! so that not even the whole directory can be put back to an earlier day.

mod chain;
mod disk;
mod encode;
mod error;
mod event;
mod header;
mod heads;
mod key;
mod mapped;
mod name;
mod options;
mod read;
mod recorder;
mod retention;
mod room;
mod rows;
mod secret;
mod segment;
mod signer;
mod tail;
mod writer;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod writer_tests;

pub use chain::Hash;
pub use disk::{Disk, FileDisk, Medium, Status};
pub use error::Error;
pub use event::{
    Approval, Data, Decision, Event, Identity, Message, Notification, Operation, Outcome, Output,
    SessionEnd, SessionStart,
};
pub use heads::{Entry, Head, Kind, Tombstone};
pub use key::{PublicKey, SigningKey};
pub use options::{Options, Sync};
pub use read::{
    Format, Frame, Problem, Reader, Record, Report, Session, SessionFilter, Tail, verify,
    verify_head,
};
pub use recorder::Recorder;
pub use retention::Retained;
pub use room::{Parameter, Room};
pub use rows::{Cell, Column, Fragment, Rows};
pub use secret::digest_secret;
pub use writer::{Position, Writer};

/// Longest line in bytes, hash and line feed included. Writers refuse longer
/// ones and readers report them.
pub const MAX_LINE: usize = 8 << 20;
