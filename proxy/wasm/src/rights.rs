//! Whether an answer is one that the filter may give: by its powers, which it
//! named itself, and its grants, which the configuration gave.

use narrowgate_chain::{Direction, Effect, Fault, FaultKind, MessageOutcome, Verdict};

use crate::Grant;
use crate::configured::Configured;
use crate::fault::fault;
use crate::powers::Power;

impl Configured {
    /// It said that it does this.
    pub(crate) fn check_power(&self, power: Power) -> Result<(), Fault> {
        match self.module.powers.has(power) {
            true => Ok(()),
            false => Err(self.forbidden("power", power.as_str())),
        }
    }

    /// It was given this.
    pub(crate) fn check_grant(&self, grant: Grant) -> Result<(), Fault> {
        match self.setup.grants.has(grant) {
            true => Ok(()),
            false => Err(self.forbidden("grant", grant.as_str())),
        }
    }

    /// It may answer so.
    pub(crate) fn check_verdict(&self, verdict: &Verdict) -> Result<(), Fault> {
        match verdict {
            Verdict::Proceed | Verdict::Wait(_) => Ok(()),
            Verdict::Deny(_) => self.check_power(Power::Deny),
            Verdict::Hold(_) => self.check_power(Power::Hold),
            Verdict::Rewrite(_) => self.check_grant(Grant::Rewrite),
        }
    }

    /// It may ask for these. What an unknown effect means is for the host.
    pub(crate) fn check_effects(&self, effects: &[Effect]) -> Result<(), Fault> {
        match effects.iter().any(|effect| effect.name == "record") {
            true => self.check_grant(Grant::Record),
            false => Ok(()),
        }
    }

    /// It may do this to a message.
    pub(crate) fn check_outcome(&self, outcome: &MessageOutcome) -> Result<(), Fault> {
        match outcome {
            MessageOutcome::Pass => Ok(()),
            MessageOutcome::Replace(_) | MessageOutcome::Drop => self.check_power(Power::Edit),
        }
    }

    /// It may see what flows this way.
    pub(crate) fn check_flow(&self, direction: Direction) -> Result<(), Fault> {
        self.check_grant(flow(direction))
    }

    /// True when it may see what flows this way.
    pub(crate) fn sees(&self, direction: Direction) -> bool {
        self.setup.grants.has(flow(direction))
    }

    fn forbidden(&self, what: &str, which: &str) -> Fault {
        let message = format!("its answer needs the {what} {which}");
        fault(self, FaultKind::Grant, message)
    }
}

/// The grant that opens a direction.
fn flow(direction: Direction) -> Grant {
    match direction {
        Direction::ToClient => Grant::Results,
        Direction::ToTarget => Grant::Input,
    }
}
