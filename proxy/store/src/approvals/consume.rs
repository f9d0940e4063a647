//! A consent becomes a grant, exactly once.

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::request::{Decision, State, Validity, Verdict};
use super::store::Store;

/// Leave to execute one operation now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The request.
    pub id: String,
    /// What may be executed, as [`digest`](super::digest()).
    pub digest: String,
    /// Who approved.
    pub approvers: Vec<Decision>,
    /// How long the consent lasts; this grant itself is for one execution.
    pub validity: Validity,
    /// The end of a time box, in microseconds since the Unix epoch.
    pub until: Option<u64>,
    /// Which use this is, from 1.
    pub uses: u64,
}

impl Store {
    /// Consumes the consent for the operation with this digest.
    ///
    /// When this returns `Ok`, the use is on the disk: a gateway killed in
    /// the next instant will not execute the operation a second time.
    ///
    /// # Errors
    /// [`Error::Changed`] when another operation was approved,
    /// [`Error::State`] unless approved, and those of the database.
    pub fn consume(&mut self, id: &str, digest: &str) -> Result<Grant, Error> {
        self.change(id, |_, request, _| {
            if request.digest != digest {
                return Err(Error::Changed(request.id.clone()));
            }
            request.must_be(State::Approved)?;
            // The state says so already; people are counted again because
            // this is the last look before the operation runs.
            if request.approvals() < request.quorum {
                return Err(Error::Corrupt("quorum"));
            }
            request.uses = request.uses.saturating_add(1);
            request.running = request.running.saturating_add(1);
            request.attached = false;
            if request.validity == Validity::Once {
                request.state = State::Used;
            }
            Ok(Grant {
                id: request.id.clone(),
                digest: request.digest.clone(),
                approvers: request
                    .decisions
                    .iter()
                    .filter(|decision| decision.verdict == Verdict::Approve)
                    .cloned()
                    .collect(),
                validity: request.validity,
                until: request.until,
                uses: request.uses,
            })
        })
    }

    /// Says that one execution under the grant has ended, so that there is
    /// nothing left of it to revoke. To be called once per [`Grant`].
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of the database.
    pub fn finish(&mut self, id: &str) -> Result<(), Error> {
        self.change(id, |_, request, now| {
            request.running = request.running.saturating_sub(1);
            if request.state == State::Used && request.running == 0 {
                request.ended.get_or_insert(now);
            }
            Ok(())
        })
    }
}
