//! A filter on one worker, behind the chain's own trait.

use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{
    Connection, Credential, Decision, Effect, Events, Fault, FaultKind, Filter, Message,
    MessageOutcome, Operation, Session, Verdict,
};

use crate::configured::Configured;
use crate::exchange::WasmExchange;
use crate::instance::{Clocked, Failed, bounded, fault};
use crate::pool::Pool;
use crate::{Grant, v0_1};

/// A filter on one worker.
pub struct WasmFilter {
    configured: Arc<Configured>,
    pool: Rc<Pool>,
    events: Events,
}

impl WasmFilter {
    pub(crate) fn new(configured: Arc<Configured>) -> Self {
        let wants = |event: &str| {
            configured
                .module
                .description
                .events
                .iter()
                .any(|wanted| wanted == event)
        };
        let exports = &configured.module.exports;
        let events = Events {
            connect: exports.connect() && wants("connect"),
            renew: exports.renew() && wants("renew"),
            operation: exports.operation() && wants("operation"),
            message: exports.message() && wants("message"),
            // An instance of a session's own ends with it.
            close: (exports.close() && wants("close")) || !configured.setup.shared,
        };
        let pool = Rc::new(Pool::new(configured.clone()));
        Self {
            configured,
            pool,
            events,
        }
    }

    /// What a verdict takes: a power, and for a rewrite a grant.
    fn check(&self, verdict: &Verdict) -> Result<(), Fault> {
        let needs = match verdict {
            Verdict::Proceed | Verdict::Wait(_) => return Ok(()),
            Verdict::Deny(_) => "deny",
            Verdict::Hold(_) => "hold",
            Verdict::Rewrite(_) => {
                return match self.configured.setup.grants.has(Grant::Rewrite) {
                    true => Ok(()),
                    false => Err(self.forbidden("a rewrite without the grant")),
                };
            }
        };
        match self.configured.can(needs) {
            true => Ok(()),
            false => Err(self.forbidden(&format!("the verdict {needs} without that power"))),
        }
    }

    /// What effects take.
    fn check_effects(&self, effects: &[Effect]) -> Result<(), Fault> {
        let records = effects.iter().any(|effect| effect.name == "record");
        match !records || self.configured.setup.grants.has(Grant::Record) {
            true => Ok(()),
            false => Err(self.forbidden("the effect record without the grant")),
        }
    }

    fn forbidden(&self, what: &str) -> Fault {
        fault(&self.configured, FaultKind::Grant, what)
    }
}

/// Calls a guest: enters an instance, lends it the session, calls it within its
/// bounds, and throws the instance away if that goes wrong.
macro_rules! call {
    ($filter:expr, $session:expr, $operation:expr, |$instance:ident| $call:expr) => {{
        let configured = &$filter.configured;
        let slot = $filter.pool.slot($session)?;
        let _clocked = Clocked::start(configured);
        let (mut place, generation) = slot.enter(configured).await?;
        let outcome = match place.as_mut() {
            None => Err(Failed::Timeout),
            Some($instance) => {
                $instance.arm(configured);
                $instance.store.data_mut().lend($session, $operation);
                let outcome = bounded(configured, $call).await;
                $instance.store.data_mut().take_back();
                outcome
            }
        };
        match outcome {
            Ok(answer) => {
                drop(place);
                Ok((answer, slot, generation))
            }
            Err(failed) => {
                let exceeded = place
                    .as_ref()
                    .is_some_and(|i| i.store.data().memory.exceeded);
                *place = None;
                Err(failed.fault(configured, exceeded))
            }
        }
    }};
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
        let sees = self.configured.setup.grants.has(Grant::Credentials);
        let (connection, ..) = call!(self, session, None, |instance| v0_1::connect(
            instance, credential, sees
        ))?;
        self.check(&connection.verdict)?;
        self.check_effects(&connection.effects)?;
        if connection.identity.is_some() && !self.configured.setup.grants.has(Grant::Identity) {
            return Err(self.forbidden("an identity without the grant"));
        }
        Ok(connection)
    }

    async fn renew(&self, session: &Arc<Session>) -> Result<Verdict, Fault> {
        let (verdict, ..) = call!(self, session, None, |instance| v0_1::renew(instance))?;
        self.check(&verdict)?;
        Ok(verdict)
    }

    async fn operation(
        &self,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
    ) -> Result<Decision<WasmExchange>, Fault> {
        let (answer, slot, generation) = call!(self, session, Some(operation), |instance| {
            v0_1::decide(instance, session, operation)
        })?;
        let exchange = answer.exchange.map(|handle| {
            WasmExchange::new(
                self.configured.clone(),
                slot,
                generation,
                handle,
                session,
                operation,
            )
        });
        self.check(&answer.verdict)?;
        self.check_effects(&answer.effects)?;
        Ok(Decision {
            verdict: answer.verdict,
            effects: answer.effects,
            exchange,
        })
    }

    async fn message(
        &self,
        session: &Arc<Session>,
        message: &Message,
    ) -> Result<MessageOutcome, Fault> {
        let (outcome, ..) = call!(self, session, None, |instance| v0_1::inspect(
            instance, message
        ))?;
        if outcome != MessageOutcome::Pass && !self.configured.can("edit") {
            return Err(self.forbidden("a changed message without the power edit"));
        }
        Ok(outcome)
    }

    async fn close(&self, session: &Arc<Session>, reason: &str) -> Result<Vec<Effect>, Fault> {
        let effects = if self.configured.module.exports.close() {
            call!(self, session, None, |instance| v0_1::close(
                instance, reason
            ))
        } else {
            self.pool.forget(session);
            return Ok(Vec::new());
        };
        self.pool.forget(session);
        let (effects, ..) = effects?;
        self.check_effects(&effects)?;
        Ok(effects)
    }
}
