//! A session between login and end: messages up, answers down.
//!
//! Two loops run side by side in one task, so that neither direction waits for
//! the other: [`front`] takes the client's messages, has them decided and sends
//! them up; [`back`] takes the target's answers, has them masked and recorded
//! and sends them down. Between them stands a queue of what the client is owed,
//! in order; a denial takes its place in it like any answer. Before the client's
//! first message there is no target to talk to yet: [`undialled`].

mod analyse;
mod answer;
mod asking;
mod back;
mod budget;
mod call;
mod copy;
mod decide;
mod expect;
mod extended;
mod front;
mod input;
mod large;
mod late;
mod messages;
mod names;
mod own;
mod reading;
mod record;
mod rows;
mod running;
mod simple;
mod supervise;
mod told;
mod undialled;
mod unreadable;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Instant;

use bytes::BytesMut;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use narrowgate_chain::Denial;
use narrowgate_codec::postgres::backend::{ErrorResponse, Fields, Severity, TransactionStatus};
use narrowgate_codec::postgres::startup::CancelRequest;
use narrowgate_store::recordings;
use tokio::io::{ReadHalf, WriteHalf};
use tokio::sync::Notify;

use self::budget::Budget;
use self::expect::Expect;
use self::late::Late;
use self::names::Confirmed;
use self::own::Own;
use super::cancel::Cancellable;
use super::error::Report;
use super::place::Place;
use super::wire::Wire;
use crate::gate::Gate;
use crate::net::Stream;
use crate::plan::Bounds;

pub(super) use self::running::Running;
pub(super) use self::told::said;
pub(super) use self::undialled::Undialled;

/// Bytes of a buffer that it keeps when it is empty: what a large message has
/// made it grow beyond is given back.
const KEPT: usize = 256 * 1024;
/// Answers that a client may be owed before its next message is looked at.
const PIPELINE: usize = 4096;

/// A session's state, shared by its two loops. They run in one task, and no
/// borrow is held across an `await`.
pub(super) struct Relay {
    /// Decides.
    gate: Gate,
    /// Where it goes; found anew when it is dialled.
    place: RefCell<Rc<Place>>,
    /// Bounds of the configuration that the session began under.
    bounds: Bounds,
    /// What the client is owed.
    queue: RefCell<VecDeque<Expect>>,
    /// Told when the queue gets shorter or a COPY begins.
    progress: Notify,
    /// Statements of the Query that is being decided, permitted and not sent yet.
    permitted: RefCell<VecDeque<Box<Running>>>,
    /// Prepared statements and portals, as the server has confirmed them.
    names: RefCell<Confirmed>,
    /// Room for rows to be recorded, of an operation that has ended.
    spare: Cell<Option<recordings::Rows>>,
    /// What they and the queue may take.
    budget: Budget,
    /// The transaction as the last ReadyForQuery told it.
    status: Cell<TransactionStatus>,
    /// Something that writes has gone up since the last idle moment.
    written: Cell<bool>,
    /// What only this session knows of names.
    own: Own,
    /// The catalog has to be read after this moment.
    catalog_after: Cell<Option<Instant>>,
    /// Why names no longer mean what they did when the session began.
    taint: Cell<Option<&'static str>>,
    /// After an error in the extended protocol: everything up to Sync is void.
    skipping: Cell<bool>,
    /// The server takes COPY data.
    copying: Cell<bool>,
    /// The operation that copies is taken out of its place, for filters to look at
    /// its data.
    lent: Cell<bool>,
    /// Told when it is put back.
    returned: Notify,
    /// The target's results no longer count until it is ready.
    discarding: Cell<bool>,
    /// Something is under way that may have to be ended when it is too late.
    precarious: Cell<bool>,
    /// What the client is told when the target is ready.
    late: RefCell<Option<Late>>,
    /// The client was told of a failure that the target does not know of yet.
    undo: Cell<bool>,
    /// Messages for the client that do not wait for their turn.
    urgent: RefCell<BytesMut>,
    /// Wakes the back loop for `urgent` and `ending`.
    wake: Notify,
    /// Why the session is being ended.
    ending: RefCell<Option<Report>>,
    /// The client has cancelled while people are being asked.
    hold_cancelled: Cell<bool>,
    /// Told when it does.
    hold_told: Notify,
    /// People are being asked.
    holding: Cell<bool>,
    /// Operations whose approvals have been revoked while they ran.
    revocations: Rc<Revocations>,
    /// When the client last sent something.
    heard: Cell<Instant>,
    /// What the client cancels by.
    cancellable: Cancellable,
    /// What we cancel by at the target, once it is dialled.
    upstream_cancel: OnceCell<CancelRequest>,
    /// What runs at the target is to be interrupted, and nobody has asked it yet.
    interrupting: Cell<bool>,
    /// Told when it is.
    interrupt: Notify,
    /// Told when it has been asked.
    interrupted: Notify,
    /// A message has gone to the client in part: nothing may go behind it but
    /// its rest.
    midway: Cell<bool>,
}

