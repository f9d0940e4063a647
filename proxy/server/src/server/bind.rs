//! All ports, bound before anything is served, so that one that is taken ends
//! the start.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context;

use crate::net::listen;
use crate::plan::{Listener, Plan};

/// Bound ports.
pub(super) struct Ports {
    /// One of each listener for each worker.
    pub(super) workers: Vec<Vec<Port>>,
    /// The administrative port.
    pub(super) admin: Option<TcpListener>,
}

/// A port of a worker.
pub(super) struct Port {
    /// What it is for, as configured at the start.
    pub(super) listener: Arc<Listener>,
    /// The socket.
    pub(super) socket: TcpListener,
}

impl Ports {
    /// Binds everything.
    pub(super) fn bind(plan: &Plan, workers: usize) -> anyhow::Result<Self> {
        let mut ports: Vec<Vec<Port>> = (0..workers).map(|_| Vec::new()).collect();
        for listener in &plan.listeners {
            let mut address = listener.bind;
            for port in &mut ports {
                let bound = listen(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
                let (at, socket) = bound.with_context(|| {
                    format!("the listener {} cannot listen at {address}", listener.name)
                })?;
                // Port 0 took a free one; the other workers share it.
                address = at;
                port.push(Port {
                    listener: listener.clone(),
                    socket,
                });
            }
            let tls = listener.tls.is_some();
            tracing::info!(listener = listener.name, %address, tls, "listening");
        }
        let admin = plan.admin.as_ref().map(|admin| administrative(admin.bind));
        Ok(Self {
            workers: ports,
            admin: admin.transpose()?,
        })
    }
}

/// The administrative port.
fn administrative(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let failed = || format!("the administrative port cannot listen at {address}");
    let socket = TcpListener::bind(address).with_context(failed)?;
    socket.set_nonblocking(true).with_context(failed)?;
    let address = socket.local_addr().with_context(failed)?;
    tracing::info!(listener = "admin", %address, "listening");
    Ok(socket)
}
