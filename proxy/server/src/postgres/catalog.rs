//! Catalogs of targets: what names mean there, read over the gateway's own
//! connection with the credential that sessions use, and what the server reports of
//! its settings there.
//!
//! A snapshot is read when a target is first used, after definitions that went
//! through the gateway, whoever made them, and when it has grown older than the
//! target's `refresh`: then a cheap probe tells whether anything has changed.
//! Between two probes a change by others goes unnoticed here; what a result says
//! of its columns is held against the prediction, which finds most of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use narrowgate_codec::postgres::analysis::{
    AnalyserPool, CHANGE_PROBE, Catalog, CatalogBuilder, CatalogError, CatalogQuery, Limits, SETUP,
    Settings,
};
use narrowgate_codec::postgres::backend::ParameterStatus;

use super::query::{QueryError, rows};
use super::upstream::{DialError, dial};
use super::wire::Wire;
use crate::metrics::Metrics;
use crate::plan::{Target, TargetCredential};

/// Threads for statements that are too deep for a worker's stack.
const ANALYSERS: usize = 2;
/// Statements that may wait for one of them.
const WAITING: usize = 256;
/// Catalogs that are kept; more are refused.
const CATALOGS: usize = 1024;
/// Two readings of one catalog are at least this far apart.
const PAUSE: Duration = Duration::from_millis(20);

/// Schemas that the role sees by default, one a row.
const SEARCH_PATH: &str = "SELECT pg_catalog.quote_ident(s), s FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) s";

/// True when the role has powers that no rule of the database limits.
const PRIVILEGED: &str = "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (\
SELECT 1 FROM pg_catalog.pg_roles p WHERE p.rolname IN \
('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program') \
AND pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')) \
FROM pg_catalog.pg_roles r WHERE r.rolname = current_user";

/// Why there is no catalog.
#[derive(Debug, thiserror::Error)]
pub(super) enum CatalogFault {
    /// The target cannot be reached.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// A query failed.
    #[error("the catalog cannot be read: {0}")]
    Query(#[from] QueryError),
    /// A query's answer is not what it should be.
    #[error("the catalog cannot be understood: {0}")]
    Catalog(#[from] CatalogError),
    /// The answer to one of the gateway's own questions is missing.
    #[error("the catalog does not tell {0}")]
    Missing(&'static str),
    /// The role may do more than a role for agents should.
    #[error(
        "the role {0} is a superuser, bypasses row security, or may read files or run programs; \
         give the target another role, or set allow_privileged: true"
    )]
    Privileged(String),
    /// There are too many.
    #[error("more than {CATALOGS} catalogs are in use")]
    TooMany,
}

/// The catalog of one database as one role sees it.
pub(super) struct Snapshot {
    /// Names and what they mean.
    pub(super) catalog: Arc<Catalog>,
    /// What sessions are pinned to.
    pub(super) settings: Arc<Settings>,
    /// `search_path` for the start-up packet: pinned, ending in pg_temp.
    pub(super) search_path: String,
    /// Settings that the server reports to a session which sets none.
    pub(super) parameters: Vec<ParameterStatus>,
    /// What the probe said when it was read.
    probe: String,
}

impl Snapshot {
    /// The same with another catalog.
    pub(super) fn with(&self, catalog: Catalog) -> Self {
        Self {
            catalog: Arc::new(catalog),
            settings: self.settings.clone(),
            search_path: self.search_path.clone(),
            parameters: self.parameters.clone(),
            probe: String::new(),
        }
    }
}

/// A catalog that is kept up to date.
pub(super) struct Entry {
    /// The last snapshot.
    snapshot: ArcSwapOption<Snapshot>,
    /// When it was last known to be right; held while it is being read.
    checked: tokio::sync::Mutex<Option<Instant>>,
    /// The same moment, to be looked at without waiting; in milliseconds since
    /// `Catalogs::start`.
    fresh: AtomicU64,
    /// What was read up to this moment no longer holds, in microseconds since
    /// `Catalogs::start`.
    stale: AtomicU64,
}

/// All catalogs, and the analyser that works with them.
pub struct Catalogs {
    /// By target, database and role.
    entries: Mutex<HashMap<(String, String, String), Arc<Entry>>>,
    /// Analyses deep statements.
    pub(super) pool: AnalyserPool,
    /// Version of the last snapshot.
    versions: AtomicU64,
    /// Where `Entry::fresh` counts from.
    start: Instant,
    /// Counts the readings.
    metrics: Arc<Metrics>,
}

impl Catalogs {
    /// No catalogs yet. `statement_length` bounds what is analysed, in bytes.
    pub fn new(statement_length: usize, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let limits = Limits {
            max_bytes: statement_length,
            ..Limits::default()
        };
        Ok(Self {
            entries: Mutex::default(),
            pool: AnalyserPool::new(ANALYSERS, WAITING, limits)?,
            versions: AtomicU64::new(0),
            start: Instant::now(),
            metrics,
        })
    }

