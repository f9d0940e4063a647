//! How much a filter may log: so many lines a second over all its instances,
//! since a filter has as many of these as it has sessions.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// Lines a second.
pub(crate) const LINES: u32 = 100;

/// The lines that a filter may still log.
#[derive(Debug)]
pub(crate) struct Lines {
    start: Instant,
    /// The second since `start` that `written` counts in.
    second: AtomicU64,
    written: AtomicU32,
}

/// Whether a line is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It is.
    Written,
    /// It is the first that is not.
    First,
    /// It is not.
    Dropped,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            second: AtomicU64::new(0),
            written: AtomicU32::new(0),
        }
    }
}

impl Lines {
    /// Takes one of the lines of this second.
    pub(crate) fn take(&self) -> Line {
        self.take_in(self.start.elapsed().as_secs())
    }

    fn take_in(&self, second: u64) -> Line {
        // Two threads that enter a second together may both begin it, which
        // lets a line more through.
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.written.store(0, Ordering::Relaxed);
        }
        // Four billion lines do not fit into a second.
        match self.written.fetch_add(1, Ordering::Relaxed) {
            count if count < LINES => Line::Written,
            LINES => Line::First,
            _ => Line::Dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_so_many_lines_and_the_next_as_many() {
        let lines = Lines::default();
        for second in [0, 1] {
            for _ in 0..LINES {
                assert_eq!(lines.take_in(second), Line::Written);
            }
            assert_eq!(lines.take_in(second), Line::First);
            assert_eq!(lines.take_in(second), Line::Dropped);
        }
    }
}
