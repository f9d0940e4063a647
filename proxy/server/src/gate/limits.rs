//! Rate limits that span sessions: token buckets, shared by all workers.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Parts of the table, each with a lock of its own.
const SHARDS: usize = 16;

/// Buckets that one part may hold. When all of them are in use, taking from a
/// new one is refused: forgetting one would give its rate away.
const BUCKETS: usize = 4096;

/// One bucket.
struct Bucket {
    /// Tokens in it when it was last looked at.
    tokens: f64,
    /// When that was.
    at: Instant,
    /// Tokens it holds when full.
    capacity: f64,
    /// Tokens that come back each second.
    refill: f64,
}

/// Token buckets by key.
pub struct Limits {
    /// Buckets by key, spread by hash.
    shards: Vec<Mutex<HashMap<String, Bucket>>>,
    /// Spreads the keys.
    hasher: RandomState,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Limits {
    /// Takes `amount` tokens from the bucket `key`, which holds `capacity` and
    /// fills up again within `window` seconds. False when it has too few.
    #[must_use]
    pub fn take(&self, key: &str, amount: u64, capacity: u64, window: u64, now: Instant) -> bool {
        let place = self.hasher.hash_one(key) as usize % SHARDS;
        let Some(shard) = self.shards.get(place) else {
            return false;
        };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let capacity = capacity as f64;
        let refill = capacity / (window.max(1) as f64);
        if !shard.contains_key(key) {
            if shard.len() >= BUCKETS {
                shard.retain(|_, bucket| bucket.level(now) < bucket.capacity);
            }
            if shard.len() >= BUCKETS {
                return false;
            }
            shard.insert(
                key.to_owned(),
                Bucket {
                    tokens: capacity,
                    at: now,
                    capacity,
                    refill,
                },
            );
        }
        let Some(bucket) = shard.get_mut(key) else {
            return false;
        };
        bucket.tokens = bucket.level(now).min(capacity);
        bucket.at = now;
        bucket.capacity = capacity;
        bucket.refill = refill;
        let enough = bucket.tokens >= amount as f64;
        if enough {
            bucket.tokens -= amount as f64;
        }
        enough
    }
}

impl Bucket {
    /// Tokens in it now.
    fn level(&self, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + since * self.refill).min(self.capacity)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_up_within_its_window() {
        let limits = Limits::default();
        let start = Instant::now();
        for _ in 0..3 {
            assert!(limits.take("a", 1, 3, 60, start));
        }
        assert!(!limits.take("a", 1, 3, 60, start));
        assert!(
            limits.take("b", 1, 3, 60, start),
            "another key has a bucket of its own"
        );
        assert!(!limits.take("a", 1, 3, 60, start + Duration::from_secs(19)));
        assert!(limits.take("a", 1, 3, 60, start + Duration::from_secs(40)));
    }

    #[test]
    fn a_full_table_refuses_rather_than_forgets() {
        let limits = Limits::default();
        let start = Instant::now();
        let given = (0..SHARDS * BUCKETS * 2)
            .filter(|n| limits.take(&n.to_string(), 1, 1, 60, start))
            .count();
        assert!(given <= SHARDS * BUCKETS);
        let later = start + Duration::from_secs(61);
        assert!(
            limits.take("new", 1, 1, 60, later),
            "full buckets make room"
        );
    }
}
