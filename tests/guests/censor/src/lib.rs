//! Looks at what a client copies in: each `#` becomes a `*`, and
//! a word ends the COPY.

use narrowgate_sdk::prelude::*;
use narrowgate_sdk::{Direction, Edits};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Censor {
    /// The word.
    word: String,
}

impl Filter for Censor {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("censor")
        .events(&[Event::Operation])
        .grants(&["input"])
        .powers(&[Power::Edit, Power::Deny]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        Ok(config)
    }

    fn operation(&self, _: &Session, _: &Operation) -> Decision {
        Decision::proceed().exchange(Reader {
            word: self.word.clone().into_bytes(),
        })
    }
}

struct Reader {
    word: Vec<u8>,
}

impl Exchange for Reader {
    fn begin(&mut self, shape: &Shape) -> Interest {
        match shape.direction {
            Direction::ToTarget => Interest::Everything,
            Direction::ToClient => Interest::Nothing,
        }
    }

    fn batch(&mut self, batch: &Batch) -> BatchOutcome {
        if batch
            .data
            .windows(self.word.len())
            .any(|part| part == self.word)
        {
            return BatchOutcome::Deny(
                Denial::forbidden("a word that is not copied").rule("censor"),
            );
        }
        let mut data = batch.data.clone();
        for byte in &mut data {
            if *byte == b'#' {
                *byte = b'*';
            }
        }
        let mut edits = Edits::default();
        edits.set(0, Some(&data));
        BatchOutcome::Edit(edits)
    }
}

narrowgate_sdk::export!(Censor);
