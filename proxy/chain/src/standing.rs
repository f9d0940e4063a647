//! Answers that stand.
//!
//! A filter may say that its answer is the same for every operation of the
//! session with this statement, as long as identity, session attributes and
//! configuration stay. It is then not asked again, and what it asked for is
//! done again: limits are taken and records are written as ever. An exchange
//! that comes with such an answer is made when there is something to show to it.
//! Only leave to go on can stand; refusals and holds are always asked for.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::{Effect, Exchanges, Filter, Operation, Session, Shape};

/// What the filters of a chain have said that stands, by place.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    places: Vec<Option<Rc<Kept>>>,
}

/// One filter's answer.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// What it asked for.
    pub(crate) effects: Vec<Effect>,
    /// It follows the operation.
    pub(crate) follows: Option<Unwanted>,
}

/// The shape of which a filter last said that it wants nothing of it.
pub(crate) type Unwanted = Rc<RefCell<Option<Rc<Shape>>>>;

impl Standing {
    /// The answer of the filter at a place, if it stands.
    pub(crate) fn at(&self, place: usize) -> Option<&Rc<Kept>> {
        self.places.get(place)?.as_ref()
    }

    /// The answer of the filter at a place stands.
    pub(crate) fn keep(&mut self, place: usize, effects: &[Effect], follows: bool) {
        if self.places.len() <= place {
            self.places.resize(place + 1, None);
        }
        if let Some(kept) = self.places.get_mut(place) {
            let follows = follows.then(Unwanted::default);
            *kept = Some(Rc::new(Kept {
                effects: effects.to_vec(),
                follows,
            }));
        }
    }

    /// How many answers stand.
    pub fn count(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// True when each filter of a chain that decides operations has given an answer
    /// that stands: the chain need not be run.
    pub fn is_whole<F: Filter>(&self, filters: &[F]) -> bool {
        let mut asked = filters
            .iter()
            .enumerate()
            .filter(|(_, filter)| filter.events().operation);
        asked.all(|(place, _)| self.at(place).is_some())
    }

    /// What the filters have asked for, in the order of the chain, each with its
    /// place.
    pub fn effects(&self) -> impl Iterator<Item = (usize, &Effect)> {
        let kept = self.places.iter().enumerate();
        let kept = kept.filter_map(|(place, kept)| Some((place, kept.as_ref()?)));
        kept.flat_map(|(place, kept)| kept.effects.iter().map(move |effect| (place, effect)))
    }

    /// The exchanges of an operation for which the chain need not be run.
    pub fn exchanges<F: Filter>(
        &self,
        filters: &[F],
        session: &Arc<Session>,
        operation: &Arc<Operation>,
    ) -> Exchanges<F::Exchange> {
        let mut exchanges = Exchanges::default();
        for (kept, filter) in self.places.iter().zip(filters) {
            if let Some(unwanted) = kept.as_ref().and_then(|kept| kept.follows.as_ref()) {
                let exchange = filter.follow(session, operation);
                exchanges.push_standing(filter.name(), exchange, unwanted.clone());
            }
        }
        exchanges
    }
}
