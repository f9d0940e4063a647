//! A session told again, with its times.

use super::record::Record;
use super::source::Reader;
use super::transcript;
use crate::recordings::error::Error;

/// One moment of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Microseconds since the session's first event.
    pub at: u64,
    /// When, in microseconds since the Unix epoch.
    pub time: u64,
    /// The kind of event.
    pub kind: String,
    /// What happened, safe for a terminal, without line feed at its end.
    pub text: String,
    /// For `output` that the agent saw: the bytes as they were, for a terminal that may be
    /// controlled by them.
    pub raw: Option<Vec<u8>>,
}

impl Reader {
    /// The frames of a session, in order. To play it at speed, wait for the
    /// difference of [`Frame::at`] between frames.
    ///
    /// # Errors
    /// [`Error::NotFound`] and those of the disk.
    pub fn replay(
        &self,
        session: &str,
    ) -> Result<impl Iterator<Item = Result<Frame, Error>> + use<>, Error> {
        let mut start = None;
        Ok(self.show(session)?.map(move |record| {
            let record = record?;
            let start = *start.get_or_insert(record.time);
            Ok(Frame::new(&record, start))
        }))
    }
}

impl Frame {
    fn new(record: &Record, start: u64) -> Self {
        Self {
            at: record.time.saturating_sub(start),
            time: record.time,
            kind: record.kind.clone(),
            text: transcript::tell(record),
            raw: (record.kind == "output" && !transcript::is_input(record))
                .then(|| transcript::bytes(record)),
        }
    }

    /// The frame as a line of a transcript: `[    1.234567] text`.
    pub fn line(&self) -> String {
        let (seconds, micros) = (self.at / 1_000_000, self.at % 1_000_000);
        let mut out = String::new();
        for (index, line) in self.text.split('\n').enumerate() {
            if index == 0 {
                out.push_str(&format!("[{seconds:>5}.{micros:06}] {line}"));
            } else {
                out.push_str(&format!("\n{:15}{line}", ""));
            }
        }
        out
    }
}
