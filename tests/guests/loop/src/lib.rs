//! Never answers about operations with a certain action; others may run.

use narrowgate_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loop {
    /// The action.
    on: String,
}

impl Filter for Loop {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("loop").events(&[Event::Operation]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        Ok(config)
    }

    #[expect(
        clippy::while_immutable_condition,
        reason = "it has no end: that is what it is for"
    )]
    fn operation(&self, _: &Session, operation: &Operation) -> Decision {
        while operation.action == self.on {
            std::hint::black_box(&operation.action);
        }
        Decision::proceed()
    }
}

narrowgate_sdk::export!(Loop);
