//! From a listening socket to sessions.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::task::TaskTracker;

use crate::connections::{Connection, NoRoom, Visit};
use crate::listeners::Port;
use crate::plan::{Listener, Protocol};
use crate::postgres;
use crate::services::Stage;
use crate::worker::Worker;

/// Pause when no connection can be accepted: out of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A listening socket of a worker.
struct Accepting {
    /// Whose it is.
    worker: Rc<Worker>,
    /// What it is for, as last known.
    listener: Arc<Listener>,
    /// Counts the sessions.
    sessions: TaskTracker,
}

/// Accepts at all ports that the worker gets, until it is dropped.
pub(super) async fn all(
    worker: Rc<Worker>,
    mut ports: UnboundedReceiver<Port>,
    sessions: TaskTracker,
) {
    while let Some(Port { listener, socket }) = ports.recv().await {
        let (worker, sessions) = (worker.clone(), sessions.clone());
        match TcpListener::from_std(socket) {
            Ok(socket) => {
                let accepting = Accepting {
                    worker,
                    listener,
                    sessions,
                };
                tokio::task::spawn_local(accepting.run(socket));
            }
            Err(error) => {
                tracing::error!(listener = listener.name, %error, "a listener cannot be used");
            }
        }
    }
}

impl Accepting {
    /// Accepts for as long as the configuration has the listener.
    async fn run(mut self, socket: TcpListener) {
        let mut generation = self.worker.services.generation.subscribe();
        while self.is_configured() {
            let accepted = tokio::select! {
                accepted = socket.accept() => accepted,
                _ = generation.changed() => continue,
            };
            match accepted {
                Ok((tcp, _)) => self.take(tcp),
                Err(error) => {
                    tracing::warn!(listener = self.listener.name, %error, "cannot accept");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Takes over what the configuration says of the listener now; false if it
    /// has it no more.
    fn is_configured(&mut self) -> bool {
        let plan = self.worker.services.plan.load();
        let now = plan.listener_at(&self.listener).cloned();
        now.map(|now| self.listener = now).is_some()
    }

    /// Begins a session, if there is room for one.
    fn take(&mut self, tcp: TcpStream) {
        // It may have changed while nobody came.
        if !self.is_configured() {
            return;
        }
        let services = &self.worker.services;
        let plan = services.plan.load();
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