/// Operations that may no longer run.
#[derive(Default)]
struct Revocations {
    /// Their numbers. It takes a person to add one, and a portal may stand by for
    /// long, so none is ever taken off.
    operations: RefCell<Vec<u64>>,
    /// Told when one is added.
    told: Notify,
}

/// What a relay begins with.
pub(super) struct Start {
    /// Decides.
    pub(super) gate: Gate,
    /// Where it goes.
    pub(super) place: Place,
    /// Bounds.
    pub(super) bounds: Bounds,
    /// What the client cancels by.
    pub(super) cancellable: Cancellable,
    /// What the target is dialled with.
    pub(super) undialled: Undialled,
}

/// Why a session has ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    /// The client said so.
    #[error("the client has ended it")]
    Terminated,
    /// The client's connection is gone.
    #[error("the client is gone")]
    ClientGone,
    /// The target's connection is gone.
    #[error("the target is gone")]
    TargetGone,
    /// The client does not keep to the protocol.
    #[error("the client violates the protocol: {0}")]
    Client(narrowgate_codec::postgres::Error),
    /// The target does not keep to the protocol.
    #[error("the target violates the protocol: {0}")]
    Target(String),
    /// The gateway ended it.
    #[error("{}", .0.message)]
    Gateway(Report),
}

/// Runs a session to its end.
pub(super) async fn run(start: Start, mut client: Wire) {
    let Start {
        gate,
        place,
        bounds,
        cancellable,
        undialled,
    } = start;
    let relay = Relay::new(gate, place, bounds, cancellable);
    let mut supervised = pin!(supervise::run(&relay));
    let dialled = tokio::select! {
        dialled = undialled.dialled(&relay, &mut client) => dialled,
        ended = &mut supervised => Err(ended),
    };
    let Wire { stream, buffer, .. } = client;
    let (client_read, mut client_write) = tokio::io::split(stream);
    let (ended, mut target_write) = match dialled {
        Ok(target) => {
            let client = (client_read, &mut client_write);
            // Aside, so that those who are not dialled keep no room for it.
            let relayed = Box::pin(relayed(&relay, client, buffer, target, supervised));
            let (ended, target_write) = relayed.await;
            (ended, Some(target_write))
        }
        Err(ended) => (ended, None),
    };
    supervise::farewell(&relay, &ended, &mut client_write, target_write.as_mut()).await;
    supervise::finish(&relay, &ended).await;
}

/// Runs a session that is dialled until something ends it.
async fn relayed(
    relay: &Relay,
    (client_read, client_write): (ReadHalf<Stream>, &mut WriteHalf<Stream>),
    early: BytesMut,
    target: Stream,
    supervised: Pin<&mut impl Future<Output = Ended>>,
) -> (Ended, WriteHalf<Stream>) {
    let (target_read, mut target_write) = tokio::io::split(target);
    // Looked at when something has come up, and not with every message.
    let mut supervised = FuturesUnordered::from_iter([supervised]);
    let ended = tokio::select! {
        ended = front::run(relay, client_read, early, &mut target_write) => ended,
        ended = back::run(relay, target_read, client_write) => ended,
        Some(ended) = supervised.next() => ended,
    };
    (ended, target_write)
}

