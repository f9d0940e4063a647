//! Where each value of the file stands, by JSON pointer.

use std::collections::HashMap;

use crate::error::Error;
use crate::pointer;

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Positions of every key and value of a file.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    /// Where values begin.
    values: HashMap<String, Position>,
    /// Where the keys of mapping members begin, by the member's pointer.
    keys: HashMap<String, Position>,
}

impl Positions {
    /// Where the value at `pointer` begins, or the nearest value around it
    /// that the file has: a filter may complain of a member that is missing.
    /// The start of the file if there is not even that.
    pub fn locate(&self, pointer: &str) -> Position {
        Self::nearest(&self.values, pointer)
    }

    /// Where the key at `pointer` begins; falls back to [`Self::locate`].
    pub fn locate_key(&self, pointer: &str) -> Position {
        match self.keys.get(pointer) {
            Some(position) => *position,
            None => self.locate(pointer),
        }
    }

    /// An error at the value that `pointer` names, for complaints that come
    /// from outside this crate, such as a filter's about its configuration.
    pub fn error(
        &self,
        pointer: impl Into<String>,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) -> Error {
        let pointer = pointer.into();
        let Position { line, column } = self.locate(&pointer);
        Error {
            pointer,
            line,
            column,
            message: message.into(),
            suggestion,
        }
    }

    pub(crate) fn put_value(&mut self, pointer: String, position: Position) {
        self.values.insert(pointer, position);
    }

    pub(crate) fn put_key(&mut self, pointer: String, position: Position) {
        self.keys.insert(pointer, position);
    }

    fn nearest(map: &HashMap<String, Position>, pointer: &str) -> Position {
        let mut at = Some(pointer);
        while let Some(pointer) = at {
            if let Some(position) = map.get(pointer) {
                return *position;
            }
            at = pointer::parent(pointer);
        }
        Position { line: 1, column: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_back_to_the_nearest_parent() {
        let mut positions = Positions::default();
        positions.put_value("/a".into(), Position { line: 3, column: 5 });
        assert_eq!(positions.locate("/a/0/x"), Position { line: 3, column: 5 });
        assert_eq!(positions.locate("/b"), Position { line: 1, column: 1 });
    }
}
