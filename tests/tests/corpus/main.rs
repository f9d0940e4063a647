//! The corpus of attempts to talk around policy and masking, and of statements that have to
//! work: data in `tests/corpus`, a file for each door, judged here.
//!
//! An attack counts only if it is one: each is run past the gateway first, where it has to
//! tell what it must not (the client sees other bytes in two databases that differ in their
//! secrets alone), change what it must not, or simply succeed. Through the gateway it has to
//! do none of it. `CORPUS=word` runs the cases whose door or name has the word, and shows
//! what the client saw.

mod canary;
mod case;
mod judge;
mod lane;
mod report;
mod rules;
mod session;
mod step;
mod transcript;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;

use case::Case;
use lane::Lane;
use report::Report;

/// Lanes beside each other, each with a server and a gateway of its own.
const LANES: usize = 3;

#[test]
fn nothing_talks_its_way_around_and_what_is_allowed_works() -> Result<()> {
    let only = std::env::var("CORPUS").ok();
    let cases: Vec<Case> = case::all()?
        .into_iter()
        .filter(|case| only.as_ref().is_none_or(|word| case.is_about(word)))
        .collect();
    let next = AtomicUsize::new(0);
    let report = Mutex::new(Report::new(only.is_some()));
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES.min(cases.len()))
            .map(|_| scope.spawn(|| run(&cases, &next, &report)))
            .collect();
        lanes.into_iter().try_for_each(|lane| {
            lane.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    let report = report.into_inner()?;
    println!("{report}");
    assert!(report.is_clean(), "the corpus has finds");
    Ok(())
}

/// Takes case after case until there is none left.
fn run(cases: &[Case], next: &AtomicUsize, report: &Mutex<Report>) -> Result<()> {
    let mut lane = Lane::open()?;
    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
        let verdict = judge::judge(&mut lane, case);
        let mut report = report
            .lock()
            .map_err(|_| anyhow::anyhow!("a lane has panicked"))?;
        report.add(case, verdict);
    }
    Ok(())
}
