//! The people of the stage: what is waiting for them, and what they decide.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{SOON, Stage};
use crate::binary::narrowgate_with;
use crate::process::{Output, Process};
use crate::wait;

impl Stage {
    /// A token of the staff's issuer.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn person(&self, name: &str, groups: &[&str]) -> Result<String> {
        self.staff.token(name)?.groups(groups).sign()
    }

    /// Runs `narrowgate approvals …` with somebody's token.
    ///
    /// # Errors
    /// When it cannot be run; a refusal is an exit code.
    pub fn approvals(&self, token: &str, arguments: &[&str]) -> Result<Output> {
        let server = format!("http://{}", self.admin());
        let all = [&["approvals"], arguments].concat();
        narrowgate_with(
            &all,
            &[("NARROWGATE_SERVER", &server), ("NARROWGATE_TOKEN", token)],
        )
    }

    /// Dana of the group `dba` consents.
    ///
    /// # Errors
    /// When she may not.
    pub fn approve(&self, id: &str) -> Result<String> {
        let dana = self.person("dana", &["dba"])?;
        self.approvals(&dana, &["approve", id])?.ok()
    }

    /// A request as Dana of the group `dba` sees it.
    ///
    /// # Errors
    /// When she does not.
    pub fn request(&self, id: &str) -> Result<Value> {
        let dana = self.person("dana", &["dba"])?;
        let shown = self.approvals(&dana, &["show", id, "--json"])?.ok()?;
        serde_json::from_str(&shown).context(shown)
    }

    /// The state of a request.
    ///
    /// # Errors
    /// When Dana does not see it.
    pub fn state(&self, id: &str) -> Result<String> {
        let request = self.request(id)?;
        let state = request.get("state").and_then(Value::as_str);
        Ok(state.context("a request without a state")?.to_owned())
    }

    /// Waits until a request is in a state.
    ///
    /// # Errors
    /// When it does not come to it.
    pub fn wait_for_state(&self, id: &str, state: &str) -> Result<()> {
        wait::until(&format!("{id} to be {state}"), SOON, || {
            Ok((self.state(id)? == state).then_some(()))
        })
    }

    /// Requests in a state, the newest first, as Dana sees them.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub fn requests(&self, state: &str) -> Result<Vec<Value>> {
        let dana = self.person("dana", &["dba"])?;
        let listed = self
            .approvals(&dana, &["list", "--state", state, "--json"])?
            .ok()?;
        let mut listed: Value = serde_json::from_str(&listed).context(listed)?;
        let requests = listed.get_mut("approvals").map(Value::take);
        Ok(serde_json::from_value(requests.context("no list")?)?)
    }
}

/// The id of the request that a client has been told of: the `nth`, counted from zero.
///
/// # Errors
/// When none comes.
pub fn request_id(client: &mut Process, nth: usize) -> Result<String> {
    wait::until("the id of a request", SOON, || {
        let printed = format!("{}{}", client.stdout(), client.stderr());
        Ok(ids(&printed).into_iter().nth(nth))
    })
    .with_context(|| client.tail())
}

/// The ids of requests in a text, in order, each once.
pub fn ids(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in text.match_indices("apr-") {
        let id: String = text
            .get(at..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found
}
