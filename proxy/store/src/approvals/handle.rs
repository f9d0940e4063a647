//! The handle that many runtimes share: calls run on one thread of their own,
//! so that no worker ever waits for the disk.

use std::path::Path;
use std::thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::consume::Grant;
use super::error::Error;
use super::list::Filter;
use super::outbox::Outgoing;
use super::request::{Approver, NewRequest, Request, State};
use super::store::{Options, Store};

/// Calls that may wait for the store's thread; more wait for room.
const QUEUE: usize = 1024;
/// How long a waiter sleeps at most before it looks at the clock again, which
/// may have been set.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

type Call = Box<dyn FnOnce(&mut Store) + Send>;

/// The approval store, shared. Clones refer to the same store; it closes when
/// the last one is dropped.
#[derive(Clone)]
pub struct Approvals {
    calls: mpsc::Sender<Call>,
}

impl Approvals {
    /// Opens the store in `directory`; see [`Store::open`].
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(directory: &Path, options: Options) -> Result<Self, Error> {
        let mut store = Store::open(directory, options)?;
        let (calls, mut queue) = mpsc::channel::<Call>(QUEUE);
        thread::Builder::new()
            .name("approvals".to_owned())
            .spawn(move || {
                while let Some(call) = queue.blocking_recv() {
                    call(&mut store);
                }
            })?;
        Ok(Self { calls })
    }

