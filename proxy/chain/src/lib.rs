//! Sessions, operations, verdicts, and the chain that runs filters over them.
//!
//! The crate is generic over where filters run, so the order of a chain is
//! tested without Wasm; it knows no protocol and no codec. The types mirror the
//! guest contract in `sdk/wit`, which documents what each of them means to a
//! filter.

mod batch;
mod chain;
mod effect;
mod exchanges;
mod filter;
mod message;
mod operation;
mod session;
mod standing;
mod value;
mod verdict;

pub use batch::{Batch, BatchOutcome, Cell, Column, Edits, Interest, Rows, Shape};
pub use chain::{Attributed, Chain, Connected, Decided};
pub use effect::Effect;
pub use exchanges::{Exchanges, Passed, Piece};
pub use filter::{Connection, Credential, Decision, Events, Exchange, Fault, FaultKind, Filter};
pub use message::{Direction, Message, MessageOutcome};
pub use operation::{
    Access, Detail, Flow, Object, Operation, Origin, Phase, PostgresDetail, Predicate, Statement,
};
pub use session::{Identity, Session, SessionStart};
pub use standing::Standing;
pub use value::{Attributes, Value, attribute};
pub use verdict::{Denial, Hold, Verdict, code};
