//! What a reload cannot bring into force, so that it can be said.

use super::{Plan, RecordingKey};

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
        fixed(
            kept(self) == kept(new),
            "recordings: the directory, `sync` and sizes",
        );
        let key = |plan: &Self| plan.recordings.as_ref().map(|kept| key_id(&kept.key));
        fixed(key(self) == key(new), "recordings.signing_key");
        fixed(
            self.state_directory == new.state_directory,
            "state_directory",
        );
        fixed(
            (self.log.format, self.log.level) == (new.log.format, new.log.level),
            "log",
        );
        found
    }
}

/// What tells a key from another, without telling the key.
fn key_id(key: &RecordingKey) -> String {
    match key {
        RecordingKey::Known(key) => key.public().id(),
        RecordingKey::Create(path) => path.display().to_string(),
    }
}
