//! One recorded event, as read back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One recorded event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The segment.
    pub segment: String,
    /// The line in it.
    pub n: u64,
    /// When, in microseconds since the Unix epoch.
    pub time: u64,
    /// The session.
    pub session: String,
    /// Position within the session.
    pub seq: u64,
    /// The kind, such as `operation`.
    pub kind: String,
    /// What it carries.
    pub data: serde_json::Value,
}

/// A line taken apart, its data not yet looked at.
#[derive(Deserialize)]
pub(super) struct Raw<'a> {
    pub(super) n: u64,
    pub(super) t: u64,
    #[serde(borrow)]
    pub(super) session: Cow<'a, str>,
    pub(super) seq: u64,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) data: &'a RawValue,
}

impl<'a> Raw<'a> {
    /// `None` when the line is not an event.
    pub(super) fn parse(line: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    /// The event with its data; `None` when that is nested too deeply.
    pub(super) fn record(&self, segment: &str) -> Option<Record> {
        Some(Record {
            segment: segment.to_owned(),
            n: self.n,
            time: self.t,
            session: self.session.clone().into_owned(),
            seq: self.seq,
            kind: self.kind.clone().into_owned(),
            data: serde_json::from_str(self.data.get()).ok()?,
        })
    }
}
