//! Takes memory without end for operations with a certain action; others may
//! run.

use narrowgate_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Hog {
    /// The action.
    on: String,
}

impl Filter for Hog {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("hog").events(&[Event::Operation]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        Ok(config)
    }

    #[expect(
        clippy::while_immutable_condition,
        reason = "it has no end: that is what it is for"
    )]
    fn operation(&self, _: &Session, operation: &Operation) -> Decision {
        let mut hoard = Vec::new();
        while operation.action == self.on {
            hoard.push(std::hint::black_box(vec![1u8; 1 << 20]));
        }
        Decision::proceed()
    }
}

narrowgate_sdk::export!(Hog);
