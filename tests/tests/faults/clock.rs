//! The machine's clock jumps. What has a date (a token, a consent) goes by the clock as
//! it is now; what has a length (idle time, handshakes) does not notice.

use std::fs;
use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, Setting, Stage, ids};
use narrowgate_tests::wire::{Message, Wire, sqlstate};

use crate::steady::Steady;

const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/// What a session does not notice for at most, in `relay/supervise.rs`, and some more.
const NOTICED: Duration = Duration::from_secs(70);
const COUNT: &str = "SELECT count(*) FROM invoices";

/// A stage whose gateway's clock can be set, by what it differs from the real one.
struct Clock(Stage);

impl Clock {
    fn stage(setting: Setting) -> Result<Self> {
        let mut clock = Self(Stage::dark(Database::shared()?, setting)?);
        clock.differs("+0")?;
        let file = clock.file();
        clock.0.start_gateway_with(&[
            ("LD_PRELOAD", LIBRARY),
            ("FAKETIME_TIMESTAMP_FILE", &file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ])?;
        Ok(clock)
    }

    /// Not in the folder of the configuration, which is watched.
    fn file(&self) -> String {
        self.0.path("state/clock").display().to_string()
    }

    fn differs(&self, by: &str) -> Result<()> {
        fs::create_dir_all(self.0.path("state"))?;
        let aside = format!("{}.new", self.file());
        fs::write(&aside, by)?;
        Ok(fs::rename(aside, self.file())?)
    }
}

fn login(stage: &Stage, group: &str) -> Result<Wire> {
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&[group])?)?;
    wire.query("SELECT 1")?;
    wire.until('Z')?;
    Ok(wire)
}

fn reason(told: &[Message]) -> String {
    let error = told.iter().find(|message| message.tag == 'E');
    error.and_then(|error| error.field('M')).unwrap_or_default()
}

#[test]
fn a_clock_that_jumps_ahead_ends_what_has_expired() -> Result<()> {
    let mut clock = Clock::stage(Setting::default())?;
    let steady = Steady::of(&mut clock.0)?;
    let stage = &clock.0;
    let mut live = login(stage, "clerks")?;
    live.patience(NOTICED)?;
    let mut held = login(stage, "operators")?;
    held.query("TRUNCATE archive")?;
    let notice = held.until('N')?;
    let text = notice.last().and_then(|notice| notice.field('M'));
    let id = ids(&text.unwrap_or_default()).concat();

    clock.differs("+3600")?;
    // The consent that nobody gave in time.
    let told = held.until('E')?;
    assert_eq!(sqlstate(&told).as_deref(), Some("57014"), "{told:?}");
    says(
        &stage.agent(&["clerks"])?.error(COUNT)?,
        &["FATAL", "expired"],
    );
    let told = live.until('E')?;
    assert_eq!(sqlstate(&told).as_deref(), Some("28000"), "{told:?}");
    says(&reason(&told), &["expired"]);

    // It was but the clock.
    clock.differs("+0")?;
    assert_eq!(stage.agent(&["clerks"])?.query(COUNT)?, "3");
    assert_eq!(stage.state(&id)?, "expired");
    drop((live, held));
    steady.is_back(&mut clock.0)
}

#[test]
fn a_clock_that_jumps_back_stops_nothing() -> Result<()> {
    let setting = Setting::default().section("limits: { idle: 4s, handshake: 3s }");
    let mut clock = Clock::stage(setting)?;
    let steady = Steady::of(&mut clock.0)?;
    let stage = &clock.0;
    let mut live = login(stage, "clerks")?;
    let mut silent = Wire::connect(stage.plain())?;

    clock.differs("-3600")?;
    // Who is in stays in, and is recorded in order.
    live.query(COUNT)?;
    let told = live.until('Z')?;
    assert_eq!(sqlstate(&told), None, "{told:?}");
    // The idle and the silent are seen off as if nothing had happened.
    assert_eq!(sqlstate(&live.until('E')?).as_deref(), Some("57P05"));
    assert!(silent.is_closed());
    // A token from the future is none.
    says(
        &stage.agent(&["clerks"])?.error(COUNT)?,
        &["FATAL", "token"],
    );

    clock.differs("+0")?;
    steady.is_back(&mut clock.0)
}
