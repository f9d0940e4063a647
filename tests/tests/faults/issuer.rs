//! The issuer of tokens is down, in each way in which it can be.

use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::issuer::{Algorithm, Trouble};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::Stage;
use narrowgate_tests::wait;

use crate::steady::Steady;

const COUNT: &str = "SELECT count(*) FROM customers";
/// Tokens with a key that nobody knows.
const TRIES: usize = 5;

#[test]
fn an_issuer_that_is_down_is_left_alone_and_its_known_keys_go_on() -> Result<()> {
    let mut stage = Stage::start()?;
    let steady = Steady::of(&mut stage)?;
    let known = stage.token(&["insights"])?;
    stage.agents.rotate(Algorithm::ES256)?;
    let unknown = stage.token(&["insights"])?;
    for how in [
        Trouble::Closed,
        Trouble::Status(503),
        Trouble::Nonsense("<p>Out of order</p>".to_owned()),
        Trouble::Silent,
    ] {
        stage.agents.fail(how.clone());
        for _ in 0..TRIES {
            assert_eq!(stage.psql(&known).query(COUNT)?, "3", "{how:?}");
            says(&stage.psql(&unknown).error(COUNT)?, &["FATAL"]);
        }
    }
    // Once at the start, and then at most every half minute.
    let asked = stage.agents.jwks_requests();
    assert!(asked <= 4, "{asked} requests");
    stage.agents.recover();
    wait::until("its new key to be known", Duration::from_secs(45), || {
        Ok(stage.psql(&unknown).query(COUNT).ok())
    })?;
    steady.is_back(&mut stage)
}
