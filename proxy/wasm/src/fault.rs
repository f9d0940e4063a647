//! What a failed call means to the chain.

use narrowgate_chain::{Fault, FaultKind};
use wasmtime::Trap;

use crate::configured::Configured;

/// The host did not give a guest what it asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It was not granted.
    #[error("it asked for what needs the grant {0}")]
    Grant(&'static str),
    /// There is no such thing in this call.
    #[error("it asked about an operation in a call that is about none")]
    Outside,
}

/// A fault of a filter, counted.
pub(crate) fn fault(configured: &Configured, kind: FaultKind, message: impl Into<String>) -> Fault {
    configured.stats.faulted(kind);
    Fault {
        filter: configured.setup.name.clone(),
        kind,
        message: message.into(),
    }
}

/// The fault behind a call's error, counted. `exceeded`: the guest wanted more
/// memory than it may have, which guests made by ordinary compilers answer with
/// a trap.
pub(crate) fn failed(configured: &Configured, error: &wasmtime::Error, exceeded: bool) -> Fault {
    let (kind, message) = match (
        error.downcast_ref::<Trap>(),
        error.downcast_ref::<Refused>(),
    ) {
        (Some(Trap::Interrupt), _) => {
            let bound = configured.setup.limits.timeout;
            (FaultKind::Timeout, format!("no answer within {bound:?}"))
        }
        (_, Some(refused @ Refused::Grant(_))) => (FaultKind::Grant, refused.to_string()),
        (Some(_), _) if exceeded => {
            let bound = configured.setup.limits.memory;
            let message = format!("it wanted more than {bound} bytes of memory");
            (FaultKind::Memory, message)
        }
        (Some(trap), _) => (FaultKind::Trap, trap.to_string()),
        (None, _) => (FaultKind::Answer, format!("{error:#}")),
    };
    fault(configured, kind, message)
}