    /// The entry of a database as a role sees it.
    pub(super) fn entry(
        &self,
        target: &Target,
        database: &str,
        credential: &TargetCredential,
    ) -> Result<Arc<Entry>, CatalogFault> {
        let key = (
            target.name.clone(),
            database.to_owned(),
            credential.username.clone(),
        );
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if !entries.contains_key(&key) && entries.len() >= CATALOGS {
            return Err(CatalogFault::TooMany);
        }
        Ok(entries
            .entry(key)
            .or_insert_with(|| {
                Arc::new(Entry {
                    snapshot: ArcSwapOption::empty(),
                    checked: tokio::sync::Mutex::new(None),
                    fresh: AtomicU64::new(0),
                    stale: AtomicU64::new(0),
                })
            })
            .clone())
    }

    /// Definitions in a database have changed: no session goes on with what was
    /// read before, whatever its role.
    pub(super) fn changed(&self, target: &Target, database: &str) {
        let since = self.start.elapsed().as_micros();
        let since = u64::try_from(since).unwrap_or(u64::MAX).saturating_add(1);
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for ((name, of, _), entry) in entries.iter() {
            if *name == target.name && of == database {
                entry.stale.fetch_max(since, Ordering::AcqRel);
            }
        }
    }

    /// True if what was read at a moment can be taken to hold still.
    pub(super) fn holds(&self, entry: &Entry, target: &Target, read: Instant) -> bool {
        let stale = self.start + Duration::from_micros(entry.stale.load(Ordering::Acquire));
        read.elapsed() < target.refresh && read > stale
    }

    /// A version for another catalog.
    pub(super) fn next_version(&self) -> u64 {
        self.versions.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The snapshot, read or probed again if it is older than the target's
    /// `refresh`, than `after`, or than the last change that is known of.
    pub(super) async fn snapshot(
        &self,
        entry: &Entry,
        target: &Target,
        database: &str,
        credential: &TargetCredential,
        after: Option<Instant>,
    ) -> Result<Arc<Snapshot>, CatalogFault> {
        let recent =
            |at: Instant| self.holds(entry, target, at) && after.is_none_or(|after| at > after);
        let fresh = self.start + Duration::from_millis(entry.fresh.load(Ordering::Acquire));
        if recent(fresh)
            && let Some(snapshot) = entry.snapshot.load_full()
        {
            return Ok(snapshot);
        }
        // Aside: this future is a part of every operation's.
        Box::pin(self.checked(entry, target, database, credential, recent)).await
    }

    /// The snapshot, after a look at the target.
    async fn checked(
        &self,
        entry: &Entry,
        target: &Target,
        database: &str,
        credential: &TargetCredential,
        recent: impl Fn(Instant) -> bool,
    ) -> Result<Arc<Snapshot>, CatalogFault> {
        let mut checked = entry.checked.lock().await;
        if checked.is_some_and(&recent)
            && let Some(snapshot) = entry.snapshot.load_full()
        {
            return Ok(snapshot);
        }
        if let Some(at) = *checked {
            tokio::time::sleep(PAUSE.saturating_sub(at.elapsed())).await;
        }
        let began = Instant::now();
        let old = entry.snapshot.load_full();
        let snapshot = match self
            .read(target, database, credential, old.as_deref())
            .await?
        {
            Some(new) => {
                let new = Arc::new(new);
                entry.snapshot.store(Some(new.clone()));
                new
            }
            None => old.ok_or(CatalogFault::Missing("anything"))?,
        };
        *checked = Some(began);
        let since = began.saturating_duration_since(self.start).as_millis();
        entry
            .fresh
            .store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Release);
        Ok(snapshot)
    }