impl Relay {
    fn new(gate: Gate, place: Place, bounds: Bounds, cancellable: Cancellable) -> Self {
        let budget = Budget::new(bounds.session_memory);
        Self {
            gate,
            place: RefCell::new(Rc::new(place)),
            bounds,
            queue: RefCell::default(),
            progress: Notify::new(),
            permitted: RefCell::default(),
            names: RefCell::default(),
            spare: Cell::new(None),
            budget,
            status: Cell::new(TransactionStatus::Idle),
            written: Cell::new(false),
            own: Own::default(),
            catalog_after: Cell::new(None),
            taint: Cell::new(None),
            skipping: Cell::new(false),
            copying: Cell::new(false),
            lent: Cell::new(false),
            returned: Notify::new(),
            discarding: Cell::new(false),
            precarious: Cell::new(false),
            late: RefCell::new(None),
            undo: Cell::new(false),
            urgent: RefCell::default(),
            wake: Notify::new(),
            ending: RefCell::new(None),
            hold_cancelled: Cell::new(false),
            hold_told: Notify::new(),
            holding: Cell::new(false),
            revocations: Rc::default(),
            heard: Cell::new(Instant::now()),
            cancellable,
            upstream_cancel: OnceCell::new(),
            interrupting: Cell::new(false),
            interrupt: Notify::new(),
            interrupted: Notify::new(),
            midway: Cell::new(false),
        }
    }

    /// Where it goes.
    fn place(&self) -> Rc<Place> {
        self.place.borrow().clone()
    }

    /// The client is owed one answer more.
    fn expect(&self, expect: Expect) {
        self.own.sent(&expect);
        self.queue.borrow_mut().push_back(expect);
    }

    /// Ends the session at the next boundary between two messages.
    fn end(&self, report: Report) {
        self.ending.borrow_mut().get_or_insert(report);
        self.wake.notify_one();
    }

    /// Ends the session because a right is gone.
    fn end_denied(&self, denial: &Denial) {
        self.end(Report::denial(denial));
    }

    /// Has the target asked to cancel what it runs, and waits for nothing. However
    /// often that is wanted, one request at a time is on its way.
    fn cancel_upstream(&self) {
        self.interrupting.set(true);
        self.interrupt.notify_one();
    }
}

/// Empties a buffer.
fn empty(buffer: &mut BytesMut) {
    buffer.clear();
    if buffer.capacity() > KEPT {
        *buffer = BytesMut::new();
    }
}

/// Makes room in a buffer for so many bytes, unless what is left of it will do:
/// what was read last may still be held, and then room is memory of its own.
fn make_room(buffer: &mut BytesMut, bytes: usize) {
    if buffer.capacity() - buffer.len() < bytes / 8 {
        buffer.reserve(bytes);
    }
    if buffer.is_empty() && buffer.capacity() > KEPT {
        *buffer = BytesMut::with_capacity(bytes);
    }
}

/// Appends a report as an ErrorResponse.
pub(super) fn error(report: &Report, severity: Severity, out: &mut BytesMut) {
    let mut fields = Fields::new(severity, &report.sqlstate, report.message.clone());
    if let Some(detail) = &report.detail {
        fields = fields.detail(detail.clone());
    }
    if let Some(hint) = &report.hint {
        fields = fields.hint(hint.clone());
    }
    if let Some(position) = report.position {
        fields = fields.position(position as usize);
    }
    // It fails only for a message above two gigabytes, and then the client
    // gets none.
    let _too_large = ErrorResponse { fields }.encode(out);
}
