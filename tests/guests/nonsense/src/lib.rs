//! Answers what makes no sense, about operations with a certain action; others
//! may run. It takes the grant `results`.

use narrowgate_sdk::prelude::*;
use narrowgate_sdk::{Edits, Effect};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nonsense {
    /// The action.
    on: String,
    /// What is nonsense about the answer.
    answer: Answer,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    /// An effect that there is none of.
    Effect,
    /// An interest in columns that are not there, out of order.
    Columns,
    /// An edit of a cell that is not there.
    Cell,
    /// An edit that is longer than its data.
    Length,
}

impl Filter for Nonsense {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("nonsense")
        .events(&[Event::Operation])
        .grants(&["results"])
        .powers(&[Power::Edit]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        Ok(config)
    }

    fn operation(&self, _: &Session, operation: &Operation) -> Decision {
        match (operation.action == self.on, self.answer) {
            (false, _) => Decision::proceed(),
            (true, Answer::Effect) => Decision::proceed().effect(Effect::new("explode")),
            (true, answer) => Decision::proceed().exchange(Nonsensical(answer)),
        }
    }
}

struct Nonsensical(Answer);

impl Exchange for Nonsensical {
    fn begin(&mut self, _: &Shape) -> Interest {
        match self.0 {
            Answer::Columns => Interest::Columns(vec![4_000_000, 3]),
            _ => Interest::Everything,
        }
    }

    fn batch(&mut self, _: &Batch) -> BatchOutcome {
        let (cell, length) = match self.0 {
            Answer::Cell => (u32::MAX, 0),
            _ => (0, i32::MAX),
        };
        BatchOutcome::Edit(Edits {
            cells: vec![cell],
            lengths: vec![length],
            data: vec![],
        })
    }
}

narrowgate_sdk::export!(Nonsense);
