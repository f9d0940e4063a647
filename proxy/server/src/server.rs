//! Running the gateway, from its configuration to its last session's end.
//!
//! ```text
//! main thread     signals, reloads, administrative port, webhooks, deadlines
//! one per core    a worker: accepts, serves and records its own sessions
//! approvals, recordings (signer), epochs of filters    a thread each
//! ```

mod accept;
mod chores;
mod descriptors;
mod logging;
mod signals;
mod storage;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use tokio::sync::watch;

use crate::admin::{self, Status};
use crate::connections::Connections;
use crate::gate::Limits;
use crate::identity::Keys;
use crate::listeners::Listeners;
use crate::metrics::Metrics;
use crate::plan::{Builder, Plan};
use crate::postgres::{Cancels, Catalogs};
use crate::reload::Reloader;
use crate::services::{Services, Stage};
use crate::webhooks::{self, Client};

use storage::Storage;
use workers::Workers;

/// How to run.
pub struct Options {
    /// The configuration.
    pub config: PathBuf,
    /// Workers; as many as cores if left out.
    pub workers: Option<usize>,
}

/// Generation of the first configuration.
const FIRST: u64 = 1;
/// How long the last head of the recording has to leave the machine.
const LAST_HEAD: Duration = Duration::from_secs(5);

/// Runs the gateway until it is told to end.
pub fn run(options: Options) -> anyhow::Result<()> {
    crate::install_crypto();
    let loaded = narrowgate_config::load(&options.config)?;
    logging::start(loaded.config.log);
    let keys = Arc::new(Keys::new().context("no HTTP client for issuers")?);
    let state = loaded.resolve(&loaded.config.state_directory);
    let count = options.workers.unwrap_or_else(cores).max(1);
    let mut builder = Builder::new(keys.clone(), Some(&state), count)?;
    let mut plan = builder.build(&loaded, FIRST)?;
    descriptors::raise(&plan);

    let storage = Storage::open(&mut plan)?;
    let plan = Arc::new(plan);
    let (mut listeners, ports) = Listeners::new(count);
    let bound = listeners.bind(&plan)?;
    let admin = plan
        .admin
        .as_ref()
        .map(|port| admin::bind(port.bind))
        .transpose()?;
    let services = services(&plan, keys, &storage)?;
    let status = Arc::new(Status::default());

    let mut workers = Workers::start(ports, &services, &storage, &status)?;
    listeners.open(bound, &plan);
    let control = Control {
        reloader: Reloader::new(
            options.config,
            builder,
            plan.clone(),
            services.clone(),
            listeners,
        ),
        admin: admin.zip(plan.admin.clone()),
        plan,
        services,
        status,
        storage,
    };
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime for the main thread")?
        .block_on(control.run(&mut workers));
    workers.join();
    tracing::info!("the gateway has ended");
    outcome
}

/// What the main thread does while workers serve.
struct Control {
    /// Brings changes of the configuration into force.
    reloader: Reloader,
    /// The administrative port.
    admin: Option<(std::net::TcpListener, Arc<crate::plan::Admin>)>,
    /// The configuration at the start.
    plan: Arc<Plan>,
    /// What all workers share.
    services: Arc<Services>,
    /// Whether the gateway is ready.
    status: Arc<Status>,
    /// Approvals and recordings.
    storage: Storage,
}

impl Control {
    /// Until all workers have ended.
    async fn run(self, workers: &mut Workers) -> anyhow::Result<()> {
        let Self {
            reloader,
            admin,
            plan,
            services,
            status,
            storage,
        } = self;
        let client = Client::new().context("no HTTP client for webhooks")?;
        let keys = services.keys.clone();
        tokio::spawn(async move { keys.keep_fresh().await });
        tokio::spawn(webhooks::deliver(services.clone(), client.clone()));
        tokio::spawn(chores::expire(services.clone()));
        let recordings = storage.recordings;
        let retaining = tokio::spawn(chores::retain(services.clone(), recordings.clone()));
        let inspecting = recordings
            .clone()
            .map(|recorder| tokio::spawn(chores::inspect(recorder, status.clone())));
        let publishing = recordings
            .map(|recorder| tokio::spawn(webhooks::publish(recorder, services.clone(), client)));
        if let Some((bound, port)) = admin {
            let (services, status) = (services.clone(), status.clone());
            tokio::spawn(async move {
                if let Err(error) = admin::serve(bound, port, services, status).await {
                    tracing::error!(%error, "the administrative port is closed");
                }
            });
        }
        let hangups = signals::hangups().context("SIGHUP cannot be handled")?;
        tokio::spawn(reloader.run(hangups));
        status.listening();
        let (targets, workers_count) = (plan.targets.len(), workers.len());
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(
            version,
            workers = workers_count,
            targets,
            "the gateway is running"
        );
        let ended = tokio::select! {
            ended = workers.ended() => ended,
            Err(error) = signals::stop(&services) => Err(error),
        };
        // With the last writer and this task gone the recording is closed; its
        // last head still has to leave the machine.
        retaining.abort();
        if let Some(inspecting) = inspecting {
            inspecting.abort();
        }
        if let Some(publishing) = publishing {
            let _published = tokio::time::timeout(LAST_HEAD, publishing).await;
        }
        ended
    }
}

/// What all workers share.
fn services(plan: &Arc<Plan>, keys: Arc<Keys>, storage: &Storage) -> anyhow::Result<Arc<Services>> {
    keys.configure(&plan.issuers);
    let metrics = Arc::new(Metrics::default());
    metrics.started(plan.generation);
    Ok(Arc::new(Services {
        plan: ArcSwap::new(plan.clone()),
        generation: watch::channel(plan.generation).0,
        stage: watch::channel(Stage::Running).0,
        approvals: storage.approvals.clone(),
        keys,
        limits: Limits::default(),
        metrics: metrics.clone(),
        connections: Connections::default(),
        cancels: Cancels::default(),
        catalogs: Catalogs::new(plan.bounds.statement_length, metrics)
            .context("no threads for the analysis of statements")?,
        digest_key: storage.digest_key.clone(),
    }))
}

/// Cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
