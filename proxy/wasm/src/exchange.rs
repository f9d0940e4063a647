//! An exchange: the guest's side of one operation, in the instance that decided.

use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{
    Attributes, Batch, BatchOutcome, Effect, Exchange, Fault, FaultKind, Interest, Message,
    MessageOutcome, Operation, Session, Shape,
};
use wasmtime::component::ResourceAny;

use crate::configured::Configured;
use crate::fault::fault;
use crate::instance::Instance;
use crate::powers::Power;
use crate::slot::{About, Slot};
use crate::v0_1;

/// The guest's side of one operation.
pub struct WasmExchange {
    configured: Arc<Configured>,
    slot: Rc<Slot>,
    /// Generation of the instance it lives in.
    generation: u64,
    /// The guest's resource, until the operation has ended.
    handle: Option<ResourceAny>,
    session: Arc<Session>,
    operation: Arc<Operation>,
}

impl std::fmt::Debug for WasmExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasmExchange")
            .field("filter", &self.configured.setup.name)
            .finish_non_exhaustive()
    }
}

impl WasmExchange {
    pub(crate) fn new(
        configured: Arc<Configured>,
        slot: Rc<Slot>,
        generation: u64,
        handle: ResourceAny,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
    ) -> Self {
        Self {
            configured,
            slot,
            generation,
            handle: Some(handle),
            session: session.clone(),
            operation: operation.clone(),
        }
    }

    /// Calls the instance that it lives in.
    async fn call<T>(
        &self,
        shown: usize,
        call: impl AsyncFnOnce(&mut Instance, ResourceAny) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let handle = self.handle.ok_or_else(|| {
            let what = "it is asked about an operation that has ended";
            fault(&self.configured, FaultKind::Trap, what)
        })?;
        let about = About {
            session: &self.session,
            operation: Some(&self.operation),
            shown,
        };
        self.slot
            .call_again(self.generation, &self.configured, about, async |instance| {
                call(instance, handle).await
            })
            .await
    }
}

impl Exchange for WasmExchange {
    async fn begin(&mut self, shape: &Shape) -> Result<Interest, Fault> {
        let interest = self
            .call(0, async |instance, exchange| {
                v0_1::begin(instance, exchange, shape).await
            })
            .await?;
        if interest != Interest::Nothing {
            self.configured.check_flow(shape.direction)?;
        }
        Ok(interest)
    }

    async fn batch(&mut self, batch: &Batch<'_>) -> Result<BatchOutcome, Fault> {
        self.configured.check_flow(batch.direction)?;
        // Two numbers for each cell that is edited, and cells that may grow.
        let shown = batch.data.len() * 4 + batch.lengths.len() * 16;
        let outcome = self
            .call(shown, async |instance, exchange| {
                v0_1::batch(instance, exchange, batch).await
            })
            .await?;
        match outcome {
            BatchOutcome::Pass => {}
            BatchOutcome::Edit(_) => self.configured.check_power(Power::Edit)?,
            BatchOutcome::Deny(_) => self.configured.check_power(Power::Deny)?,
        }
        Ok(outcome)
    }

    async fn message(&mut self, message: &Message) -> Result<MessageOutcome, Fault> {
        if !self.configured.sees(message.direction) {
            return Ok(MessageOutcome::Pass);
        }
        let outcome = self
            .call(v0_1::size(message), async |instance, exchange| {
                v0_1::message(instance, exchange, message).await
            })
            .await?;
        self.configured.check_outcome(&outcome)?;
        Ok(outcome)
    }

    async fn end(&mut self, outcome: &Attributes) -> Result<Vec<Effect>, Fault> {
        let effects = self
            .call(0, async |instance, exchange| {
                v0_1::end(instance, exchange, outcome).await
            })
            .await;
        // The call has given it up; or else the instance is gone.
        self.handle = None;
        let effects = effects?;
        self.configured.check_effects(&effects)?;
        Ok(effects)
    }
}

impl Drop for WasmExchange {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            self.slot.discard(self.generation, handle);
        }
    }
}
