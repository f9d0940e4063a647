//! Ten thousand connections that say nothing, or half of something.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{SOON, Setting, Stage};
use narrowgate_tests::wait;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::steady::Steady;

const MANY: usize = 10_000;
/// What the gateway takes at most when it has served all of them, in bytes.
const MOST: u64 = 128 << 20;
/// The beginning of a start-up message.
const HALF: &[u8] = b"\0\0\0\x30\0\x03\0\0user\0ag";
/// Longer than a handshake may take, for all of them.
const CLOSED: Duration = Duration::from_secs(90);

/// Opens as many connections, each of which sends the beginning and no more.
fn open(stage: &Stage, beginning: &[u8], many: usize) -> Result<Vec<TcpStream>> {
    let open = |_| {
        let mut stream = TcpStream::connect(stage.plain())?;
        stream.write_all(beginning)?;
        Ok(stream)
    };
    (0..many).map(open).collect()
}

/// Lets this process have so many files.
fn allow_descriptors() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )?)
}

#[test]
fn half_open_connections_keep_nobody_out_and_leave_nothing() -> Result<()> {
    allow_descriptors()?;
    let limits = "limits: { connections: 10500, connections_per_identity: 10500, handshake: 40s }";
    let mut stage = Stage::with(Setting::default().section(limits))?;
    let mut steady = Steady::of(&mut stage)?;
    for (round, beginning) in [b"".as_slice(), HALF].into_iter().enumerate() {
        let idle = open(&stage, beginning, MANY)?;
        wait::until("all of them to be accepted", SOON, || {
            Ok((stage.gateway().descriptors()? > MANY).then_some(()))
        })?;
        assert_eq!(stage.agent(&["insights"])?.query("SELECT 1")?, "1");
        wait::until("all of them to be closed", CLOSED, || {
            Ok((stage.gateway().descriptors()? < MANY / 100).then_some(()))
        })?;
        drop(idle);
        if round == 0 {
            // The allocator keeps some of what it has once had; that it has then.
            assert!(stage.gateway().resident_bytes()? < MOST);
            steady = steady.with_memory_of(&mut stage)?;
        }
        steady.is_back(&mut stage)?;
    }
    Ok(())
}

#[test]
fn half_open_connections_may_fill_the_gateway_and_who_comes_is_told() -> Result<()> {
    allow_descriptors()?;
    let limits = "limits: { connections: 1000, handshake: 10s }";
    let mut stage = Stage::with(Setting::default().section(limits))?;
    let steady = Steady::of(&mut stage)?;
    let idle = open(&stage, b"", MANY / 5)?;
    // Those at the door are as silent; there is room at it within seconds.
    let told = stage.agent(&["insights"])?.error("SELECT 1")?;
    assert!(
        told.contains("too many connections") || told.contains("closed the connection"),
        "{told}"
    );
    std::thread::sleep(Duration::from_secs(5));
    says(
        &stage.agent(&["insights"])?.error("SELECT 1")?,
        &["FATAL", "too many connections"],
    );
    drop(idle);
    std::thread::sleep(Duration::from_secs(1));
    steady.is_back_within(&mut stage, CLOSED)
}
