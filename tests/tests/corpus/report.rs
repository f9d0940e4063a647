//! What became of the corpus: a line for each door, and every find.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::{Case, Kind};
use crate::judge::Verdict;

/// Counts of one door.
#[derive(Debug, Default)]
struct Door {
    attacks: usize,
    /// Attacks that are none.
    unproven: usize,
    leaks: usize,
    benign: usize,
    false_denials: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    doors: BTreeMap<String, Door>,
    finds: Vec<String>,
    /// Also shows what the clients saw where all is well.
    talkative: bool,
}

impl Report {
    pub(crate) fn new(talkative: bool) -> Self {
        Self {
            talkative,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, case: &Case, verdict: Verdict) {
        let door = self.doors.entry(case.door.clone()).or_default();
        match case.kind {
            Kind::Benign => door.benign += 1,
            _ => door.attacks += 1,
        }
        let (what, seen) = match verdict {
            Verdict::Holds(seen) => ("holds", seen.to_string()),
            Verdict::NoAttack(seen) => {
                door.unproven += 1;
                ("NO ATTACK", seen)
            }
            Verdict::Leak(seen) => {
                door.leaks += 1;
                ("LEAK", seen)
            }
            Verdict::FalseDenial(seen) => {
                door.false_denials += 1;
                ("FALSE DENIAL", seen)
            }
        };
        if self.talkative || what != "holds" {
            self.finds
                .push(format!("{what}: {}: {}\n{seen}", case.door, case.name));
        }
    }

    /// Nothing leaks, nothing is denied that must work, and every attack is one.
    pub(crate) fn is_clean(&self) -> bool {
        self.doors
            .values()
            .all(|door| door.unproven + door.leaks + door.false_denials == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for find in &self.finds {
            writeln!(f, "{find}")?;
        }
        writeln!(
            f,
            "{:<16}{:>8}{:>14}{:>15}{:>8}{:>15}",
            "door", "attacks", "leaks direct", "leaks through", "benign", "false denials"
        )?;
        let mut sum = Door::default();
        for (name, door) in &self.doors {
            line(f, name, door)?;
            sum.attacks += door.attacks;
            sum.unproven += door.unproven;
            sum.leaks += door.leaks;
            sum.benign += door.benign;
            sum.false_denials += door.false_denials;
        }
        line(f, "all", &sum)
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, door: &Door) -> fmt::Result {
    writeln!(
        f,
        "{name:<16}{:>8}{:>14}{:>15}{:>8}{:>15}",
        door.attacks,
        door.attacks - door.unproven,
        door.leaks,
        door.benign,
        door.false_denials
    )
}
