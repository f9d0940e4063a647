//! Falls over operations with a certain action; others may run.

use narrowgate_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Trap {
    /// The action.
    on: String,
}

impl Filter for Trap {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("trap").events(&[Event::Operation]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        Ok(config)
    }

    fn operation(&self, _: &Session, operation: &Operation) -> Decision {
        if operation.action == self.on {
            std::process::abort();
        }
        Decision::proceed()
    }
}

narrowgate_sdk::export!(Trap);
