//! Taking turns within one thread: whoever is in the middle of a call when it
//! gives way keeps others waiting. Costs nothing when nobody waits.

use std::cell::Cell;

use tokio::sync::Notify;

/// Something that one at a time may use.
#[derive(Default)]
pub(crate) struct Turns {
    taken: Cell<bool>,
    /// Futures that wait, or have just been woken.
    waiting: Cell<usize>,
    over: Notify,
}

/// A turn; it ends when this is dropped.
pub(crate) struct Turn<'a>(&'a Turns);

/// Counts a future that waits for as long as it lives.
struct Waiting<'a>(&'a Cell<usize>);

impl Turns {
    /// True while nobody has a turn.
    pub(crate) fn is_free(&self) -> bool {
        !self.taken.get()
    }

    /// Waits for a turn.
    pub(crate) async fn take(&self) -> Turn<'_> {
        if self.taken.get() {
            self.waiting.set(self.waiting.get() + 1);
            let _waiting = Waiting(&self.waiting);
            while self.taken.get() {
                // One that is woken and then dropped wakes the next: `Notify`
                // sees to that.
                self.over.notified().await;
            }
        }
        self.taken.set(true);
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.taken.set(false);
        if self.0.waiting.get() > 0 {
            self.0.over.notify_one();
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test]
    async fn turns_do_not_overlap_and_all_come_about() {
        let (turns, inside, done) = (Turns::default(), Cell::new(0), Cell::new(0));
        let user = async || {
            for _ in 0..5 {
                let _turn = turns.take().await;
                inside.set(inside.get() + 1);
                assert_eq!(inside.get(), 1);
                tokio::task::yield_now().await;
                inside.set(inside.get() - 1);
                done.set(done.get() + 1);
            }
        };
        tokio::join!(user(), user(), user());
        assert_eq!(done.get(), 15);
        assert!(turns.is_free());
    }

    #[tokio::test]
    async fn one_that_gives_up_waiting_holds_nobody_up() {
        let turns = Turns::default();
        let first = turns.take().await;
        assert!(
            timeout(Duration::from_millis(1), turns.take())
                .await
                .is_err()
        );
        let third = turns.take();
        let (_, turn) = tokio::join!(
            async {
                sleep(Duration::from_millis(1)).await;
                drop(first);
            },
            timeout(Duration::from_secs(5), third)
        );
        assert!(turn.is_ok());
    }
}
