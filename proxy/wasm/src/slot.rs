//! A place for an instance, and the way every call into one takes.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use narrowgate_chain::{Fault, FaultKind, Operation, Session};
use tracing::Instrument;
use wasmtime::component::ResourceAny;

use crate::configured::Configured;
use crate::fault::{failed, fault};
use crate::instance::Instance;
use crate::turn::Turns;
use crate::v0_1;

/// Discarded exchanges that are dropped ahead of one call: at most one comes
/// into being with each.
const SWEPT: usize = 64;
/// Bytes that an answer may have, above what `About::shown` allows: lists may
/// overlap in the guest's memory, so that its size bounds nothing.
const ANSWER: usize = 1 << 20;

/// A place for an instance.
#[derive(Default)]
pub(crate) struct Slot {
    /// The instance: made at first need, out while it is called, gone after a
    /// fault or when whoever called it did not wait for the answer.
    instance: Cell<Option<Box<Instance>>>,
    /// One call at a time.
    turns: Turns,
    /// Counts up with every new instance: exchanges of an older one are lost.
    generation: Cell<u64>,
    /// Exchanges of the instance that nobody needs any more.
    discarded: RefCell<Vec<ResourceAny>>,
}

/// What a call is about.
pub(crate) struct About<'a> {
    /// The session it is lent.
    pub(crate) session: &'a Arc<Session>,
    /// The operation it is lent.
    pub(crate) operation: Option<&'a Arc<Operation>>,
    /// Bytes it is shown and may give back changed.
    pub(crate) shown: usize,
}

impl Slot {
    /// True while no call is under way.
    pub(crate) fn is_free(&self) -> bool {
        self.turns.is_free()
    }

    /// Calls the instance, which is made if there is none. Returns its
    /// generation beside the answer.
    pub(crate) async fn call<T>(
        &self,
        configured: &Configured,
        about: About<'_>,
        call: impl AsyncFnOnce(&mut Instance) -> wasmtime::Result<T>,
    ) -> Result<(T, u64), Fault> {
        let _turn = self.turns.take().await;
        let instance = match self.instance.take() {
            Some(instance) => instance,
            None => {
                self.generation.set(self.generation.get() + 1);
                self.discarded.borrow_mut().clear();
                Box::new(v0_1::instantiate(configured).await?)
            }
        };
        let generation = self.generation.get();
        let answer = self.run(configured, instance, about, call).await?;
        Ok((answer, generation))
    }

    /// Calls the instance of a generation, if it is still there.
    pub(crate) async fn call_again<T>(
        &self,
        generation: u64,
        configured: &Configured,
        about: About<'_>,
        call: impl AsyncFnOnce(&mut Instance) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let _turn = self.turns.take().await;
        let current = self.generation.get() == generation;
        match current.then(|| self.instance.take()).flatten() {
            Some(instance) => self.run(configured, instance, about, call).await,
            None => Err(fault(
                configured,
                FaultKind::Trap,
                "the instance that decided the operation is gone",
            )),
        }
    }

    /// Notes an exchange that nobody needs any more.
    pub(crate) fn discard(&self, generation: u64, exchange: ResourceAny) {
        if self.generation.get() == generation {
            self.discarded.borrow_mut().push(exchange);
        }
    }

    /// Calls an instance that has been taken out, and puts it back if all went
    /// well.
    async fn run<T>(
        &self,
        configured: &Configured,
        mut instance: Box<Instance>,
        about: About<'_>,
        call: impl AsyncFnOnce(&mut Instance) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let started = Instant::now();
        let answer = ANSWER.saturating_add(about.shown);
        instance.arm(&configured.setup.limits, started, answer);
        instance
            .store
            .data_mut()
            .lend(about.session, about.operation);
        let outcome = match self.sweep(&mut instance).await {
            Ok(()) => {
                let span = tracing::trace_span!("filter", name = configured.setup.name);
                call(&mut instance).instrument(span).await
            }
            Err(error) => Err(error),
        };
        configured.stats.called(started.elapsed());
        match outcome {
            Ok(answer) => {
                instance.store.data_mut().take_back();
                self.instance.set(Some(instance));
                Ok(answer)
            }
            Err(error) => {
                let exceeded = instance.store.data().memory.exceeded;
                Err(failed(configured, &error, exceeded))
            }
        }
    }

    /// Drops exchanges that nobody needs any more.
    async fn sweep(&self, instance: &mut Instance) -> wasmtime::Result<()> {
        for _ in 0..SWEPT {
            let Some(exchange) = self.discarded.borrow_mut().pop() else {
                break;
            };
            v0_1::discard(instance, exchange).await?;
        }
        Ok(())
    }
}
