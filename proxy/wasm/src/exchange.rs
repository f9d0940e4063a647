//! An exchange: the guest's side of one operation, in the instance that decided.

use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{
    Attributes, Batch, BatchOutcome, Direction, Effect, Exchange, Fault, FaultKind, Interest,
    Message, MessageOutcome, Operation, Session, Shape,
};
use wasmtime::component::ResourceAny;

use crate::configured::Configured;
use crate::instance::{Clocked, bounded, fault};
use crate::pool::Slot;
use crate::{Grant, v0_1};

/// The guest's side of one operation.
pub struct WasmExchange {
    configured: Arc<Configured>,
    slot: Rc<Slot>,
    /// Generation of the instance it lives in.
    generation: u64,
    /// The guest's resource, until it has been given up.
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

    fn lost(&self) -> Fault {
        fault(
            &self.configured,
            FaultKind::Trap,
            "the instance that decided is gone",
        )
    }

    fn forbidden(&self, what: &str) -> Fault {
        fault(&self.configured, FaultKind::Grant, what)
    }
}

/// As in `filter`, for the instance that the exchange lives in.
macro_rules! call {
    ($exchange:expr, |$instance:ident, $handle:ident| $call:expr) => {{
        let configured = $exchange.configured.clone();
        let $handle = $exchange.handle.ok_or_else(|| $exchange.lost())?;
        let _clocked = Clocked::start(&configured);
        let slot = $exchange.slot.clone();
        let place = slot.enter_generation($exchange.generation).await;
        let mut place = place.ok_or_else(|| $exchange.lost())?;
        let $instance = place.as_mut().ok_or_else(|| $exchange.lost())?;
        $instance.arm(&configured);
        $instance
            .store
            .data_mut()
            .lend(&$exchange.session, Some(&$exchange.operation));
        let outcome = bounded(&configured, $call).await;
        $instance.store.data_mut().take_back();
        let exceeded = $instance.store.data().memory.exceeded;
        outcome.map_err(|failed| {
            *place = None;
            failed.fault(&configured, exceeded)
        })
    }};
}

impl Exchange for WasmExchange {
    async fn begin(&mut self, shape: &Shape) -> Result<Interest, Fault> {
        let interest = call!(self, |instance, handle| v0_1::begin(
            instance, handle, shape
        ))?;
        let grant = match shape.direction {
            Direction::ToClient => Grant::Results,
            Direction::ToTarget => Grant::Input,
        };
        if interest != Interest::Nothing && !self.configured.setup.grants.has(grant) {
            return Err(self.forbidden("an interest in data without the grant"));
        }
        Ok(interest)
    }

    async fn batch(&mut self, batch: &Batch<'_>) -> Result<BatchOutcome, Fault> {
        let outcome = call!(self, |instance, handle| v0_1::batch(
            instance, handle, batch
        ))?;
        let power = match &outcome {
            BatchOutcome::Pass => return Ok(outcome),
            BatchOutcome::Edit(_) => "edit",
            BatchOutcome::Deny(_) => "deny",
        };
        match self.configured.can(power) {
            true => Ok(outcome),
            false => Err(self.forbidden(&format!("an answer without the power {power}"))),
        }
    }

    async fn message(&mut self, message: &Message) -> Result<MessageOutcome, Fault> {
        let outcome = call!(self, |instance, handle| v0_1::message(
            instance, handle, message
        ))?;
        match outcome == MessageOutcome::Pass || self.configured.can("edit") {
            true => Ok(outcome),
            false => Err(self.forbidden("a changed message without the power edit")),
        }
    }

    async fn end(&mut self, outcome: &Attributes) -> Result<Vec<Effect>, Fault> {
        let effects = call!(self, |instance, handle| v0_1::end(
            instance, handle, outcome
        ))?;
        if effects.iter().any(|effect| effect.name == "record")
            && !self.configured.setup.grants.has(Grant::Record)
        {
            return Err(self.forbidden("the effect record without the grant"));
        }
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
