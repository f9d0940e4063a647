//! Does what it neither named as a power nor was granted, for operations with a
//! certain action; others may run.

use narrowgate_sdk::prelude::*;
use narrowgate_sdk::{Effect, Hold};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Overstep {
    /// The action.
    on: String,
    /// What it does.
    with: Deed,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    /// Denies.
    Deny,
    /// Has people asked.
    Hold,
    /// Puts another text in place.
    Rewrite,
    /// Has the operation recorded.
    Record,
    /// Looks at the time.
    Clock,
    /// Wants to see the results.
    Results,
}

impl Filter for Overstep {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("overstep").events(&[Event::Operation]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        Ok(config)
    }

    fn operation(&self, _: &Session, operation: &Operation) -> Decision {
        if operation.action != self.on {
            return Decision::proceed();
        }
        match self.with {
            Deed::Deny => Denial::forbidden("it says so").into(),
            Deed::Hold => Hold::default().into(),
            Deed::Rewrite => Verdict::Rewrite("select 1".into()).into(),
            Deed::Record => Decision::proceed().effect(Effect::new("record")),
            Deed::Clock => {
                std::hint::black_box(narrowgate_sdk::now());
                Decision::proceed()
            }
            Deed::Results => Decision::proceed().exchange(Curious),
        }
    }
}

struct Curious;

impl Exchange for Curious {
    fn begin(&mut self, _: &Shape) -> Interest {
        Interest::Everything
    }
}

narrowgate_sdk::export!(Overstep);
