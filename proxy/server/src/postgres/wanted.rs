//! What the start-up packet says that a client wants: which target, as whom, with
//! which settings.

use std::sync::Arc;

use narrowgate_codec::postgres::Text;
use narrowgate_codec::postgres::startup::StartupMessage;

use super::error::Report;
use super::parameters::{ParameterError, settings};
use crate::plan::{Plan, Target};

/// Longest user or database name that is looked at, in bytes.
pub(super) const NAME: usize = 256;

/// What a client wants to reach.
pub(super) struct Wanted {
    /// Where.
    pub(super) target: Arc<Target>,
    /// Which database there.
    pub(super) database: String,
    /// The user name that it gave.
    pub(super) user: String,
    /// Settings for its session.
    pub(super) settings: Vec<(String, String)>,
}

/// A name of the start-up packet.
fn text(text: &Text) -> Result<String, Report> {
    text.as_str()
        .ok()
        .filter(|text| text.len() <= NAME)
        .map(str::to_owned)
        .ok_or_else(|| {
            Report::new(
                "22021",
                "a name in the start-up packet is too long or not UTF-8",
            )
        })
}

/// The settings that a client wants for its session, if they are allowed.
pub(super) fn given(startup: &StartupMessage) -> Result<Vec<(String, String)>, Report> {
    let mut given = Vec::new();
    for (name, value) in startup.parameters() {
        given.push((text(name)?, value.to_string_lossy().into_owned()));
    }
    settings(
        given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
    .map_err(|error| {
        let sqlstate = match error {
            ParameterError::Encoding => "22023",
            ParameterError::Replication => "0A000",
            _ => "42501",
        };
        Report::new(sqlstate, error.to_string())
    })
}

/// Finds the target by the database's name: `target`, or `target/database`.
pub(super) fn wanted(
    plan: &Plan,
    startup: &StartupMessage,
    settings: Vec<(String, String)>,
) -> Result<Wanted, Report> {
    let (name, user) = (text(startup.database())?, text(startup.user())?);
    let (target, database) = match name.split_once('/') {
        Some((target, database)) => (target, Some(database)),
        None => (name.as_str(), None),
    };
    let unknown = || Report {
        hint: Some("Connect to a database that is the name of a target of the gateway.".to_owned()),
        ..Report::new("3D000", format!("database \"{name}\" does not exist"))
    };
    let target = plan.targets.get(target).cloned().ok_or_else(unknown)?;
    let database = match database {
        None => target.database.clone(),
        Some(other) if target.serves(other) => other.to_owned(),
        Some(_) => return Err(unknown()),
    };
    Ok(Wanted {
        target,
        database,
        user,
        settings,
    })
}
