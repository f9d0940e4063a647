//! Cancel requests: they come on a connection of their own, without identity,
//! and name a process and a key. Clients get keys of ours; the target's own
//! never leave the gateway.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use narrowgate_codec::postgres::startup::CancelRequest;
use rand::RngCore;
use tokio::sync::Notify;

/// Length of a key in protocol 3.0.
const KEY_30: usize = 4;
/// Length of our keys from protocol 3.2 on.
const KEY_32: usize = 32;

/// Sessions that may be cancelled, over all workers.
#[derive(Default)]
pub struct Cancels {
    /// By the process number that the client was given.
    sessions: Arc<Mutex<HashMap<u32, Entry>>>,
    /// The last number given.
    last: AtomicU32,
}

/// One session.
struct Entry {
    /// The key the client was given.
    key: Vec<u8>,
    /// Told when a good request has come.
    notify: Arc<Notify>,
}

/// A session's entry; it goes when this is dropped.
pub struct Cancellable {
    /// Where it is registered.
    sessions: Arc<Mutex<HashMap<u32, Entry>>>,
    /// Process number for the client.
    pub process: u32,
    /// Key for the client.
    pub key: Vec<u8>,
    /// Told when a good request has come.
    pub cancelled: Arc<Notify>,
}

impl Cancels {
    /// Registers a session; `minor` is its protocol's minor version.
    pub fn register(&self, minor: u16) -> Cancellable {
        let mut key = vec![0; if minor >= 2 { KEY_32 } else { KEY_30 }];
        rand::rng().fill_bytes(&mut key);
        let notify = Arc::new(Notify::new());
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let process = loop {
            let next = self.last.fetch_add(1, Ordering::Relaxed).wrapping_add(1) & 0x7fff_ffff;
            if next != 0 && !sessions.contains_key(&next) {
                break next;
            }
        };
        sessions.insert(
            process,
            Entry {
                key: key.clone(),
                notify: notify.clone(),
            },
        );
        Cancellable {
            sessions: self.sessions.clone(),
            process,
            key,
            cancelled: notify,
        }
    }

    /// A request has come. As PostgreSQL does, nothing tells whether it was good.
    pub fn request(&self, request: &CancelRequest) {
        let Ok(process) = u32::try_from(request.process_id) else {
            return;
        };
        let key = request.secret_key.as_bytes();
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = sessions.get(&process)
            && same(&entry.key, key)
        {
            entry.notify.notify_one();
        }
    }
}

impl Drop for Cancellable {
    fn drop(&mut self) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.remove(&self.process);
    }
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use narrowgate_codec::postgres::SecretKey;

    use super::*;

    #[tokio::test]
    async fn only_the_right_key_cancels_and_only_while_the_session_lives() {
        let cancels = Cancels::default();
        let session = cancels.register(0);
        assert_eq!(session.key.len(), 4);
        assert_eq!(cancels.register(2).key.len(), 32);
        let wait = Duration::from_millis(20);
        let request = |key: &[u8]| CancelRequest {
            process_id: i32::try_from(session.process).unwrap(),
            secret_key: SecretKey::new(key.to_vec()).unwrap(),
        };
        cancels.request(&request(b"none"));
        cancels.request(&request(b"none of it"));
        assert!(
            tokio::time::timeout(wait, session.cancelled.notified())
                .await
                .is_err()
        );
        cancels.request(&request(&session.key));
        assert!(
            tokio::time::timeout(wait, session.cancelled.notified())
                .await
                .is_ok()
        );
        let (process, sessions) = (session.process, session.sessions.clone());
        drop(session);
        assert!(!sessions.lock().unwrap().contains_key(&process));
    }
}
