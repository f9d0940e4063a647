//! Where a session goes: which target, which database there, in which role, and
//! what names mean in it. Found when a client logs in, and found anew in the
//! configuration of that moment when the target is dialled.

use std::fmt::Display;
use std::sync::Arc;

use super::catalog::{CatalogFault, Catalogs, Entry, Snapshot};
use super::error::Report;
use super::upstream::{DialError, Upstream, dial};
use crate::plan::{Plan, Target, TargetCredential};

/// Where a session goes.
pub(super) struct Place {
    /// The target.
    pub(super) target: Arc<Target>,
    /// Number of the credential in the target's list.
    credential: usize,
    /// Database at the target.
    pub(super) database: String,
    /// What names mean.
    pub(super) catalog: Arc<Entry>,
}

impl Place {
    /// The place of members of `groups`, with the catalog as it is now: so that
    /// nobody gets to a target that cannot be reached, or in too powerful a role.
    pub(super) async fn find(
        catalogs: &Catalogs,
        target: Arc<Target>,
        database: String,
        groups: &[String],
    ) -> Result<(Self, Arc<Snapshot>), Report> {
        let Some((number, credential)) = credential(&target, groups) else {
            return Err(Report {
                hint: Some("Ask for a group that the target has a credential for.".to_owned()),
                ..Report::new(
                    "42501",
                    "the target has no credential for any of your groups",
                )
            });
        };
        let catalog = catalogs
            .entry(&target, &database, credential)
            .map_err(|fault| unreachable(&target, &fault))?;
        let snapshot = catalogs
            .snapshot(&catalog, &target, &database, credential, None)
            .await;
        let snapshot = match snapshot {
            Ok(snapshot) => snapshot,
            Err(fault @ CatalogFault::Privileged(_)) => {
                tracing::error!(target = target.name, %fault, "refused");
                return Err(Report {
                    hint: Some("Tell whoever runs the gateway; its log has more.".to_owned()),
                    ..Report::new(
                        "42501",
                        "the gateway's role at the target is more powerful than allowed",
                    )
                });
            }
            Err(fault) => return Err(unreachable(&target, &fault)),
        };
        let place = Self {
            target,
            credential: number,
            database,
            catalog,
        };
        Ok((place, snapshot))
    }

    /// The same place as a later configuration has it: its target may be elsewhere
    /// by now, with another password, or gone.
    pub(super) async fn find_anew(
        &self,
        catalogs: &Catalogs,
        plan: &Plan,
        groups: &[String],
    ) -> Result<(Self, Arc<Snapshot>), Report> {
        let target = plan.targets.get(&self.target.name);
        let Some(target) = target.filter(|target| target.serves(&self.database)) else {
            return Err(Report::new(
                "3D000",
                format!("the target \"{}\" is no longer there", self.target.name),
            ));
        };
        Self::find(catalogs, target.clone(), self.database.clone(), groups).await
    }

    /// The gateway's credential there.
    pub(super) fn credential(&self) -> Option<&TargetCredential> {
        self.target.credentials.get(self.credential)
    }

    /// Opens a session there, with settings for its start-up message.
    pub(super) async fn dial(&self, settings: &[(String, String)]) -> Result<Upstream, Report> {
        let credential = self
            .credential()
            .ok_or_else(|| unreachable(&self.target, &"no credential"))?;
        dial(&self.target, credential, &self.database, settings)
            .await
            .map_err(|error| match error {
                // Of the settings only the client's own can be wrong.
                DialError::Refused { sqlstate, message } if sqlstate == INVALID_VALUE => {
                    Report::new(INVALID_VALUE, message)
                }
                error => unreachable(&self.target, &error),
            })
    }
}

/// `invalid_parameter_value`.
const INVALID_VALUE: &str = "22023";

/// The first credential that is for one of the groups, or for everybody.
pub(super) fn credential<'a>(
    target: &'a Target,
    groups: &[String],
) -> Option<(usize, &'a TargetCredential)> {
    target
        .credentials
        .iter()
        .enumerate()
        .find(|(_, credential)| {
            credential.groups.is_empty()
                || credential.groups.iter().any(|group| groups.contains(group))
        })
}

/// What a client is told of a target that cannot be had; the log is told why.
fn unreachable(target: &Target, fault: &dyn Display) -> Report {
    tracing::error!(target = target.name, %fault, "a session at the target cannot be had");
    Report {
        hint: Some("Try again in a moment; the gateway's log has more.".to_owned()),
        ..Report::new(
            "08001",
            format!("the target \"{}\" cannot be reached", target.name),
        )
    }
}