    /// Reads a snapshot; `None` when the probe says that `old` still holds.
    async fn read(
        &self,
        target: &Target,
        database: &str,
        credential: &TargetCredential,
        old: Option<&Snapshot>,
    ) -> Result<Option<Snapshot>, CatalogFault> {
        let settings = [(
            "application_name".to_owned(),
            "narrowgate catalog".to_owned(),
        )];
        let mut upstream = dial(target, credential, database, &settings).await?;
        let wire = &mut upstream.wire;
        let path = rows(wire, SEARCH_PATH).await?;
        if !target.allow_privileged {
            let privileged = rows(wire, PRIVILEGED).await?;
            if one(&privileged) != Some("f") {
                return Err(CatalogFault::Privileged(credential.username.clone()));
            }
        }
        rows(wire, SETUP).await?;
        rows(wire, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let probe = rows(wire, CHANGE_PROBE).await?;
        let probe = one(&probe)
            .ok_or(CatalogFault::Missing("its own changes"))?
            .to_owned();
        let (search_path, schemas) = pinned(&path);
        let parameters = upstream.parameters;
        if old.is_some_and(|old| {
            old.probe == probe && old.search_path == search_path && old.parameters == parameters
        }) {
            return Ok(None);
        }
        let builder = contents(wire).await?;
        self.metrics.catalog_load();
        let catalog = builder.finish(self.next_version());
        Ok(Some(Snapshot {
            catalog: Arc::new(catalog),
            settings: Arc::new(Settings {
                search_path: schemas,
                user: credential.username.clone(),
                database: database.to_owned(),
                ..Settings::default()
            }),
            search_path,
            parameters,
            probe,
        }))
    }
}

/// Reads a catalog over a connection that is [`SETUP`] for it.
pub(super) async fn contents(wire: &mut Wire) -> Result<CatalogBuilder, CatalogFault> {
    let mut builder = CatalogBuilder::new();
    for query in CatalogQuery::ALL {
        for row in rows(wire, query.sql()).await? {
            let row: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
            builder.add(query, &row)?;
        }
    }
    Ok(builder)
}

/// The only value of an answer.
fn one(rows: &[Vec<Option<String>>]) -> Option<&str> {
    rows.first()?.first()?.as_deref()
}

/// The search path that sessions are pinned to: as a setting, and as a list.
fn pinned(rows: &[Vec<Option<String>>]) -> (String, Vec<String>) {
    let column = |n: usize| {
        rows.iter()
            .filter_map(move |row| row.get(n).cloned().flatten())
            .collect::<Vec<_>>()
    };
    let (mut quoted, mut plain) = (column(0), column(1));
    for list in [&mut quoted, &mut plain] {
        list.retain(|schema| schema != "pg_temp");
        list.push("pg_temp".to_owned());
    }
    (quoted.join(", "), plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_path_ends_in_pg_temp() {
        let row = |quoted: &str, plain: &str| vec![Some(quoted.to_owned()), Some(plain.to_owned())];
        let (setting, list) = pinned(&[row("\"My Schema\"", "My Schema"), row("public", "public")]);
        assert_eq!(setting, "\"My Schema\", public, pg_temp");
        assert_eq!(list, ["My Schema", "public", "pg_temp"]);
        assert_eq!(pinned(&[]).0, "pg_temp");
    }
}
