//! Serving HTTP on the administrative port, with bounds on everything.

use std::net::{SocketAddr, TcpListener as Bound};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::problem::Problem;
use super::{Admin, Status, router};
use crate::plan::Admin as Port;
use crate::services::Services;

/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 256;
/// Longest body, in bytes.
const BODY: usize = 16 * 1024;
/// Longest time for a TLS handshake, and for the head of a request.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Longest time from a request to its answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Most bytes of a request's head.
const HEAD: usize = 32 * 1024;
/// Pause when no connection can be accepted: out of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Binds the port.
pub fn bind(address: SocketAddr) -> anyhow::Result<Bound> {
    let failed = || format!("the administrative port cannot listen at {address}");
    let socket = Bound::bind(address).with_context(failed)?;
    socket.set_nonblocking(true).with_context(failed)?;
    let address = socket.local_addr().with_context(failed)?;
    tracing::info!(listener = "admin", %address, "listening");
    Ok(socket)
}

/// Serves until it is dropped. `started` is the port as it was at the start.
pub async fn serve(
    bound: Bound,
    started: Arc<Port>,
    services: Arc<Services>,
    status: Arc<Status>,
) -> std::io::Result<()> {
    let listener = TcpListener::from_std(bound)?;
    let mut port = started;
    let app = app(Admin {
        services: services.clone(),
        status,
    });
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            return Ok(());
        };
        let tcp = match listener.accept().await {
            Ok((tcp, _)) => tcp,
            Err(error) => {
                tracing::warn!(%error, "the administrative port cannot accept");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // A port that has moved in the configuration stays where it is until a
        // restart, and keeps its TLS: what is right for the new address need
        // not be for this one.
        if let Some(now) = &services.plan.load().admin
            && now.bind == port.bind
        {
            port = now.clone();
        }
        let (tls, app) = (port.tls.clone(), app.clone());
        tokio::spawn(async move {
            connection(tcp, tls, app).await;
            drop(permit);
        });
    }
}

/// The routes with their bounds.
pub(super) fn app(admin: Admin) -> Router {
    router(admin)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(in_time))
}

/// One connection, TLS first if there is any.
async fn connection(tcp: TcpStream, tls: Option<Arc<rustls::ServerConfig>>, app: Router) {
    match tls {
        None => requests(tcp, app).await,
        Some(tls) => {
            let shaken = TlsAcceptor::from(tls).accept(tcp);
            match tokio::time::timeout(HANDSHAKE, shaken).await {
                Ok(Ok(stream)) => requests(stream, app).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
        }
    }
}

/// The requests of one connection.
async fn requests(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, app: Router) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the administrative port broke");
    }
}

/// Bounds the time of an answer, that for the body of its request included.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_slow",
            "the answer took too long",
        )
        .into_response(),
    }
}
