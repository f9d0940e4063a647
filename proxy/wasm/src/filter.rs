//! A filter on one worker, behind the chain's own trait.

use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{
    Connection, Credential, Decision, Effect, Events, Fault, Filter, Message, MessageOutcome,
    Operation, Session, Verdict,
};

use crate::configured::Configured;
use crate::exchange::{self, WasmExchange};
use crate::instance::Instance;
use crate::pool::Pool;
use crate::powers::Power;
use crate::slot::{About, Slot};
use crate::{Grant, v0_1};

/// A filter on one worker. Not `Send`: its instances stay on their core.
pub struct WasmFilter {
    configured: Arc<Configured>,
    pool: Rc<Pool>,
    /// What the chain asks it.
    events: Events,
}

impl WasmFilter {
    pub(crate) fn new(configured: Arc<Configured>) -> Self {
        let wanted = configured.module.events;
        Self {
            pool: Rc::new(Pool::new(&configured)),
            events: Events {
                // A session's own instance ends with it.
                close: wanted.close || !configured.setup.shared,
                ..wanted
            },
            configured,
        }
    }

    /// Calls an instance that may serve the session.
    async fn call<T>(
        &self,
        about: About<'_>,
        call: impl AsyncFnOnce(&mut Instance) -> wasmtime::Result<T>,
    ) -> Result<(T, Rc<Slot>, u64), Fault> {
        let configured = &self.configured;
        let slot = self.pool.slot(configured, about.session)?;
        let (answer, generation) = slot.call(configured, about, call).await?;
        Ok((answer, slot, generation))
    }
}

/// A call about a session and none of its operations.
fn about(session: &Arc<Session>) -> About<'_> {
    About {
        session,
        operation: None,
        shown: 0,
    }
}

impl Filter for WasmFilter {
    type Exchange = WasmExchange;

    fn name(&self) -> &str {
        &self.configured.setup.name
    }

    fn events(&self) -> Events {
        self.events
    }

    async fn connect(
        &self,
        session: &Arc<Session>,
        credential: Option<&Credential>,
    ) -> Result<Connection, Fault> {
        let configured = &self.configured;
        let sees = configured.setup.grants.has(Grant::Credentials);
        let (answer, ..) = self
            .call(about(session), async |instance| {
                v0_1::connect(instance, credential, sees).await
            })
            .await?;
        configured.check_verdict(&answer.verdict)?;
        configured.check_effects(&answer.effects)?;
        if answer.identity.is_some() {
            configured.check_grant(Grant::Identify)?;
            configured.check_power(Power::Identify)?;
        }
        Ok(answer)
    }

    async fn renew(&self, session: &Arc<Session>) -> Result<Verdict, Fault> {
        let (verdict, ..) = self
            .call(about(session), async |instance| v0_1::renew(instance).await)
            .await?;
        self.configured.check_verdict(&verdict)?;
        Ok(verdict)
    }

    async fn operation(
        &self,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
    ) -> Result<Decision<WasmExchange>, Fault> {
        let configured = &self.configured;
        let (answer, made) = exchange::decide(configured, &self.pool, session, operation).await?;
        // Made first, so that it is dropped if the rest is refused.
        let exchange = made.map(|made| WasmExchange::new(configured, session, operation, made));
        configured.check_verdict(&answer.verdict)?;
        configured.check_effects(&answer.effects)?;
        Ok(Decision {
            verdict: answer.verdict,
            effects: answer.effects,
            exchange,
            stands: answer.stands,
        })
    }

    fn follow(&self, session: &Arc<Session>, operation: &Arc<Operation>) -> WasmExchange {
        WasmExchange::later(&self.configured, session, operation, &self.pool)
    }

    async fn message(
        &self,
        session: &Arc<Session>,
        message: &Message,
    ) -> Result<MessageOutcome, Fault> {
        let configured = &self.configured;
        if !configured.sees(message.direction) {
            return Ok(MessageOutcome::Pass);
        }
        let about = About {
            shown: v0_1::size(message),
            ..about(session)
        };
        let (outcome, ..) = self
            .call(about, async |instance| {
                v0_1::inspect(instance, message).await
            })
            .await?;
        configured.check_outcome(&outcome)?;
        Ok(outcome)
    }

    async fn close(&self, session: &Arc<Session>, reason: &str) -> Result<Vec<Effect>, Fault> {
        if !self.configured.module.events.close {
            self.pool.forget(session);
            return Ok(Vec::new());
        }
        let answer = self
            .call(about(session), async |instance| {
                v0_1::close(instance, reason).await
            })
            .await;
        self.pool.forget(session);
        let (effects, ..) = answer?;
        self.configured.check_effects(&effects)?;
        Ok(effects)
    }
}
