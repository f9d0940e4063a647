//! Requests for a person to look through.

use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;

use super::error::Error;
use super::request::{Request, State};
use super::store::Store;

/// Most requests of one answer.
const MAX_LIMIT: usize = 1_000;
/// Requests of one answer when nothing else is asked for.
const DEFAULT_LIMIT: usize = 100;

/// Which requests; everything left out matches.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Made by this identity: (issuer, subject).
    pub requester: Option<(String, String)>,
    /// That somebody of this issuer, in these groups, may decide.
    pub approver: Option<(String, Vec<String>)>,
    /// On this target.
    pub target: Option<String>,
    /// At most so many, newest first; 100 when left out, 1,000 at most.
    pub limit: Option<usize>,
}

impl Store {
    /// Requests that match, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn list(&mut self, filter: &Filter) -> Result<Vec<Request>, Error> {
        self.expire_due()?;
        let mut condition = String::from("WHERE 1");
        let mut values: Vec<Sql> = Vec::new();
        if !filter.states.is_empty() {
            let marks = vec!["?"; filter.states.len()].join(", ");
            condition.push_str(&format!(" AND state IN ({marks})"));
            values.extend(
                filter
                    .states
                    .iter()
                    .map(|state| Sql::from(state.as_str().to_owned())),
            );
        }
        if let Some((issuer, subject)) = &filter.requester {
            condition.push_str(" AND issuer = ? AND subject = ?");
            values.extend([Sql::from(issuer.clone()), Sql::from(subject.clone())]);
        }
        if let Some(target) = &filter.target {
            condition.push_str(" AND target = ?");
            values.push(Sql::from(target.clone()));
        }
        condition.push_str(" ORDER BY created DESC, id");
        self.select(
            &condition,
            params_from_iter(values),
            |request| match &filter.approver {
                Some((issuer, groups)) => request.is_for(issuer, groups),
                None => true,
            },
            filter.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT),
        )
    }
}
