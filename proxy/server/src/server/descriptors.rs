//! How many files and sockets the process may have open: as many as the system
//! lets it, and a word in the log where that is fewer than the configuration's
//! sessions may need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::plan::Plan;

/// Descriptors of a session: its client's and its target's.
const SESSION: u64 = 2;
/// Descriptors beside sessions: listeners, segments, catalogs, webhooks.
const BESIDE: u64 = 256;

/// Raises the soft limit to the hard one.
pub(super) fn raise(plan: &Plan) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let allowed = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of file descriptors cannot be raised");
            current
        }
    };
    // No limit at all is as good as enough.
    if let Some(allowed) = allowed.filter(|allowed| *allowed < needed(plan.bounds.connections)) {
        tracing::warn!(
            allowed,
            connections = plan.bounds.connections,
            "fewer file descriptors than limits.connections may need, two each: raise LimitNOFILE"
        );
    }
}

/// Descriptors that so many sessions may need.
fn needed(connections: usize) -> u64 {
    let connections = u64::try_from(connections).unwrap_or(u64::MAX);
    connections.saturating_mul(SESSION).saturating_add(BESIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_needs_two_and_the_gateway_some() {
        assert_eq!(needed(10_000), 20_256);
        assert_eq!(needed(usize::MAX), u64::MAX);
    }
}
