//! The client goes, in every state, with a goodbye of its system and without one.

use anyhow::{Context, Result};

use crate::states::{STATES, UNTOUCHED, stage};
use crate::steady::Steady;

#[test]
fn a_client_may_go_in_any_state() -> Result<()> {
    let mut stage = stage()?;
    let before = stage.database.sql(UNTOUCHED)?;
    let steady = Steady::of(&mut stage)?;
    for (name, enter) in STATES {
        for abrupt in [false, true] {
            let gone = || format!("{name}, abrupt: {abrupt}");
            let wire = enter(&stage).with_context(gone)?;
            match abrupt {
                true => wire.reset()?,
                false => drop(wire),
            }
            steady.is_back(&mut stage).with_context(gone)?;
            assert_eq!(stage.database.sql(UNTOUCHED)?, before, "{}", gone());
        }
    }
    // Nobody waits for those who were asked on behalf of clients that are gone.
    assert_eq!(stage.requests("pending")?.len(), 0);
    assert_eq!(stage.requests("cancelled")?.len(), 2);
    assert_eq!(
        stage.database.sql("SELECT count(*) FROM archive")?,
        "400001"
    );
    Ok(())
}
