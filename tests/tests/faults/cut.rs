//! The connection to the database breaks off: at every boundary between two messages,
//! within each header and within each body, on the way up and on the way down.

use anyhow::{Context, Result, ensure};
use narrowgate_tests::cutting::{Cut, Cutting};
use narrowgate_tests::stage::Stage;
use narrowgate_tests::wire::{Message, Wire, message, query};

use crate::steady::Steady;

/// What sessions of clients, and no others, say of themselves.
const MARK: &str = "narrowgate:";
/// The amount tells how often it ran.
const UPDATE: &str = "UPDATE invoices SET amount = amount + 1 WHERE id = 1001";
const AMOUNT: &str = "SELECT amount::int FROM invoices WHERE id = 1001";
/// Ends of queries in what a client says.
const ENDS: usize = 4;

/// Everything at once: an effect, rows, the extended protocol, a COPY. What the
/// client is told of it, up to the last answer or the end.
fn talk(stage: &Stage, token: &str) -> Result<Vec<Message>> {
    let mut wire = Wire::login(stage.plain(), "billing", token)?;
    // In one piece: when it breaks off there is nothing left to be said.
    let all = [
        query(UPDATE),
        query("SELECT id, note FROM invoices"),
        message('P', b"\0SELECT amount FROM invoices WHERE id = $1\0\0\0"),
        message('B', b"\0\0\0\0\0\x01\0\0\0\x041002\0\0"),
        message('D', b"P\0"),
        message('E', b"\0\0\0\0\0"),
        message('S', b""),
        query("COPY invoices TO STDOUT"),
    ];
    wire.send(&all.concat())?;
    let mut told = Vec::new();
    for _ in 0..ENDS {
        match wire.until_end_or('Z')? {
            (messages, true) => told.extend(messages),
            (messages, false) => {
                told.extend(messages);
                break;
            }
        }
    }
    Ok(told)
}

/// Places to cut: each boundary between messages, and after it within the header and
/// within the body.
fn places(stream: &[u8], first: usize) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = first;
    while let Some(length) = stream.get(at + 1..at + 5) {
        let length = length
            .iter()
            .fold(0, |all, byte| all << 8 | usize::from(*byte));
        places.extend([at, at + 3, at + 6]);
        at += 1 + length;
    }
    places.retain(|place| *place < stream.len());
    places.dedup();
    places
}

/// Cuts there, and sees what became of everything.
fn cut(stage: &Stage, way: &Cutting, token: &str, cut: Cut) -> Result<()> {
    let before: i64 = stage.database.sql(AMOUNT)?.parse()?;
    way.cut(cut);
    let told = talk(stage, token)?;
    let last = told.last().context("nothing was told")?;
    ensure!(last.tag == 'E', "{told:?}");
    ensure!(last.field('V').as_deref() == Some("FATAL"), "{told:?}");
    let state = last.field('C').unwrap_or_default();
    ensure!(
        ["08001", "08006", "57P01"].contains(&state.as_str()),
        "{state}"
    );

    // Not more than once; once, if the client was told so.
    let times = stage.database.sql(AMOUNT)?.parse::<i64>()? - before;
    ensure!((0..=1).contains(&times), "it ran {times} times");
    let acknowledged = told.iter().any(|message| message.body == b"UPDATE 1\0");
    ensure!(!acknowledged || times == 1, "what was acknowledged is lost");
    Ok(())
}

#[test]
fn the_way_to_the_database_may_break_off_anywhere() -> Result<()> {
    let mut stage = Stage::start()?;
    let server = stage.database.server().address();
    let way = Cutting::start(server, MARK)?;
    let yaml = stage
        .yaml()
        .replace(&server.to_string(), &way.address().to_string());
    stage.enforce(&yaml)?;
    let token = stage.token(&["clerks"])?;

    let told = talk(&stage, &token)?;
    let ends = told.iter().filter(|message| message.tag == 'Z').count();
    assert_eq!(ends, ENDS, "{told:?}");
    let (up, down) = way.seen();
    let startup = up.get(..4).context("nothing went up")?;
    let startup = startup
        .iter()
        .fold(0, |all, byte| all << 8 | usize::from(*byte));
    let steady = Steady::of(&mut stage)?;

    // Without the goodbye.
    let up = up.strip_suffix(b"X\0\0\0\x04").unwrap_or(&up);
    let (ups, downs) = (places(up, startup), places(&down, 0));
    assert!(ups.len() > 20 && downs.len() > 60, "{ups:?} {downs:?}");
    let ran = |stage: &Stage| -> Result<usize> { Ok(stage.recorded()?.matches(UPDATE).count()) };
    let (first, amount) = (ran(&stage)?, stage.database.sql(AMOUNT)?);
    for place in ups {
        cut(&stage, &way, &token, Cut::Up(place)).with_context(|| format!("up, {place}"))?;
    }
    for place in downs {
        cut(&stage, &way, &token, Cut::Down(place)).with_context(|| format!("down, {place}"))?;
    }
    way.cut(Cut::Nowhere);
    // Each that ran was decided and recorded before.
    let times = stage.database.sql(AMOUNT)?.parse::<i64>()? - amount.parse::<i64>()?;
    let recorded = ran(&stage)? - first;
    assert!(
        (1..=i64::try_from(recorded)?).contains(&times),
        "{recorded} recorded, {times} ran"
    );
    steady.is_back(&mut stage)
}
