//! The gate: the one place where every protocol's operations are decided.
//!
//! A driver turns messages into operations and asks [`Gate::decide`]; the gate
//! runs the chain, waits where a filter wants waiting (for consent, for keys),
//! does what filters ask for, and writes down what was tried and decided. It
//! knows no protocol.

mod consent;
mod decide;
mod effects;
mod limits;
mod open;
mod permit;
mod record;
mod recorder;
mod rows;
mod standing;
mod told;

pub use consent::Waiting;
pub use decide::Refused;
pub use effects::RecordPlan;
pub use limits::Limits;
pub use open::Gate;
pub use permit::{End, Outcome, Permit};
pub use recorder::{Recorder, RecordingFault, record_host};
pub use told::Told;
