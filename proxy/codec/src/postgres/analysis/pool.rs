//! A few threads with large stacks that analyse what does not fit an ordinary one. Knows no runtime: the answer
//! goes to a callback.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::analyser::analyse_text;
use super::{Catalog, Limits, Settings, Statement, SyntaxError, fits_inline, stack};

/// Where an answer goes. Called once, on a pool thread or, for short statements, before
/// [`AnalyserPool::analyse`] returns.
pub type Done = Box<dyn FnOnce(Result<Vec<Statement>, PoolError>) + Send>;

/// Why there are no statements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// Too many statements are waiting, or the pool is closing. The statement was not looked at.
    #[error("too many statements are waiting to be analysed")]
    Busy,
    /// The analyser failed. Counts as a statement that cannot be understood.
    #[error("the statement could not be analysed")]
    Failed,
}

struct Job {
    sql: String,
    catalog: Arc<Catalog>,
    settings: Arc<Settings>,
    done: Done,
}

/// The pool. Dropping it lets running jobs end and answers waiting ones.
pub struct AnalyserPool {
    /// Bounded queue to the threads.
    jobs: SyncSender<Job>,
    limits: Limits,
}

impl std::fmt::Debug for AnalyserPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnalyserPool")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl AnalyserPool {
    /// Starts `threads` threads (at least one) with a queue of `queue` jobs. Fails when the system gives no threads.
    pub fn new(threads: usize, queue: usize, limits: Limits) -> std::io::Result<Self> {
        let (jobs, receiver) = sync_channel(queue.max(1));
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..threads.max(1) {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name("analyser".to_owned())
                .stack_size(stack::STACK)
                .spawn(move || work(&receiver, &limits))?;
        }
        Ok(Self { jobs, limits })
    }

    /// The bounds that statements are held to.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Analyses a text where it surely fits the caller's stack; `None` when it does not and must go to the pool.
    pub fn analyse_inline(
        &self,
        sql: &str,
        catalog: &Catalog,
        settings: &Settings,
    ) -> Option<Result<Vec<Statement>, SyntaxError>> {
        fits_inline(sql).then(|| analyse_text(sql, catalog, settings, &self.limits))
    }

    /// Analyses a text: here and now if it is short, else on a thread of the pool.
    pub fn analyse(&self, sql: String, catalog: Arc<Catalog>, settings: Arc<Settings>, done: Done) {
        if fits_inline(&sql) {
            done(guarded(&sql, &catalog, &settings, &self.limits));
            return;
        }
        match self.jobs.try_send(Job {
            sql,
            catalog,
            settings,
            done,
        }) {
            Ok(()) => {}
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => {
                (job.done)(Err(PoolError::Busy))
            }
        }
    }
}

fn work(receiver: &Mutex<Receiver<Job>>, limits: &Limits) {
    stack::mark_roomy();
    loop {
        let job = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(job) = job else { return };
        (job.done)(guarded(&job.sql, &job.catalog, &job.settings, limits));
    }
}

fn guarded(
    sql: &str,
    catalog: &Catalog,
    settings: &Settings,
    limits: &Limits,
) -> Result<Vec<Statement>, PoolError> {
    match catch_unwind(AssertUnwindSafe(|| {
        analyse_text(sql, catalog, settings, limits)
    })) {
        Ok(result) => result.map_err(PoolError::Syntax),
        Err(_) => Err(PoolError::Failed),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use super::super::{Action, Catalog, Limits, Settings};
    use super::AnalyserPool;

    #[test]
    fn long_statements_are_answered_from_the_pool() {
        let pool = AnalyserPool::new(2, 64, Limits::default()).unwrap();
        let (send, receive) = channel();
        for count in [1usize, 400, 3_000] {
            let send = send.clone();
            let sql = format!("SELECT 1{}", " + 1".repeat(count));
            let done =
                Box::new(move |result: Result<Vec<_>, _>| send.send((count, result)).unwrap());
            pool.analyse(
                sql,
                Arc::new(Catalog::default()),
                Arc::new(Settings::default()),
                done,
            );
        }
        for _ in 0..3 {
            let (count, result) = receive.recv().unwrap();
            let statements: Vec<super::Statement> = result.unwrap();
            assert_eq!(
                statements.first().map(|statement| statement.action.clone()),
                Some(Action::Select),
                "{count}"
            );
        }
    }
}
