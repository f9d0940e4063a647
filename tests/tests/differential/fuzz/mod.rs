//! Random statements, run with and without the gateway: what a client sees, and what is
//! left where no mask is, holds no secret and does not depend on one.
//!
//! Two databases differ in nothing but what is masked. Where masked columns may decide
//! over nothing, both have to answer with the same bytes. Not compared are statements
//! that fail while they run, whose SQLSTATE the README says to tell something. Where
//! masked columns may decide over rows, no secret may be in what comes, in any form.

mod canaries;
mod run;
mod sql;
mod world;

use std::time::Duration;

use anyhow::Result;
use run::{Tally, run};
use world::{Asker, World};

/// Of the variable `NARROWGATE_SEED`.
fn seed() -> u64 {
    let seed = std::env::var("NARROWGATE_SEED");
    seed.ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_261_124)
}

/// Of the variable `NARROWGATE_SECONDS`.
fn time() -> Duration {
    let seconds = std::env::var("NARROWGATE_SECONDS");
    let seconds = seconds.ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(12))
}

/// The finds as a failure, and what was tried as a line.
#[track_caller]
fn clean(tally: &Tally, seed: u64) {
    eprintln!(
        "{} cases: {} statements valid, {} of them accepted, {} of those masked, {} failed",
        tally.cases, tally.valid, tally.accepted, tally.masked, tally.failed
    );
    assert!(
        tally.finds.is_empty(),
        "NARROWGATE_SEED={seed} finds:\n\n{}",
        tally.finds.join("\n\n")
    );
}

/// The statements have to be such that they prove something.
#[track_caller]
fn strong(tally: &Tally) {
    assert!(
        tally.accepted * 4 >= tally.valid,
        "too few are accepted: {tally:?}"
    );
    assert!(tally.masked >= 20, "too few show a secret: {tally:?}");
}

#[test]
fn nothing_depends_on_what_may_decide_over_nothing() -> Result<()> {
    let seed = seed();
    let tally = run(&mut World::new(seed, true)?, Asker::Denied, seed, time())?;
    clean(&tally, seed);
    strong(&tally);
    Ok(())
}

#[test]
fn no_secret_is_seen_where_masked_columns_may_decide() -> Result<()> {
    let seed = seed().wrapping_add(1);
    let tally = run(&mut World::new(seed, true)?, Asker::Allowed, seed, time())?;
    clean(&tally, seed);
    strong(&tally);
    Ok(())
}

#[test]
fn without_masks_secrets_are_seen_at_once() -> Result<()> {
    let seed = seed();
    let tally = run(&mut World::new(seed, false)?, Asker::Denied, seed, time())?;
    assert!(tally.finds.len() >= run::ENOUGH, "{tally:?}");
    assert!(tally.cases < 200, "{tally:?}");
    Ok(())
}
