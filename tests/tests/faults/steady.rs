//! Back to where it was: what the gateway holds, before a fault and after it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use narrowgate_tests::stage::{SOON, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::Wire;

const COUNT: &str = "SELECT count(*) FROM customers";
/// What the gateway's memory may have grown by: what the allocator keeps, not what is
/// held for a session that is gone.
const ROOM: u64 = 24 << 20;
/// Sessions that warm a gateway up, enough for each worker to get some.
const WARM: usize = 32;

/// What a gateway at rest holds.
pub(crate) struct Steady {
    descriptors: usize,
    resident: u64,
}

impl Steady {
    /// The gateway as it is when it has served some and serves nobody.
    pub(crate) fn of(stage: &mut Stage) -> Result<Self> {
        let token = stage.token(&["insights"])?;
        for _ in 0..WARM {
            let mut wire = Wire::login(stage.plain(), "billing", &token)?;
            wire.query(COUNT)?;
            wire.until('Z')?;
        }
        assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
        at_rest(stage)?;
        Ok(Self {
            descriptors: stage.gateway().descriptors()?,
            resident: stage.gateway().resident_bytes()?,
        })
    }

    /// The same, with the memory that it takes now.
    pub(crate) fn with_memory_of(self, stage: &mut Stage) -> Result<Self> {
        let resident = stage.gateway().resident_bytes()?;
        Ok(Self { resident, ..self })
    }

    /// Waits until it holds no more than that again, and sees that it serves and that
    /// the recording is whole.
    pub(crate) fn is_back(&self, stage: &mut Stage) -> Result<()> {
        self.is_back_within(stage, SOON)
    }

    /// The same for what takes its time.
    pub(crate) fn is_back_within(&self, stage: &mut Stage, within: Duration) -> Result<()> {
        ensure!(stage.gateway().is_running(), "it has ended");
        assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
        at_rest(stage)?;
        let mut now = 0;
        wait::until("the descriptors to be as before", within, || {
            now = stage.gateway().descriptors()?;
            Ok((now <= self.descriptors).then_some(()))
        })
        .with_context(|| format!("{now} descriptors, {} before", self.descriptors))?;
        let resident = stage.gateway().resident_bytes()?;
        ensure!(
            resident <= self.resident + ROOM,
            "{resident} bytes, {} before",
            self.resident
        );
        stage.recorded()?;
        Ok(())
    }
}

/// Waits until the gateway serves nobody and the database is free of it.
fn at_rest(stage: &Stage) -> Result<()> {
    wait::until("all sessions to end", SOON, || {
        let open =
            |listener| stage.metric(&format!("narrowgate_sessions{{listener=\"{listener}\"}}"));
        let backends = stage.database.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gateway' \
             AND datname = current_database()",
        )?;
        let none = open("tls")? == "0" && open("plain")? == "0" && backends == "0";
        Ok(none.then_some(()))
    })
}
