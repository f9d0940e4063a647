//! From a listening socket to sessions.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::plan::{Listener, Protocol};
use crate::postgres;
use crate::worker::Worker;

/// Pause when no connection can be accepted: out of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A listening socket of a worker.
pub(super) struct Accepting {
    /// Whose it is.
    pub(super) worker: Rc<Worker>,
    /// What it is for, as last known.
    pub(super) listener: Arc<Listener>,
    /// The socket.
    pub(super) socket: TcpListener,
    /// Counts the sessions.
    pub(super) sessions: TaskTracker,
    /// Ends the sessions.
    pub(super) end: CancellationToken,
}

impl Accepting {
    /// Accepts until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            match self.socket.accept().await {
                Ok((tcp, _)) => self.take(tcp),
                Err(error) => {
                    tracing::warn!(listener = self.listener.name, %error, "cannot accept");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Begins a session, unless there are too many.
    fn take(&mut self, tcp: TcpStream) {
        let services = &self.worker.services;
        let plan = services.plan.load();
        // One that is gone from the configuration, or has moved, goes on as it
        // was until the gateway is started anew.
        if let Some(now) = plan.listeners.iter().find(|listener| {
            listener.name == self.listener.name && listener.bind == self.listener.bind
        }) {
            self.listener = now.clone();
        }
        let Some(connection) = services.connections.open(plan.bounds.connections) else {
            services
                .metrics
                .session_refused(&self.listener.name, "limit");
            tracing::warn!(listener = self.listener.name, "too many connections");
            return;
        };
        let (worker, listener) = (self.worker.clone(), self.listener.clone());
        let end = self.end.clone();
        self.sessions.spawn_local(async move {
            let session = async {
                match listener.protocol {
                    Protocol::Postgres => {
                        postgres::serve(worker, listener, tcp, connection).await;
                    }
                }
            };
            end.run_until_cancelled(session).await;
        });
    }
}
