//! An exchange: the guest's side of one operation, in the instance that decided.

use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{
    Attributes, Batch, BatchOutcome, Direction, Effect, Exchange, Fault, FaultKind, Interest,
    Message, MessageOutcome, Operation, Session, Shape, Verdict,
};
use wasmtime::component::ResourceAny;

use crate::configured::Configured;
use crate::fault::fault;
use crate::instance::Instance;
use crate::pool::Pool;
use crate::powers::Power;
use crate::slot::{About, Slot};
use crate::v0_1;

/// The guest's side of one operation.
pub struct WasmExchange {
    configured: Arc<Configured>,
    session: Arc<Session>,
    operation: Arc<Operation>,
    side: Side,
}

/// Where the guest's side is.
enum Side {
    /// Not made yet: the filter's answer stands, and is asked for when there is
    /// something to show.
    Later(Rc<Pool>),
    /// A resource of the instance that has decided.
    Made(Made),
    /// Gone with the operation.
    Ended,
}

/// A resource of an instance.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) slot: Rc<Slot>,
    /// Generation of the instance.
    pub(crate) generation: u64,
    pub(crate) handle: ResourceAny,
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
        configured: &Arc<Configured>,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
        made: Made,
    ) -> Self {
        Self {
            configured: configured.clone(),
            session: session.clone(),
            operation: operation.clone(),
            side: Side::Made(made),
        }
    }

    /// One of an answer that stands.
    pub(crate) fn later(
        configured: &Arc<Configured>,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
        pool: &Rc<Pool>,
    ) -> Self {
        Self {
            configured: configured.clone(),
            session: session.clone(),
            operation: operation.clone(),
            side: Side::Later(pool.clone()),
        }
    }

    /// The guest's side, which is made if that was left to now.
    async fn made(&mut self) -> Result<Made, Fault> {
        let pool = match &self.side {
            Side::Made(made) => return Ok(made.clone()),
            Side::Later(pool) => pool,
            Side::Ended => {
                let what = "it is asked about an operation that has ended";
                return Err(fault(&self.configured, FaultKind::Trap, what));
            }
        };
        let (answer, made) = decide(&self.configured, pool, &self.session, &self.operation).await?;
        match (answer.verdict, made) {
            (Verdict::Proceed, Some(made)) => {
                self.side = Side::Made(made.clone());
                Ok(made)
            }
            _ => {
                let what = "its answer did not stand";
                Err(fault(&self.configured, FaultKind::Answer, what))
            }
        }
    }

    /// Calls the instance that it lives in.
    async fn call<T>(
        &mut self,
        shown: usize,
        call: impl AsyncFnOnce(&mut Instance, ResourceAny) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let Made {
            slot,
            generation,
            handle,
        } = self.made().await?;
        let about = About {
            session: &self.session,
            operation: Some(&self.operation),
            shown,
        };
        slot.call_again(generation, &self.configured, about, async |instance| {
            call(instance, handle).await
        })
        .await
    }
}

/// Asks a filter about an operation. An exchange that it makes lives in the
/// instance that has answered.
pub(crate) async fn decide(
    configured: &Configured,
    pool: &Pool,
    session: &Arc<Session>,
    operation: &Arc<Operation>,
) -> Result<(v0_1::Answer, Option<Made>), Fault> {
    let about = About {
        session,
        operation: Some(operation),
        // A rewritten text may be as long as the one it replaces.
        shown: operation.text.len(),
    };
    let slot = pool.slot(configured, session)?;
    let (answer, generation) = slot
        .call(configured, about, async |instance| {
            v0_1::decide(instance, session, operation).await
        })
        .await?;
    let made = answer.exchange.map(|handle| Made {
        slot,
        generation,
        handle,
    });
    Ok((answer, made))
}

impl Exchange for WasmExchange {
    async fn begin(&mut self, shape: &Shape) -> Result<Interest, Fault> {
        if shape.direction == Direction::ToTarget && !self.configured.sees(shape.direction) {
            return Ok(Interest::Nothing);
        }
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
        if let Side::Later(_) = self.side {
            self.side = Side::Ended;
            return Ok(Vec::new());
        }
        let effects = self
            .call(0, async |instance, exchange| {
                v0_1::end(instance, exchange, outcome).await
            })
            .await;
        // The call has given it up; or else the instance is gone.
        self.side = Side::Ended;
        let effects = effects?;
        self.configured.check_effects(&effects)?;
        Ok(effects)
    }
}

impl Drop for WasmExchange {
    fn drop(&mut self) {
        if let Side::Made(made) = &self.side {
            made.slot.discard(made.generation, made.handle);
        }
    }
}
