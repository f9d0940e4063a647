//! Recordings read back. The files may have been written by anybody: every
//! line is bounded, nothing is trusted, nothing panics.

mod check;
mod export;
mod lines;
mod log;
mod record;
mod replay;
mod sessions;
mod source;
mod transcript;
mod verify;

#[cfg(test)]
mod tamper_tests;
#[cfg(test)]
mod tests;

pub use export::Format;
pub use record::Record;
pub use replay::Frame;
pub use sessions::{Session, SessionFilter};
pub use source::Reader;
pub use verify::{Problem, Report, Tail, verify, verify_head};

pub(super) use check::summary;
pub(super) use log::tombstones;
