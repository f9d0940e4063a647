//! The keys of all issuers, kept fresh.
//!
//! Keys are fetched when they are first needed, then every half minute, so that
//! one which its issuer has withdrawn is refused within a minute. An issuer
//! that cannot be reached changes nothing for the keys that are known. A key
//! that is not known leads to a fetch, at most one each half minute and issuer,
//! however many tokens name it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::Mutex;

use super::discovery::{client, fetch};
use super::keyset::KeySet;
use crate::plan::{Issuer, KeySource};

/// Time between two fetches from one issuer.
const INTERVAL: Duration = Duration::from_secs(30);

/// The keys of all issuers.
pub struct Keys {
    /// By `iss`. Replaced whole when the configuration changes.
    issuers: ArcSwap<HashMap<String, Arc<IssuerKeys>>>,
    /// Fetches documents.
    client: reqwest::Client,
}

/// The keys of one issuer.
pub(super) struct IssuerKeys {
    /// The issuer as configured.
    pub(super) issuer: Arc<Issuer>,
    /// What is known of it, whatever else of its configuration changes.
    fetched: Arc<Fetched>,
}

/// What has been fetched from an issuer.
#[derive(Default)]
struct Fetched {
    /// Its keys, once they have been fetched.
    keys: ArcSwapOption<KeySet>,
    /// When the last fetch began; held while one is under way.
    last: Mutex<Option<Instant>>,
}

impl Keys {
    /// Keys of no issuer yet.
    pub fn new() -> Result<Self, reqwest::Error> {
        Ok(Self {
            issuers: ArcSwap::default(),
            client: client(None)?,
        })
    }

    /// Takes over the issuers of a configuration. What is known of one whose keys
    /// are where they were is kept, and when it was asked last.
    pub fn configure(&self, issuers: &[Arc<Issuer>]) {
        let old = self.issuers.load();
        let new = issuers
            .iter()
            .map(|issuer| {
                let kept = old
                    .get(&issuer.url)
                    .filter(|known| {
                        known.issuer.keys == issuer.keys && known.issuer.ca == issuer.ca
                    })
                    .map(|known| known.fetched.clone());
                let fetched = match &issuer.keys {
                    KeySource::Document(document) => {
                        let keys = KeySet::parse(document).ok().map(Arc::new);
                        Arc::new(Fetched {
                            keys: ArcSwapOption::new(keys),
                            ..Fetched::default()
                        })
                    }
                    _ => kept.unwrap_or_default(),
                };
                let entry = IssuerKeys {
                    issuer: issuer.clone(),
                    fetched,
                };
                (issuer.url.clone(), Arc::new(entry))
            })
            .collect();
        self.issuers.store(Arc::new(new));
    }

    /// The issuer whose `iss` this is.
    pub(super) fn by_url(&self, url: &str) -> Option<Arc<IssuerKeys>> {
        self.issuers.load().get(url).cloned()
    }

    /// The issuer of that name in the configuration.
    pub(super) fn by_name(&self, name: &str) -> Option<Arc<IssuerKeys>> {
        self.issuers
            .load()
            .values()
            .find(|entry| entry.issuer.name == name)
            .cloned()
    }

    /// Fetches the keys of an issuer, by its name, unless that was done just
    /// now. False when there are none afterwards.
    pub async fn fetch(&self, name: &str) -> bool {
        let Some(entry) = self.by_name(name) else {
            return false;
        };
        self.refresh(&entry).await;
        entry.keys().is_some()
    }

    /// Fetches the keys of all issuers anew, forever.
    pub async fn keep_fresh(&self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let entries: Vec<_> = self.issuers.load().values().cloned().collect();
            for entry in entries {
                if entry.keys().is_some() {
                    self.refresh(&entry).await;
                }
            }
        }
    }

    /// One fetch, if the last one is long enough ago. Whoever comes while one
    /// is under way waits for it instead of starting another.
    async fn refresh(&self, entry: &IssuerKeys) {
        if matches!(entry.issuer.keys, KeySource::Document(_)) {
            return;
        }
        let mut last = entry.fetched.last.lock().await;
        if last.is_some_and(|at| at.elapsed() < INTERVAL) {
            return;
        }
        *last = Some(Instant::now());
        match fetch(&self.client, &entry.issuer).await {
            Ok(keys) => entry.fetched.keys.store(Some(Arc::new(keys))),
            Err(error) => {
                tracing::warn!(issuer = entry.issuer.name, %error, "keys could not be fetched");
            }
        }
    }
}

impl IssuerKeys {
    /// Its keys, once they have been fetched.
    pub(super) fn keys(&self) -> Option<Arc<KeySet>> {
        self.fetched.keys.load_full()
    }

    /// True when a fetch would be made now.
    pub(super) fn may_fetch(&self) -> bool {
        !matches!(self.issuer.keys, KeySource::Document(_))
            && match self.fetched.last.try_lock() {
                Ok(last) => last.is_none_or(|at| at.elapsed() >= INTERVAL),
                // One is under way: waiting for it is what a fetch would do.
                Err(_) => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(people: bool, keys: KeySource) -> [Arc<Issuer>; 1] {
        [Arc::new(Issuer {
            name: "agents".into(),
            url: "https://id.example.com".into(),
            audiences: vec!["narrowgate".into()],
            groups_claim: "groups".into(),
            subject_claim: "sub".into(),
            groups: vec![],
            people,
            clock_skew: Duration::ZERO,
            lifetime: Duration::from_secs(3600),
            algorithms: vec![],
            keys,
            ca: None,
        })]
    }

    #[tokio::test]
    async fn a_new_configuration_does_not_ask_an_issuer_again() {
        crate::install_crypto();
        let keys = Keys::new().unwrap();
        let entry = || keys.by_name("agents").unwrap();
        keys.configure(&issuer(false, KeySource::Discovery));
        assert!(entry().may_fetch());
        *entry().fetched.last.lock().await = Some(Instant::now());
        keys.configure(&issuer(true, KeySource::Discovery));
        assert!(entry().issuer.people && !entry().may_fetch());
        // What is elsewhere is something else.
        keys.configure(&issuer(
            true,
            KeySource::Url("https://keys.example.com".into()),
        ));
        assert!(entry().may_fetch());
    }
}
