//! From a listening socket to sessions.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use crate::connections::{Connection, NoRoom, Visit};
use crate::plan::{Listener, Protocol};
use crate::postgres;
use crate::services::Stage;
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

    /// Begins a session, if there is room for one.
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
        let room = match *services.stage.borrow() {
            Stage::Running => {
                let connection = services.connections.open(plan.bounds.connections);
                connection.ok_or(NoRoom::Full)
            }
            Stage::Draining | Stage::Ending => Err(NoRoom::Ending),
        };
        let (worker, listener) = (self.worker.clone(), self.listener.clone());
        match room {
            Ok(connection) => {
                let session = serve(worker, listener, tcp, connection);
                self.sessions.spawn_local(session);
            }
            Err(why) => match services.connections.visit() {
                // Not counted as a session: nobody waits for its end.
                Some(visit) => {
                    tokio::task::spawn_local(refuse(worker, listener, tcp, why, visit));
                }
                None => {
                    services.metrics.session_refused(&listener.name, "limit");
                    tracing::warn!(listener = listener.name, "too many connections");
                }
            },
        }
    }
}

/// Serves a connection in the listener's protocol.
async fn serve(
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    tcp: TcpStream,
    connection: Connection,
) {
    match listener.protocol {
        Protocol::Postgres => postgres::serve(worker, listener, tcp, connection).await,
    }
}

/// Tells a connection in the listener's protocol that it cannot become a
/// session.
async fn refuse(
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    tcp: TcpStream,
    why: NoRoom,
    visit: Visit,
) {
    match listener.protocol {
        Protocol::Postgres => postgres::refuse(&worker, &listener, tcp, why).await,
    }
    drop(visit);
}
