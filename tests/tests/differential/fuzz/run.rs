//! Runs random cases past the gateway and through it, and compares what comes back.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use narrowgate_tests::wire::{Message, Wire, sqlstate};

use super::sql::{Case, Generator};
use super::world::{Asker, BOUND, Side, World};

/// Cases that are run however long they take.
const FEWEST: usize = 300;
/// So many finds are enough.
pub(crate) const ENOUGH: usize = 10;

/// What came of many cases.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    /// Statements that the database runs when it is asked itself.
    pub(crate) valid: usize,
    /// Valid ones that ran through the gateway, too.
    pub(crate) accepted: usize,
    /// Accepted ones that show a secret without the gateway, and none through it.
    pub(crate) masked: usize,
    /// Statements that failed through the gateway, other than by being denied.
    pub(crate) failed: usize,
    /// Statements that showed a secret or told one database from the other.
    pub(crate) finds: Vec<String>,
}

/// The sessions of a run.
struct Sessions {
    trial: Wire,
    one: Wire,
    other: Option<Wire>,
}

/// Answers to one statement.
struct Answers {
    one: Vec<Message>,
    other: Option<Vec<Message>>,
}

/// Runs cases until the time is over.
///
/// # Errors
/// When a session ends that should not.
pub(crate) fn run(world: &mut World, asker: Asker, seed: u64, time: Duration) -> Result<Tally> {
    let mut generator = Generator::new(seed);
    let mut tally = Tally::default();
    let mut sessions = Sessions::open(world, asker)?;
    let end = Instant::now() + time;
    while (Instant::now() < end || tally.cases < FEWEST) && tally.finds.len() < ENOUGH {
        let case = generator.case();
        tally.cases += 1;
        sessions.case(world, &case, &mut tally).with_context(|| {
            format!(
                "seed {seed}, case {}:\n{}",
                tally.cases,
                case.statements.join(";\n")
            )
        })?;
        if case.last {
            sessions = Sessions::open(world, asker)?;
        }
    }
    Ok(tally)
}

impl Sessions {
    fn open(world: &World, asker: Asker) -> Result<Self> {
        Ok(Self {
            trial: world.trial()?,
            one: world.ask(Side::One, asker)?,
            // Where masked columns may decide over rows, the databases differ by that.
            other: match asker {
                Asker::Denied => Some(world.ask(Side::Other, asker)?),
                Asker::Allowed => None,
            },
        })
    }

    fn case(&mut self, world: &mut World, case: &Case, tally: &mut Tally) -> Result<()> {
        let binary = tally.cases.is_multiple_of(4);
        let shown = self.try_out(world, case, binary)?;
        let mut changed = false;
        for (index, statement) in case.statements.iter().enumerate() {
            let answers = self.ask(statement, binary)?;
            let (valid, secret) = shown.get(index).copied().unwrap_or_default();
            let ran = !answers.failed();
            tally.valid += usize::from(valid);
            tally.accepted += usize::from(valid && ran);
            tally.masked += usize::from(valid && ran && secret);
            tally.failed += usize::from(!ran && !answers.denied());
            changed |= ran && changes(statement);
            if let Some(find) = answers.find(world) {
                tally
                    .finds
                    .push(format!("{find}\n{}", case.statements.join(";\n")));
                break;
            }
            // From an error on, the databases may differ.
            if !ran {
                break;
            }
        }
        if case.statements.len() > 1 {
            self.tidy()?;
        }
        if changed {
            let find = stored(world, self.other.is_some())?;
            tally
                .finds
                .extend(find.map(|find| format!("{find}\n{}", case.statements.join(";\n"))));
            let made = |statement: &String| statement.contains("scratch");
            world.reset(case.statements.iter().any(made))?;
        }
        Ok(())
    }

    /// Whether each statement runs without the gateway, and shows a secret.
    fn try_out(&mut self, world: &World, case: &Case, binary: bool) -> Result<Vec<(bool, bool)>> {
        let mut shown = Vec::new();
        ask(&mut self.trial, &format!("ROLLBACK; {BOUND}; BEGIN"), false)?;
        for statement in &case.statements {
            let answer = ask(&mut self.trial, statement, binary)?;
            let secret = world.canaries(Side::One).sighted(&bytes(&answer));
            shown.push((sqlstate(&answer).is_none(), secret.is_some()));
        }
        if case.statements.len() > 1 {
            ask(&mut self.trial, "ROLLBACK", false)?;
            ask(&mut self.trial, "DISCARD ALL", false)?;
        }
        Ok(shown)
    }

