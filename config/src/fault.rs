//! What a check found, before it is known where in the file that is.

use crate::error::Error;
use crate::positions::Positions;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// JSON pointer of the value.
    pub pointer: String,
    /// The key is wrong, not its value.
    pub at_key: bool,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub suggestion: Option<String>,
    /// JSON pointer of the other value that it is in conflict with.
    pub other: Option<String>,
}

/// Everything that checks found.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// The value at `pointer` is wrong.
    pub(crate) fn value(
        &mut self,
        pointer: impl Into<String>,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let (pointer, message) = (pointer.into(), message.into());
        self.0.push(Fault {
            pointer,
            at_key: false,
            message,
            suggestion,
            other: None,
        });
    }

    /// The key at `pointer` is wrong.
    pub(crate) fn key(
        &mut self,
        pointer: impl Into<String>,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let (pointer, message) = (pointer.into(), message.into());
        self.0.push(Fault {
            pointer,
            at_key: true,
            message,
            suggestion,
            other: None,
        });
    }

    /// The value at `pointer` is in conflict with the one at `other`.
    pub(crate) fn conflict(
        &mut self,
        pointer: impl Into<String>,
        other: impl Into<String>,
        message: impl Into<String>,
    ) {
        let (pointer, message, other) = (pointer.into(), message.into(), Some(other.into()));
        self.0.push(Fault {
            pointer,
            at_key: false,
            message,
            suggestion: None,
            other,
        });
    }

    /// Nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Adds what another check found.
    pub(crate) fn extend(&mut self, others: Faults) {
        self.0.extend(others.0);
    }

    /// The errors to show, each with its place.
    pub(crate) fn into_errors(self, positions: &Positions) -> Vec<Error> {
        self.0
            .into_iter()
            .map(|fault| place(fault, positions))
            .collect()
    }
}

fn place(fault: Fault, positions: &Positions) -> Error {
    let at = match fault.at_key {
        true => positions.locate_key(&fault.pointer),
        false => positions.locate(&fault.pointer),
    };
    let mut message = fault.message;
    if let Some(other) = &fault.other {
        let other = positions.locate(other);
        message = format!("{message}, as at {}:{}", other.line, other.column);
    }
    Error {
        pointer: fault.pointer,
        line: at.line,
        column: at.column,
        message,
        suggestion: fault.suggestion,
    }
}
