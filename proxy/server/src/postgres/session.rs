//! From an accepted connection to a session that is relayed.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use narrowgate_chain::{Credential, SessionStart};
use narrowgate_codec::postgres::backend::{
    Authentication, BackendKeyData, NegotiateProtocolVersion, ReadyForQuery, Severity,
    TransactionStatus,
};
use narrowgate_codec::postgres::startup::StartupMessage;
use narrowgate_codec::postgres::{ProtocolVersion, SecretKey};
use rand::RngCore;
use tokio::net::TcpStream;
use tracing::Instrument;

use super::accept::{Opening, OpeningError, negotiate};
use super::authentication;
use super::error::{ADMIN_SHUTDOWN, PROTOCOL_VIOLATION, Report};
use super::place::Place;
use super::refuse::turned_away;
use super::relay::{self, Start, Undialled};
use super::reported::foretold;
use super::wanted::{NAME, Wanted, given, wanted};
use super::wire::{Wire, WireError};
use crate::connections::Connection;
use crate::gate::Gate;
use crate::plan::{Listener, Plan};
use crate::worker::Worker;

/// Newest version of the protocol that is spoken with clients.
const NEWEST: ProtocolVersion = ProtocolVersion::V3_2;

/// Number of the last session.
static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// Serves one connection to its end.
pub async fn serve(
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    tcp: TcpStream,
    connection: Connection,
) {
    let plan = worker.services.plan.load_full();
    let client = tcp
        .peer_addr()
        .map(|address| address.to_string())
        .unwrap_or_default();
    let _nodelay_is_an_optimisation = tcp.set_nodelay(true);
    let handshake = plan.bounds.handshake;
    // Each part of a connection's life is aside, so that none keeps room for another.
    let negotiated = Box::pin(negotiate(tcp, &listener));
    let opening = match tokio::time::timeout(handshake, negotiated).await {
        Ok(Ok(opening)) => opening,
        Ok(Err(OpeningError::Wire(WireError::Closed))) => return,
        Ok(Err(error)) => {
            return turned_away(&worker, &listener, &client, "opening", &error.to_string());
        }
        Err(_) => {
            return turned_away(
                &worker,
                &listener,
                &client,
                "timeout",
                "no start-up packet in time",
            );
        }
    };
    let (wire, startup) = match opening {
        Opening::Cancel(request) => {
            return worker.services.cancels.request(&request);
        }
        Opening::Session(wire, startup) => (wire, startup),
    };
    let client = Client {
        wire,
        startup,
        address: client,
    };
    Box::pin(session(worker, plan, listener, client, connection)).await;
}

/// Serves a client that has said what it wants.
async fn session(
    worker: Rc<Worker>,
    plan: Arc<Plan>,
    listener: Arc<Listener>,
    client: Client,
    connection: Connection,
) {
    // A login may wait for an issuer's keys, a target and its catalog; each of
    // these has a bound of its own, this one is for the client's part.
    let entered = Box::pin(login(&worker, &plan, &listener, client, connection)).await;
    // What comes is decided by the configuration of its moment.
    drop(plan);
    match entered {
        Ok(Some((start, wire, connection))) => {
            worker.services.metrics.session_opened(&listener.name);
            let session = &start.gate.session().start;
            let span = tracing::debug_span!("session", id = session.id, target = session.target);
            relay::run(start, wire).instrument(span).await;
            worker.services.metrics.session_closed(&listener.name);
            drop(connection);
        }
        Ok(None) => {}
        Err(error) => turned_away(&worker, &listener, "", "login", &error.to_string()),
    }
}

/// A client that has said what it wants.
struct Client {
    /// Its connection.
    wire: Wire,
    /// What it wants.
    startup: StartupMessage,
    /// Where it is.
    address: String,
}

/// A session that is ready to be relayed.
type Ready = (Start, Wire, Connection);

/// Logs a client in. Its target is dialled when it first wants something of it.
/// `None` when it was told why not.
async fn login(
    worker: &Rc<Worker>,
    plan: &Plan,
    listener: &Listener,
    mut client: Client,
    mut connection: Connection,
) -> Result<Option<Ready>, WireError> {
    let outcome = enter(worker, plan, listener, &mut client, &mut connection).await?;
    let start = match outcome {
        Ok(start) => start,
        Err(report) => {
            worker
                .services
                .metrics
                .session_refused(&listener.name, "login");
            relay::error(&report, Severity::Fatal, &mut client.wire.out);
            client.wire.send().await?;
            return Ok(None);
        }
    };
    Ok(Some((start, client.wire, connection)))
}

