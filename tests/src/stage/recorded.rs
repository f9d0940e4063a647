//! What was recorded on the stage.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Stage;

/// Sessions that are listed, more than any test has.
const MOST: &str = "100000";

impl Stage {
    /// All that was recorded of all sessions, an event a line, if the recording is whole.
    ///
    /// # Errors
    /// When it is not.
    pub fn recorded(&self) -> Result<String> {
        let verified = self.recordings(&["verify"])?.ok()?;
        if !verified.contains("whole") {
            bail!("the recording is not whole: {verified}");
        }
        self.recorded_so_far()
    }

    /// All that was recorded of all sessions, as far as it can be read.
    ///
    /// # Errors
    /// When nothing can be read.
    pub fn recorded_so_far(&self) -> Result<String> {
        let listed = self
            .recordings(&["list", "--json", "--limit", MOST])?
            .ok()?;
        let listed: Value = serde_json::from_str(&listed)?;
        let sessions = listed.pointer("/sessions").and_then(Value::as_array);
        let mut all = String::new();
        for session in sessions.context("no sessions")? {
            let id = session.pointer("/id").and_then(Value::as_str);
            all += &self
                .recordings(&["show", id.context("no id")?, "--json"])?
                .ok()?;
        }
        Ok(all)
    }
}
