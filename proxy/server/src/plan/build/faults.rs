//! Everything that is wrong with a configuration beyond its own checks.

use std::fmt::Display;

use narrowgate_config::{Error, Errors, Loaded, pointer_child};

/// Collects what is wrong, so that all of it is reported in one go.
pub(super) struct Faults<'a> {
    /// The configuration, for positions.
    loaded: &'a Loaded,
    /// What was found.
    errors: Vec<Error>,
}

impl<'a> Faults<'a> {
    /// Nothing found yet.
    pub(super) fn new(loaded: &'a Loaded) -> Self {
        Self {
            loaded,
            errors: Vec::new(),
        }
    }

    /// The value at `pointer` is wrong.
    pub(super) fn add(&mut self, pointer: &str, message: impl Display, suggestion: Option<String>) {
        let message = message.to_string();
        let error = self.loaded.positions.error(pointer, message, suggestion);
        self.errors.push(error);
    }

    /// What `outcome` holds; its error is one of the member `key` at `pointer`.
    pub(super) fn take<T, E: Display>(
        &mut self,
        pointer: &str,
        key: &str,
        outcome: Result<T, E>,
    ) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(&pointer_child(pointer, key), error, None);
                None
            }
        }
    }

    /// An error, if anything was found.
    pub(super) fn finish(self) -> Result<(), Errors> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(self.loaded.errors(self.errors)),
        }
    }
}
