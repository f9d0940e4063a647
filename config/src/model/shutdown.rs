//! How the gateway ends.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::value::HumanDuration;

/// How the gateway ends at SIGTERM.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Shutdown {
    /// How long sessions may go on; what is left then is ended.
    #[schemars(extend("x-minimum" = "0s", "x-maximum" = "1h"))]
    pub drain: HumanDuration,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self {
            drain: HumanDuration::secs(30),
        }
    }
}