/// The steps of a login. The outer error is a broken connection, the inner one
/// what the client is told.
async fn enter(
    worker: &Rc<Worker>,
    plan: &Plan,
    listener: &Listener,
    client: &mut Client,
    connection: &mut Connection,
) -> Result<Result<Start, Report>, WireError> {
    let Client {
        wire,
        startup,
        address,
    } = client;
    let version = startup.version().min(NEWEST);
    if let Some(answer) = NegotiateProtocolVersion::answer(startup, NEWEST) {
        answer.encode(&mut wire.out)?;
    }
    let encrypted = wire.stream.encrypted();
    if !encrypted && !listener.cleartext {
        return Ok(Err(Report {
            hint: Some("Connect with sslmode=require or better.".to_owned()),
            ..Report::new("28000", "this listener takes tokens over TLS only")
        }));
    }
    let settings = match given(startup) {
        Ok(settings) => settings,
        Err(report) => return Ok(Err(report)),
    };
    // What is not there is told to nobody who has not shown who they are.
    let wanted = wanted(plan, startup, settings);
    let (target, user) = match &wanted {
        Ok(wanted) => (wanted.target.name.clone(), wanted.user.clone()),
        Err(_) => (
            String::new(),
            startup
                .user()
                .to_string_lossy()
                .chars()
                .take(NAME)
                .collect(),
        ),
    };
    let token = match authentication::token(wire, listener, plan.bounds.handshake).await? {
        Ok(token) => token,
        Err(report) => return Ok(Err(report)),
    };
    let session = SessionStart {
        number: SESSIONS.fetch_add(1, Ordering::Relaxed) + 1,
        id: identifier(),
        listener: listener.name.clone(),
        protocol: listener.protocol.as_str(),
        target,
        client: address.clone(),
        user,
        encrypted,
    };
    let credential = Credential {
        kind: "bearer",
        value: token,
    };
    let gate = match Gate::open(worker.clone(), &listener.chain, session, Some(&credential)).await {
        Ok(gate) => gate,
        Err(denial) => {
            let patience = plan.bounds.handshake;
            let report = authentication::refused(wire, listener, patience, &denial).await?;
            return Ok(Err(report));
        }
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(report) => {
            turn_away(&gate, &report).await;
            return Ok(Err(report));
        }
    };
    let arrived = tokio::select! {
        arrived = arrive(worker, plan, wanted, &gate, connection, wire) => arrived,
        () = worker.services.ending() => {
            Err(Report::new(ADMIN_SHUTDOWN, "the gateway is shutting down"))
        }
    };
    match arrived {
        Ok((place, undialled)) => {
            Authentication::Ok.encode(&mut wire.out)?;
            for parameter in &undialled.told {
                parameter.encode(&mut wire.out)?;
            }
            let cancellable = worker.services.cancels.register(version.minor);
            let secret_key = SecretKey::new(cancellable.key.clone())?;
            let process_id = i32::try_from(cancellable.process).unwrap_or_default();
            BackendKeyData {
                process_id,
                secret_key,
            }
            .encode(&mut wire.out)?;
            ReadyForQuery {
                status: TransactionStatus::Idle,
            }
            .encode(&mut wire.out);
            wire.send().await?;
            let start = Start {
                gate,
                place,
                bounds: plan.bounds.clone(),
                cancellable,
                undialled,
            };
            Ok(Ok(start))
        }
        Err(report) => {
            turn_away(&gate, &report).await;
            Ok(Err(report))
        }
    }
}

/// Everything between a good token and a session that waits for its first message.
async fn arrive(
    worker: &Rc<Worker>,
    plan: &Plan,
    wanted: Wanted,
    gate: &Gate,
    connection: &mut Connection,
    wire: &Wire,
) -> Result<(Place, Undialled), Report> {
    let identity = gate.session().identity();
    if let Some(identity) = &identity
        && !connection.identify(identity, plan.bounds.connections_per_identity)
    {
        return Err(Report {
            hint: Some("Close some of them.".to_owned()),
            ..Report::new("53300", "too many connections of this identity")
        });
    }
    if !wire.buffer.is_empty() {
        return Err(Report::new(
            PROTOCOL_VIOLATION,
            "messages before the session is ready",
        ));
    }
    let Wanted {
        target,
        database,
        mut settings,
        ..
    } = wanted;
    let (groups, subject) = identity
        .as_ref()
        .map(|identity| (identity.groups.as_slice(), identity.subject.as_str()))
        .unwrap_or_default();
    let catalogs = &worker.services.catalogs;
    let (place, snapshot) = Place::find(catalogs, target, database, groups).await?;
    settings.retain(|(name, _)| name != "application_name" && name != "fallback_application_name");
    settings.push(("application_name".to_owned(), application(subject)));
    settings.push(("search_path".to_owned(), snapshot.search_path.clone()));
    let told = foretold(&snapshot.parameters, &settings);
    Ok((place, Undialled { settings, told }))
}

/// Whom the database's own views and logs name: PostgreSQL cuts names off after
/// 63 bytes and shows only ASCII.
fn application(subject: &str) -> String {
    let mut name = format!("narrowgate:{subject}");
    name.retain(|c| c.is_ascii_graphic() || c == ' ');
    name.truncate(63);
    name
}

/// An identifier that cannot be guessed and does not repeat.
fn identifier() -> String {
    let mut bytes = [0; 12];
    rand::rng().fill_bytes(&mut bytes);
    format!("ses-{}", hex::encode(bytes))
}

/// Ends a session that got no further than its login, and says why.
async fn turn_away(gate: &Gate, report: &Report) {
    if let Err(denial) = relay::said(gate, report, Severity::Fatal) {
        tracing::error!(reason = denial.message, "a refusal is not recorded");
    }
    gate.close(&report.message).await;
}
