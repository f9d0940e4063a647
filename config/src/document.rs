//! A YAML file as one JSON value with the position of everything in it.
//!
//! There is one parser, so what is checked and what is reported cannot
//! disagree about where, or what, a value is. Kept to the part of YAML 1.2
//! that a reader sees through: one document, string keys, no tags, no merge
//! keys. Aliases are expanded within bounds.

mod builder;
mod limits;
mod scalar;

use saphyr_parser::{Event, Marker, Parser};
use serde_json::Value;

pub(crate) use limits::MAX_BYTES;

use crate::error::Error;
use crate::positions::{Position, Positions};
use builder::Builder;

/// A parsed file.
pub(crate) struct Document {
    /// Its content.
    pub value: Value,
    /// Where everything stands.
    pub positions: Positions,
}

/// Parses a file's text.
///
/// Duplicate keys are collected, since they do not stop the parser; a syntax
/// error or a bound that is exceeded ends it.
pub(crate) fn parse(text: &str) -> Result<Document, Vec<Error>> {
    if text.len() > MAX_BYTES {
        return Err(vec![fault(
            START,
            format!("is longer than {MAX_BYTES} bytes"),
        )]);
    }
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let fault = fault(
                    position(*error.marker()),
                    format!("is not YAML: {}", error.info()),
                );
                return Err(builder.fail(fault));
            }
        };
        if matches!(event, Event::StreamEnd) {
            break;
        }
        if let Err(fault) = builder.event(event, position(span.start)) {
            return Err(builder.fail(fault));
        }
    }
    builder.finish()
}

const START: Position = Position { line: 1, column: 1 };

/// The parser counts lines from 1 and columns from 0.
fn position(marker: Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col().saturating_add(1),
    }
}

fn fault(at: Position, message: impl Into<String>) -> Error {
    Error {
        pointer: String::new(),
        line: at.line,
        column: at.column,
        message: message.into(),
        suggestion: None,
    }
}

#[cfg(test)]
mod tests;
