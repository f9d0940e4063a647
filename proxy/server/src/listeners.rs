//! The ports of all listeners, as the configuration in force has them.
//!
//! Every worker has a socket of its own for each listener. One that the
//! configuration has anew is bound before that comes into force, so that an
//! address which cannot be had changes nothing; one that is gone closes its
//! sockets by itself (`server/accept.rs`), and sessions that came by it go on.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::net::listen;
use crate::plan::{Listener, Plan};

/// The listeners of all workers.
pub struct Listeners {
    /// Those that are open.
    open: Vec<Arc<Listener>>,
    /// Hands each worker its sockets.
    workers: Vec<UnboundedSender<Port>>,
}

/// A listening socket of a worker.
pub struct Port {
    /// What it is for, as configured when it was bound.
    pub listener: Arc<Listener>,
    /// The socket.
    pub socket: TcpListener,
}

/// Listeners that are bound and not open yet.
pub struct Bound(Vec<BoundListener>);

/// A listener that is bound.
struct BoundListener {
    /// What it is for.
    listener: Arc<Listener>,
    /// Where it is.
    address: SocketAddr,
    /// A socket for each worker.
    sockets: Vec<TcpListener>,
}

/// A listener cannot have its address.
#[derive(Debug, thiserror::Error)]
#[error("the listener {listener} cannot listen at {address}: {error}")]
pub struct BindError {
    /// Its name.
    listener: String,
    /// The address.
    address: SocketAddr,
    /// Why not.
    error: io::Error,
}

impl Listeners {
    /// No listener yet, and where each of `workers` gets its sockets from.
    pub fn new(workers: usize) -> (Self, Vec<UnboundedReceiver<Port>>) {
        let (workers, ports) = (0..workers).map(|_| unbounded_channel()).unzip();
        (
            Self {
                open: Vec::new(),
                workers,
            },
            ports,
        )
    }

    /// Binds what a plan has and is not open yet.
    pub fn bind(&self, plan: &Plan) -> Result<Bound, BindError> {
        let new = plan
            .listeners
            .iter()
            .filter(|new| !self.open.iter().any(|old| old.is_at(new)));
        new.map(|listener| self.bind_one(listener))
            .collect::<Result<_, _>>()
            .map(Bound)
    }

    /// Binds a listener for every worker.
    fn bind_one(&self, listener: &Arc<Listener>) -> Result<BoundListener, BindError> {
        let mut address = listener.bind;
        let mut sockets = Vec::new();
        for _ in &self.workers {
            let bound = listen(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
            let (at, socket) = bound.map_err(|error| BindError {
                listener: listener.name.clone(),
                address,
                error,
            })?;
            // Port 0 took a free one; the other workers share it.
            address = at;
            sockets.push(socket);
        }
        Ok(BoundListener {
            listener: listener.clone(),
            address,
            sockets,
        })
    }

    /// Opens what was bound for a plan that is in force by now.
    pub fn open(&mut self, bound: Bound, plan: &Plan) {
        for gone in self
            .open
            .iter()
            .filter(|old| plan.listener_at(old).is_none())
        {
            tracing::info!(listener = gone.name, address = %gone.bind, "no longer listening");
        }
        self.open.clone_from(&plan.listeners);
        for BoundListener {
            listener,
            address,
            sockets,
        } in bound.0
        {
            let tls = listener.tls.is_some();
            tracing::info!(listener = listener.name, %address, tls, "listening");
            for (worker, socket) in self.workers.iter().zip(sockets) {
                // A worker that has ended takes the gateway with it.
                let _ended = worker.send(Port {
                    listener: listener.clone(),
                    socket,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;
    use crate::plan::Protocol;

    fn listener(name: &str, bind: SocketAddr) -> Arc<Listener> {
        let (protocol, chain) = (Protocol::Postgres, String::new());
        Arc::new(Listener {
            name: name.into(),
            bind,
            protocol,
            chain,
            tls: None,
            cleartext: true,
            oauth: None,
        })
    }

    #[test]
    fn every_worker_has_a_socket_at_the_same_address() {
        let (listeners, _ports) = Listeners::new(2);
        let any = "127.0.0.1:0".parse().unwrap();
        let bound = listeners.bind_one(&listener("a", any)).unwrap();
        let at: Vec<_> = bound
            .sockets
            .iter()
            .map(|socket| socket.local_addr().unwrap())
            .collect();
        assert_eq!(at, [bound.address, bound.address]);
        TcpStream::connect(bound.address).unwrap();
    }

    #[test]
    fn an_address_that_is_taken_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let (listeners, _ports) = Listeners::new(1);
        let error = listeners
            .bind_one(&listener("a", address))
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains(&format!("the listener a cannot listen at {address}")),
            "{error}"
        );
    }
}
