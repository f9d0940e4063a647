//! Whether an attack is one, and whether the gateway holds.

use anyhow::Result;

use crate::case::{Case, Kind};
use crate::lane::{Lane, Way};
use crate::transcript::Transcript;

/// What became of a case.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// As it should be, with what the client saw through the gateway.
    Holds(Transcript),
    /// Past the gateway it is no attack, or fails.
    NoAttack(String),
    /// Through the gateway it tells, changes or reaches what it must not.
    Leak(String),
    /// A benign statement does not work as it does past the gateway.
    FalseDenial(String),
}

/// Judges a case; what cannot be run is a find, too.
pub(crate) fn judge(lane: &mut Lane, case: &Case) -> Verdict {
    let judged = match case.kind {
        Kind::Reveals => reveals(lane, case),
        Kind::Changes => changes(lane, case),
        Kind::Reaches => reaches(lane, case),
        Kind::Benign => benign(lane, case),
    };
    judged.unwrap_or_else(|error| Verdict::NoAttack(format!("      cannot be run: {error:#}\n")))
}

fn reveals(lane: &mut Lane, case: &Case) -> Result<Verdict> {
    let one = lane.play(case, Way::Past, 0)?;
    let again = lane.play(case, Way::Past, 0)?;
    let two = lane.play(case, Way::Past, 1)?;
    if !one.equals(&again) {
        return Ok(Verdict::NoAttack(format!(
            "{one}      but another time\n{again}"
        )));
    }
    if one.equals(&two) {
        return Ok(Verdict::NoAttack(format!("{one}")));
    }
    let one = lane.play(case, Way::Through, 0)?;
    let two = lane.play(case, Way::Through, 1)?;
    if !one.equals(&two) {
        return Ok(Verdict::Leak(format!(
            "{one}      and in the other world\n{two}"
        )));
    }
    Ok(quiet(lane, one))
}

fn changes(lane: &mut Lane, case: &Case) -> Result<Verdict> {
    let (past, changed) = lane.changes(case, Way::Past)?;
    if !changed {
        return Ok(Verdict::NoAttack(past.to_string()));
    }
    let (through, changed) = lane.changes(case, Way::Through)?;
    if changed {
        return Ok(Verdict::Leak(through.to_string()));
    }
    Ok(quiet(lane, through))
}

fn reaches(lane: &mut Lane, case: &Case) -> Result<Verdict> {
    let past = lane.play(case, Way::Past, 0)?;
    if past.refusal().is_some() {
        return Ok(Verdict::NoAttack(past.to_string()));
    }
    let through = lane.play(case, Way::Through, 0)?;
    if through.refusal().as_ref() != Some(&case.code) {
        return Ok(Verdict::Leak(through.to_string()));
    }
    Ok(quiet(lane, through))
}

fn benign(lane: &mut Lane, case: &Case) -> Result<Verdict> {
    let past = lane.play(case, Way::Past, 0)?;
    let through = lane.play(case, Way::Through, 0)?;
    if past.answers(&case.shows) != through.answers(&[]) {
        return Ok(Verdict::FalseDenial(format!(
            "{past}      and through the gateway\n{through}"
        )));
    }
    Ok(quiet(lane, through))
}

/// It holds, if no secret is in what was said in any form.
fn quiet(lane: &Lane, through: Transcript) -> Verdict {
    match lane.canaries().in_bytes(&through.bytes) {
        Some(canary) => Verdict::Leak(format!("{through}      {canary} is in it\n")),
        None => Verdict::Holds(through),
    }
}
