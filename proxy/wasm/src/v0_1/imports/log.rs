//! The gateway's log.

use wasmtime::Result;

use crate::lines::{LINES, Line};
use crate::v0_1::bindings::narrowgate::filter::log;
use crate::v0_1::data::Data;

/// Longest line, in bytes.
const LINE: usize = 1024;

impl log::Host for Data {
    fn write(&mut self, level: log::Level, message: String) -> Result<()> {
        self.particular = true;
        let filter = self.name.as_str();
        match self.lines.take() {
            Line::Written => {}
            Line::First => {
                tracing::warn!(filter, "more than {LINES} lines a second are not logged");
                return Ok(());
            }
            Line::Dropped => return Ok(()),
        }
        let message = line(&message);
        match level {
            log::Level::Debug => tracing::debug!(filter, message),
            log::Level::Info => tracing::info!(filter, message),
            log::Level::Warn => tracing::warn!(filter, message),
            log::Level::Error => tracing::error!(filter, message),
        }
        Ok(())
    }
}

/// The line of a text: cut off, and with nothing in it that could pass for
/// another line or move a terminal's cursor.
fn line(text: &str) -> String {
    let text = text.get(..text.floor_char_boundary(LINE)).unwrap_or(text);
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() {
            true => line.extend(character.escape_default()),
            false => line.push(character),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line("a\nb\u{1b}[2J ä"), "a\\nb\\u{1b}[2J ä");
    }

    #[test]
    fn a_line_is_cut_off_between_characters() {
        let text = format!("{}ä", "x".repeat(LINE - 1));
        assert_eq!(line(&text), "x".repeat(LINE - 1));
    }
}
