//! Decisions of a session that stand, so that the chain is not run again for a
//! statement that it has answered for good.
//!
//! What is kept holds for one configuration and one revision of the session: a
//! changed chain, identity or attribute empties it. What an answer asks for is
//! done anew with every operation, see [`narrowgate_chain::Standing`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use narrowgate_chain::{Operation, Phase, Standing, Statement};

use super::effects::Applied;
use crate::chains::FilterChain;

/// Statements of a session of which decisions are kept.
const STATEMENTS: usize = 64;

/// Decisions of a session that stand.
#[derive(Default)]
pub(super) struct Decisions {
    kept: RefCell<Kept>,
}

/// They, and what they hold for.
#[derive(Default)]
struct Kept {
    /// Generation of the configuration, and revision of the session.
    holds_for: (u64, u32),
    /// By address of the statement, which each of them keeps alive.
    decisions: HashMap<(usize, Phase), Rc<Decision>>,
}

/// A decision that stands, whole or in parts.
pub(super) struct Decision {
    /// Keeps the address from being used for another statement.
    _statement: Arc<Statement>,
    /// What single filters have said.
    pub(super) standing: Standing,
    /// What that comes to, if the answers of all of them stand.
    pub(super) whole: Option<Applied>,
}

/// The place of an operation's decision.
fn place(operation: &Operation) -> (usize, Phase) {
    (Arc::as_ptr(&operation.statement).addr(), operation.phase)
}

impl Decisions {
    /// What stands about an operation for this generation and revision.
    pub(super) fn of(&self, operation: &Operation, holds_for: (u64, u32)) -> Option<Rc<Decision>> {
        let mut kept = self.kept.borrow_mut();
        if kept.holds_for != holds_for {
            kept.holds_for = holds_for;
            kept.decisions.clear();
        }
        kept.decisions.get(&place(operation)).cloned()
    }

    /// Keeps what stands about an operation.
    pub(super) fn keep(
        &self,
        operation: &Operation,
        holds_for: (u64, u32),
        chain: &FilterChain,
        standing: Standing,
    ) {
        // A statement that nobody else holds is not one that comes again.
        if Arc::strong_count(&operation.statement) < 2 {
            return;
        }
        let whole = standing.is_whole(chain.filters());
        let whole = whole.then(|| Applied::read(standing.effects()));
        let mut kept = self.kept.borrow_mut();
        if kept.holds_for != holds_for {
            return;
        }
        if kept.decisions.len() >= STATEMENTS {
            kept.decisions.clear();
        }
        let _statement = operation.statement.clone();
        kept.decisions.insert(
            place(operation),
            Rc::new(Decision {
                _statement,
                standing,
                whole,
            }),
        );
    }
}
