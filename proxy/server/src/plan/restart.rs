//! What a reload cannot bring into force, so that it can be said.

use std::net::SocketAddr;

use super::Plan;

impl Plan {
    /// What of `new` only a restart brings into force, in words for the log;
    /// `self` is the plan that the gateway was started with.
    pub fn needs_restart(&self, new: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut fixed = |same: bool, what: &str| {
            if !same {
                found.push(what.to_owned());
            }
        };
        fixed(
            self.admin.as_ref().map(|admin| admin.bind)
                == new.admin.as_ref().map(|admin| admin.bind),
            "admin.bind",
        );
        let bounds = |plan: &Self| {
            let store = &plan.approvals;
            (store.directory.clone(), store.open, store.open_per_identity)
        };
        fixed(
            bounds(self) == bounds(new),
            "approvals: the path and the limits",
        );
        let mut sinks = new.webhooks.iter().map(|webhook| &webhook.name);
        fixed(
            sinks.all(|name| self.webhooks.iter().any(|known| known.name == *name)),
            "approvals.webhooks: a new address",
        );
        let kept = |plan: &Self| {
            plan.recordings.as_ref().map(|recordings| {
                (
                    recordings.directory.clone(),
                    recordings.sync,
                    recordings.segment_size,
                    recordings.head_interval,
                )
            })
        };
        fixed(kept(self) == kept(new), "recordings");
        fixed(
            self.state_directory == new.state_directory,
            "state_directory",
        );
        fixed(
            (self.log.format, self.log.level) == (new.log.format, new.log.level),
            "log",
        );
        found.extend(self.listeners_that_differ(new));
        found
    }

    /// Listeners that have come, gone or moved.
    fn listeners_that_differ(&self, new: &Self) -> Vec<String> {
        let ports = |plan: &Self| -> Vec<(String, SocketAddr)> {
            let listeners = plan.listeners.iter();
            listeners
                .map(|listener| (listener.name.clone(), listener.bind))
                .collect()
        };
        let (old, new) = (ports(self), ports(new));
        let gone = old.iter().filter(|port| !new.contains(port));
        let gone = gone.map(|(name, bind)| {
            format!("listener {name} at {bind} is no longer configured; it stays open")
        });
        let come = new.iter().filter(|port| !old.contains(port));
        let come = come.map(|(name, bind)| format!("listener {name} at {bind} is new"));
        gone.chain(come).collect()
    }
}