    fn ask(&mut self, statement: &str, binary: bool) -> Result<Answers> {
        // Both are at work at once.
        for wire in std::iter::once(&mut self.one).chain(&mut self.other) {
            wire.ask(statement, binary)?;
        }
        Ok(Answers {
            one: self.one.until('Z')?,
            other: self
                .other
                .as_mut()
                .map(|other| other.until('Z'))
                .transpose()?,
        })
    }

    /// Ends what a case has left open.
    fn tidy(&mut self) -> Result<()> {
        for statement in ["ROLLBACK", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *"] {
            self.ask(statement, false)?;
        }
        Ok(())
    }
}

impl Answers {
    fn failed(&self) -> bool {
        let failed = |answer: &Vec<Message>| sqlstate(answer).is_some();
        failed(&self.one) || self.other.as_ref().is_some_and(failed)
    }

    fn denied(&self) -> bool {
        let denied = |answer: &Vec<Message>| sqlstate(answer).as_deref() == Some("42501");
        denied(&self.one) || self.other.as_ref().is_some_and(denied)
    }

    /// What is wrong with the answers.
    fn find(&self, world: &World) -> Option<String> {
        let one = bytes(&self.one);
        if let Some(piece) = world.canaries(Side::One).sighted(&one) {
            return Some(format!("shows {piece}:\n{}", told(&self.one)));
        }
        let other = self.other.as_ref()?;
        if let Some(piece) = world.canaries(Side::Other).sighted(&bytes(other)) {
            return Some(format!("shows {piece}:\n{}", told(other)));
        }
        // What fails at run time tells something of values, which the README says; whether
        // a statement may run must not.
        let compared = !self.failed() || self.denied();
        (compared && one != bytes(other)).then(|| {
            let (one, other) = (told(&self.one), told(other));
            format!("tells the databases apart:\n{one}\n--- and\n{other}")
        })
    }
}

/// What is wrong with what is stored.
fn stored(world: &mut World, compared: bool) -> Result<Option<String>> {
    let one = world.readable(Side::One)?;
    if let Some(piece) = world.canaries(Side::One).sighted(&one) {
        return Ok(Some(format!(
            "stores {piece}:\n{}",
            String::from_utf8_lossy(&one)
        )));
    }
    if compared {
        let other = world.readable(Side::Other)?;
        if one != other {
            let (one, other) = (
                String::from_utf8_lossy(&one),
                String::from_utf8_lossy(&other),
            );
            return Ok(Some(format!(
                "stores what differs:\n{one}\n--- and\n{other}"
            )));
        }
    }
    Ok(None)
}

fn ask(wire: &mut Wire, statement: &str, binary: bool) -> Result<Vec<Message>> {
    wire.ask(statement, binary)?;
    wire.until('Z')
}

/// All that came, but for numbers that the server gives out as they come: the process that
/// a notification is from, and tables and types that a case has made.
fn bytes(answer: &[Message]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in answer {
        match message.tag {
            'A' => bytes.extend(message.body.get(4..).unwrap_or_default()),
            'T' => described(&message.body, &mut bytes),
            _ => bytes.extend(&message.body),
        }
        bytes.push(0);
    }
    bytes
}

/// A RowDescription without numbers of tables and of types that are not built in.
fn described(body: &[u8], out: &mut Vec<u8>) {
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some(end) = rest.iter().position(|byte| *byte == 0)
        && let (name, Some(fields)) = (rest.get(..end), rest.get(end + 1..end + 19))
    {
        let ty = fields.get(6..10).and_then(|oid| oid.try_into().ok());
        let ty = ty.map_or(0, u32::from_be_bytes).min(16384);
        out.extend(name.unwrap_or_default());
        out.extend(fields.get(4..6).unwrap_or_default());
        out.extend(ty.to_be_bytes());
        out.extend(fields.get(10..).unwrap_or_default());
        rest = rest.get(end + 19..).unwrap_or_default();
    }
}

/// An answer as a person reads it.
fn told(answer: &[Message]) -> String {
    let line = |message: &Message| {
        let text = String::from_utf8_lossy(&message.body).replace('\0', "·");
        format!(
            "{} {}",
            message.tag,
            text.chars().take(600).collect::<String>()
        )
    };
    let lines: Vec<String> = answer.iter().take(12).map(line).collect();
    lines.join("\n")
}

/// Whether a statement may have changed something that stays.
fn changes(statement: &str) -> bool {
    let words = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", " INTO ", "lo_from",
    ];
    words.iter().any(|word| statement.contains(word))
}
