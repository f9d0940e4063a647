//! Workers: a thread and a runtime for each core.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use narrowgate_store::recordings::Writer;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tokio_util::task::TaskTracker;

use super::accept;
use super::storage::Storage;
use crate::admin::{Part, Status};
use crate::gate::Recorder;
use crate::listeners::Port;
use crate::services::{Services, Stage};
use crate::worker::Worker;

/// Time between two looks at the recording.
const TICK: Duration = Duration::from_secs(1);
/// Longest time for sessions to end once they have to: a little more than each
/// of them takes at most to say good-bye to both of its peers.
const GOODBYE: Duration = Duration::from_secs(5);

/// All workers.
pub(super) struct Workers {
    /// Their threads.
    threads: Vec<JoinHandle<()>>,
    /// Closed once all of them have ended; says when one fails.
    ends: mpsc::Receiver<anyhow::Error>,
}

/// What a worker begins with.
struct Beginning {
    /// Its number.
    index: usize,
    /// Its ports, as they come.
    ports: mpsc::UnboundedReceiver<Port>,
    /// What all workers share.
    services: Arc<Services>,
    /// Writes its part of the recording.
    writer: Option<Writer>,
    /// Whether the gateway is ready.
    status: Arc<Status>,
}

impl Workers {
    /// Starts a worker for each of those that get ports.
    pub(super) fn start(
        ports: Vec<mpsc::UnboundedReceiver<Port>>,
        services: &Arc<Services>,
        storage: &Storage,
        status: &Arc<Status>,
    ) -> anyhow::Result<Self> {
        let (failed, ends) = mpsc::channel(ports.len().max(1));
        let mut threads = Vec::new();
        for (index, ports) in ports.into_iter().enumerate() {
            let beginning = Beginning {
                index,
                ports,
                services: services.clone(),
                writer: storage.writer(index)?,
                status: status.clone(),
            };
            let (failed, sync) = (failed.clone(), storage.sync);
            let thread = thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || {
                    // Sessions are tasks and panic alone; this is the worker's
                    // own code, and a gateway with a core missing must not go on.
                    let ended = catch_unwind(AssertUnwindSafe(|| work(beginning, sync)));
                    let ended = ended.unwrap_or_else(|_| Err(anyhow!("a worker has panicked")));
                    if let Err(error) = ended {
                        let _nobody_waits = failed.try_send(error);
                    }
                })
                .context("no thread for a worker")?;
            threads.push(thread);
        }
        Ok(Self { threads, ends })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.threads.len()
    }

    /// Resolves when all workers have ended, or when one of them could not go
    /// on, with why.
    pub(super) async fn ended(&mut self) -> anyhow::Result<()> {
        match self.ends.recv().await {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Waits for their threads.
    pub(super) fn join(self) {
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker has panicked");
            }
        }
    }
}

/// A worker's life.
fn work(beginning: Beginning, sync: narrowgate_store::recordings::Sync) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime for a worker")?;
    let Beginning {
        index,
        ports,
        services,
        writer,
        status,
    } = beginning;
    let worker = Worker::new(services, Recorder::new(writer, sync));
    let local = LocalSet::new();
    let ticking = tick(worker.clone(), Part::Worker(index), status);
    let serving = serve(worker.clone(), ports, ticking);
    runtime.block_on(local.run_until(serving));
    // What is left of sessions goes first: it may still want to be recorded.
    runtime.block_on(async { drop(local) });
    if let Err(fault) = worker.recorder.close() {
        bail!("the recording could not be closed: {fault}");
    }
    Ok(())
}

/// Serves until the gateway ends: up to there it accepts, since there is
/// something to cancel.
async fn serve(
    worker: std::rc::Rc<Worker>,
    ports: mpsc::UnboundedReceiver<Port>,
    ticking: impl Future<Output = ()> + 'static,
) {
    let sessions = TaskTracker::new();
    tokio::task::spawn_local(accept::all(worker.clone(), ports, sessions.clone()));
    tokio::task::spawn_local(ticking);
    // The sender lives as long as the gateway; were it gone, that is the end.
    let mut stage = worker.services.stage.subscribe();
    let _ = stage.wait_for(|stage| *stage >= Stage::Draining).await;
    sessions.close();
    tokio::select! {
        () = sessions.wait() => {}
        () = worker.services.ending() => {
            let ended = tokio::time::timeout(GOODBYE, sessions.wait()).await;
            if ended.is_err() {
                tracing::error!(sessions = sessions.len(), "sessions are cut off");
            }
        }
    }
}

/// Has the recording signed in time, and tells whether it can be written.
async fn tick(worker: std::rc::Rc<Worker>, part: Part, status: Arc<Status>) {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let outcome = worker.recorder.tick();
        status.recording(part, outcome.is_ok());
        if let Err(fault) = outcome {
            worker.services.metrics.recording_error();
            tracing::error!(%fault, "the recording cannot be written");
        }
    }
}