    /// Runs `work` on the store's thread. What has been handed over is done
    /// also when the caller stops waiting for it.
    ///
    /// # Errors
    /// What `work` returns, and [`Error::Closed`].
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let call: Call = Box::new(move |store| {
            // Nobody listening is no reason to undo what was done.
            let _ = reply.send(work(store));
        });
        self.calls.send(call).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// See [`Store::request`]. If the caller stops waiting before the answer
    /// is there, the request is treated as one whose client went away.
    ///
    /// # Errors
    /// As [`Store::request`].
    pub async fn request(&self, new: NewRequest) -> Result<Request, Error> {
        let (reply, answer) = oneshot::channel();
        let session = new.session.clone();
        let call: Call = Box::new(move |store| {
            if let Err(Ok(orphan)) = reply.send(store.request(new))
                && let Err(error) = store.disconnect(&orphan.id, &session)
            {
                tracing::warn!(id = orphan.id, %error, "could not detach an approval request");
            }
        });
        self.calls.send(call).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// See [`Store::get`].
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn get(&self, id: &str) -> Result<Request, Error> {
        let id = id.to_owned();
        self.call(move |store| store.get(&id)).await
    }

    /// See [`Store::list`].
    ///
    /// # Errors
    /// As [`Store::list`].
    pub async fn list(&self, filter: Filter) -> Result<Vec<Request>, Error> {
        self.call(move |store| store.list(&filter)).await
    }

    /// See [`Store::approve`].
    ///
    /// # Errors
    /// As [`Store::approve`].
    pub async fn approve(&self, id: &str, by: Approver, comment: &str) -> Result<Request, Error> {
        let (id, comment) = (id.to_owned(), comment.to_owned());
        self.call(move |store| store.approve(&id, &by, &comment))
            .await
    }

    /// See [`Store::deny`].
    ///
    /// # Errors
    /// As [`Store::deny`].
    pub async fn deny(&self, id: &str, by: Approver, comment: &str) -> Result<Request, Error> {
        let (id, comment) = (id.to_owned(), comment.to_owned());
        self.call(move |store| store.deny(&id, &by, &comment)).await
    }

    /// See [`Store::revoke`].
    ///
    /// # Errors
    /// As [`Store::revoke`].
    pub async fn revoke(&self, id: &str, by: Approver, comment: &str) -> Result<Request, Error> {
        let (id, comment) = (id.to_owned(), comment.to_owned());
        self.call(move |store| store.revoke(&id, &by, &comment))
            .await
    }

    /// See [`Store::cancel`].
    ///
    /// # Errors
    /// As [`Store::cancel`].
    pub async fn cancel(&self, id: &str) -> Result<Request, Error> {
        let id = id.to_owned();
        self.call(move |store| store.cancel(&id)).await
    }

    /// See [`Store::attach`].
    ///
    /// # Errors
    /// As [`Store::attach`].
    pub async fn attach(&self, id: &str, session: &str) -> Result<Request, Error> {
        let (id, session) = (id.to_owned(), session.to_owned());
        self.call(move |store| store.attach(&id, &session)).await
    }

    /// See [`Store::detach`].
    ///
    /// # Errors
    /// As [`Store::detach`].
    pub async fn detach(&self, id: &str) -> Result<Request, Error> {
        let id = id.to_owned();
        self.call(move |store| store.detach(&id)).await
    }

    /// See [`Store::disconnect`].
    ///
    /// # Errors
    /// As [`Store::disconnect`].
    pub async fn disconnect(&self, id: &str, session: &str) -> Result<Request, Error> {
        let (id, session) = (id.to_owned(), session.to_owned());
        self.call(move |store| store.disconnect(&id, &session))
            .await
    }

    /// See [`Store::consume`]. A caller that stops waiting may have consumed
    /// the grant all the same: lost, never used twice.
    ///
    /// # Errors
    /// As [`Store::consume`].
    pub async fn consume(&self, id: &str, digest: &str) -> Result<Grant, Error> {
        let (id, digest) = (id.to_owned(), digest.to_owned());
        self.call(move |store| store.consume(&id, &digest)).await
    }

    /// See [`Store::finish`].
    ///
    /// # Errors
    /// As [`Store::finish`].
    pub async fn finish(&self, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        self.call(move |store| store.finish(&id)).await
    }

    /// See [`Store::expire_due`]; to be called every second or so.
    ///
    /// # Errors
    /// As [`Store::expire_due`].
    pub async fn expire_due(&self) -> Result<usize, Error> {
        self.call(Store::expire_due).await
    }

    /// See [`Store::purge`].
    ///
    /// # Errors
    /// As [`Store::purge`].
    pub async fn purge(&self, age: u64) -> Result<usize, Error> {
        self.call(move |store| store.purge(age)).await
    }

    /// See [`Store::outbox_next`].
    ///
    /// # Errors
    /// As [`Store::outbox_next`].
    pub async fn outbox_next(&self, limit: u32) -> Result<Vec<Outgoing>, Error> {
        self.call(move |store| store.outbox_next(limit)).await
    }

    /// See [`Store::outbox_done`].
    ///
    /// # Errors
    /// As [`Store::outbox_done`].
    pub async fn outbox_done(&self, id: i64) -> Result<(), Error> {
        self.call(move |store| store.outbox_done(id)).await
    }

    /// See [`Store::outbox_failed`].
    ///
    /// # Errors
    /// As [`Store::outbox_failed`].
    pub async fn outbox_failed(&self, id: i64, next_attempt: u64) -> Result<(), Error> {
        self.call(move |store| store.outbox_failed(id, next_attempt))
            .await
    }

    /// The request as it is now, and a channel that says every later state.
    /// Nothing that happens between the two is lost.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn subscribe(&self, id: &str) -> Result<(Request, watch::Receiver<State>), Error> {
        let id = id.to_owned();
        self.call(move |store| {
            let request = store.get(&id)?;
            let states = store.subscribers.subscribe(&id, request.state);
            Ok((request, states))
        })
        .await
    }

    /// Waits until the request is no longer pending, at most until its
    /// deadline, and returns it as it is then. May be dropped at any time.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn wait(&self, id: &str) -> Result<Request, Error> {
        let (mut request, mut states) = self.subscribe(id).await?;
        while request.state == State::Pending {
            let now = self.call(|store| Ok(store.now())).await?;
            let left = Duration::from_micros(request.deadline.saturating_sub(now));
            // Whichever comes first, the store says what is true.
            let _ = tokio::time::timeout(left.min(LOOK_AGAIN), states.changed()).await;
            request = self.get(id).await?;
        }
        Ok(request)
    }

    /// Waits until the consent is taken back; for whoever runs something under
    /// it. Never returns `Ok` for any other reason.
    ///
    /// # Errors
    /// As [`Store::get`]: what runs should then end as well.
    pub async fn revoked(&self, id: &str) -> Result<(), Error> {
        let (request, mut states) = self.subscribe(id).await?;
        if request.state == State::Revoked {
            return Ok(());
        }
        loop {
            states.changed().await.map_err(|_| Error::Closed)?;
            if *states.borrow_and_update() == State::Revoked {
                return Ok(());
            }
        }
    }
}
