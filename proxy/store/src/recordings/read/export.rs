//! A session for other programs.

use std::io::Write;

use serde_json::json;

use super::source::Reader;
use crate::recordings::error::Error;

/// Width of the terminal that an asciicast claims.
const COLUMNS: u32 = 160;
/// Its height.
const LINES: u32 = 48;

/// What to export as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The recorded lines, byte for byte.
    JsonLines,
    /// asciicast v2, for asciinema and its players.
    Asciicast,
}

impl Reader {
    /// Writes a session to `out`.
    ///
    /// # Errors
    /// [`Error::NotFound`] and those of the disk and of `out`.
    pub fn export(&self, session: &str, format: Format, out: &mut dyn Write) -> Result<(), Error> {
        match format {
            Format::JsonLines => self.export_lines(session, out)?,
            Format::Asciicast => self.export_asciicast(session, out)?,
        }
        Ok(out.flush()?)
    }

    fn export_lines(&self, session: &str, out: &mut dyn Write) -> Result<(), Error> {
        let mut source = self.source(Some(session))?;
        let mut found = false;
        while let Some(written) = source.next_of(session, |_, _, line| {
            Some(out.write_all(line).and_then(|()| out.write_all(b"\n")))
        })? {
            written?;
            found = true;
        }
        if found {
            Ok(())
        } else {
            Err(Error::NotFound(session.to_owned()))
        }
    }

    fn export_asciicast(&self, session: &str, out: &mut dyn Write) -> Result<(), Error> {
        for (index, frame) in self.replay(session)?.enumerate() {
            let frame = frame?;
            if index == 0 {
                let header = json!({
                    "version": 2,
                    "width": COLUMNS,
                    "height": LINES,
                    "timestamp": frame.time / 1_000_000,
                    "title": session,
                });
                writeln!(out, "{header}")?;
            }
            let text = match &frame.raw {
                Some(raw) => String::from_utf8_lossy(raw).into_owned(),
                None => format!("{}\r\n", frame.text.replace('\n', "\r\n")),
            };
            // Seconds as text, so that no digit is lost to a float.
            let (seconds, micros) = (frame.at / 1_000_000, frame.at % 1_000_000);
            writeln!(out, "[{seconds}.{micros:06}, \"o\", {}]", json!(text))?;
        }
        Ok(())
    }
}
