//! The chain: filters in order, forward on the way to the target, in reverse
//! on the way back (see [`Exchanges`]).
//!
//! The first filter that does not proceed ends the run. What the filters before
//! it have asked for, recording above all, is returned all the same.

use std::sync::Arc;

use crate::{
    Credential, Denial, Effect, Exchanges, Fault, Filter, Hold, Message, MessageOutcome, Operation,
    Session, Standing, Verdict,
};

/// Something a filter said, with its place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributed<T> {
    /// Place of the filter.
    pub filter: usize,
    /// What it said.
    pub what: T,
}

/// What a chain decided about an operation.
#[derive(Debug)]
pub enum Decided<E> {
    /// It may run; these filters follow it.
    Proceed(Exchanges<E>),
    /// It may not.
    Deny(Attributed<Denial>),
    /// People have to agree first.
    Hold(Attributed<Hold>),
    /// The filter needs these fetched.
    Wait(Attributed<Vec<String>>),
    /// It is to be replaced and decided anew.
    Rewrite(Attributed<String>),
    /// A filter could not answer.
    Fault(Attributed<Fault>),
}

/// What a chain decided about a session.
#[derive(Debug)]
pub enum Connected {
    /// It may begin.
    Proceed,
    /// It may not.
    Deny(Attributed<Denial>),
    /// A filter needs these fetched; ask again.
    Wait(Attributed<Vec<String>>),
    /// A filter could not answer.
    Fault(Attributed<Fault>),
}

/// Filters in order, the outermost first.
pub struct Chain<F> {
    /// Name in the configuration.
    name: String,
    /// The filters.
    filters: Vec<F>,
}

impl<F: Filter> Chain<F> {
    /// A chain of these filters, the outermost first.
    pub fn new(name: impl Into<String>, filters: Vec<F>) -> Self {
        Self {
            name: name.into(),
            filters,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its filters.
    pub fn filters(&self) -> &[F] {
        &self.filters
    }

    /// The name of the filter at a place.
    pub fn filter_name(&self, place: usize) -> &str {
        self.filters.get(place).map_or("", Filter::name)
    }

    /// A client has come. Sets the identity that a filter finds.
    pub async fn connect(
        &self,
        session: &Arc<Session>,
        credential: Option<&Credential>,
    ) -> (Connected, Vec<Attributed<Effect>>) {
        let mut effects = Vec::new();
        for (place, filter) in self.filters.iter().enumerate() {
            if !filter.events().connect {
                continue;
            }
            let answer = match filter.connect(session, credential).await {
                Ok(answer) => answer,
                Err(fault) => return (Connected::Fault(at(place, fault)), effects),
            };
            effects.extend(answer.effects.into_iter().map(|effect| at(place, effect)));
            let connected = match answer.verdict {
                Verdict::Proceed => {
                    if let Some(identity) = answer.identity {
                        session.set_identity(identity);
                    }
                    continue;
                }
                Verdict::Deny(denial) => Connected::Deny(at(place, denial)),
                Verdict::Wait(keys) => Connected::Wait(at(place, keys)),
                Verdict::Hold(_) | Verdict::Rewrite(_) => {
                    Connected::Fault(at(place, unfit(filter.name(), "connect")))
                }
            };
            return (connected, effects);
        }
        (Connected::Proceed, effects)
    }

    /// The session goes on under this chain.
    pub async fn renew(&self, session: &Arc<Session>) -> Connected {
        for (place, filter) in self.filters.iter().enumerate() {
            if !filter.events().renew {
                continue;
            }
            match filter.renew(session).await {
                Err(fault) => return Connected::Fault(at(place, fault)),
                Ok(Verdict::Proceed) => {}
                Ok(Verdict::Deny(denial)) => return Connected::Deny(at(place, denial)),
                Ok(Verdict::Wait(keys)) => return Connected::Wait(at(place, keys)),
                Ok(Verdict::Hold(_) | Verdict::Rewrite(_)) => {
                    return Connected::Fault(at(place, unfit(filter.name(), "renew")));
                }
            }
        }
        Connected::Proceed
    }

    /// Decides an operation. Filters whose answer stands are not asked again, and
    /// new answers that stand are kept. A hold is passed over where `consented`
    /// says that people have agreed to just what the filter at that place asks for.
    pub async fn operation(
        &self,
        session: &Arc<Session>,
        operation: &Arc<Operation>,
        standing: &mut Standing,
        consented: impl Fn(usize, &Hold) -> bool,
    ) -> (Decided<F::Exchange>, Vec<Attributed<Effect>>) {
        let mut effects = Vec::new();
        let mut exchanges = Exchanges::default();
        for (place, filter) in self.filters.iter().enumerate() {
            if !filter.events().operation {
                continue;
            }
            if let Some(kept) = standing.at(place) {
                effects.extend(kept.effects.iter().map(|effect| at(place, effect.clone())));
                if let Some(unwanted) = &kept.follows {
                    let exchange = filter.follow(session, operation);
                    exchanges.push_standing(filter.name(), exchange, unwanted.clone());
                }
                continue;
            }
            let answer = match filter.operation(session, operation).await {
                Ok(answer) => answer,
                Err(fault) => return (Decided::Fault(at(place, fault)), effects),
            };
            if answer.stands && answer.verdict == Verdict::Proceed {
                standing.keep(place, &answer.effects, answer.exchange.is_some());
            }
            effects.extend(answer.effects.into_iter().map(|effect| at(place, effect)));
            let decided = match answer.verdict {
                Verdict::Hold(hold) if consented(place, &hold) => None,
                Verdict::Proceed => None,
                Verdict::Hold(hold) => Some(Decided::Hold(at(place, hold))),
                Verdict::Deny(denial) => Some(Decided::Deny(at(place, denial))),
                Verdict::Wait(keys) => Some(Decided::Wait(at(place, keys))),
                Verdict::Rewrite(text) => Some(Decided::Rewrite(at(place, text))),
            };
            if let Some(decided) = decided {
                return (decided, effects);
            }
            if let Some(exchange) = answer.exchange {
                exchanges.push(filter.name(), exchange);
            }
        }
        (Decided::Proceed(exchanges), effects)
    }

    /// A message outside of operations passes by: `None` when it goes no further.
    pub async fn message(
        &self,
        session: &Arc<Session>,
        mut message: Message,
    ) -> Result<Option<Message>, Fault> {
        for filter in self
            .filters
            .iter()
            .rev()
            .filter(|filter| filter.events().message)
        {
            match filter.message(session, &message).await? {
                MessageOutcome::Pass => {}
                MessageOutcome::Replace(fields) => message.fields = fields,
                MessageOutcome::Drop => return Ok(None),
            }
        }
        Ok(Some(message))
    }

    /// The session has ended. Every filter is told.
    pub async fn close(&self, session: &Arc<Session>, reason: &str) -> Vec<Attributed<Effect>> {
        let mut effects = Vec::new();
        for (place, filter) in self.filters.iter().enumerate().rev() {
            if filter.events().close
                && let Ok(new) = filter.close(session, reason).await
            {
                effects.extend(new.into_iter().map(|effect| at(place, effect)));
            }
        }
        effects
    }
}

/// What a filter said, with its place.
fn at<T>(filter: usize, what: T) -> Attributed<T> {
    Attributed { filter, what }
}

/// The fault of a verdict that the event does not know.
fn unfit(filter: &str, event: &str) -> Fault {
    Fault {
        filter: filter.to_owned(),
        kind: crate::FaultKind::Answer,
        message: format!("the verdict does not fit the event {event}"),
    }
}

#[cfg(test)]
mod tests;
