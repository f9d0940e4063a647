//! Who waits for which request to change.

use std::collections::HashMap;

use tokio::sync::watch;

use super::request::State;

/// One channel per request that somebody waits for. Watch channels belong to
/// no runtime, so a waiter may sit on any core.
#[derive(Default)]
pub(super) struct Subscribers {
    channels: HashMap<String, watch::Sender<State>>,
}

impl Subscribers {
    /// Subscribes to `id`, which is in `state` now. The caller reads the state
    /// and subscribes in one step of the store's thread, so no change falls
    /// between the two.
    pub(super) fn subscribe(&mut self, id: &str, state: State) -> watch::Receiver<State> {
        self.channels
            .retain(|_, channel| channel.receiver_count() > 0);
        match self.channels.get(id) {
            Some(channel) => channel.subscribe(),
            None => {
                let (sender, receiver) = watch::channel(state);
                self.channels.insert(id.to_owned(), sender);
                receiver
            }
        }
    }

    /// Tells whoever waits for `id`.
    pub(super) fn publish(&mut self, id: &str, state: State) {
        if let Some(channel) = self.channels.get(id) {
            channel.send_if_modified(|known| {
                let changed = *known != state;
                *known = state;
                changed
            });
        }
    }
}
