//! What a call of each built-in filter costs, and of a user's that answers at
//! once: `make guests`, then `cargo run --release -p narrowgate-wasm --example
//! call_cost FOLDER`, where FOLDER has the guests (`target/filters`).
//!
//! Prints rows of a Markdown table, nanoseconds per call, the best of several
//! rounds. There is no network and no database: the host's share, the contract's
//! and the filter's are what remains.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a figure of something else than was meant is worse than none"
)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use narrowgate_chain::{
    Access, Batch, Credential, Direction, Exchange, Fault, Filter, Identity, Object, Operation,
    Phase, Session, SessionStart, Statement, Verdict,
};
use narrowgate_wasm::{
    Configured, Engine, Grants, HostServices, IssuerRules, Limits, Loader, Setup, TokenFault,
    Tokens, Verified, WasmFilter,
};

const CALLS: u32 = 20_000;
const ROUNDS: usize = 7;

/// A guest, its configuration and its grants.
type Guest = (&'static str, &'static str, &'static [&'static str]);

/// As in the bench's configuration; masking looks at all values here, so that
/// it has something to do with rows.
const BUILT_IN: [Guest; 5] = [
    (
        "auth",
        r#"{"issuers":["agents"]}"#,
        &["credentials", "identity", "identify", "clock"],
    ),
    (
        "policy",
        r#"{"rules":[{"name":"read","groups":["bench"],"targets":["bench"],
            "allow":[{"select":["public.*"]}]}]}"#,
        &["identity"],
    ),
    (
        "approval",
        r#"{"require":[{"name":"destructive","actions":["drop","delete"],
            "approvers":["dba"],"quorum":1,"wait":"10m"}]}"#,
        &["identity"],
    ),
    (
        "masking",
        r#"{"detectors":["email","card"]}"#,
        &["identity", "results"],
    ),
    (
        "recording",
        r#"{"on_failure":"deny"}"#,
        &["record", "identity"],
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("say which folder the guests are in")?;
    let loader = Loader::new(Engine::new()?, None)?;
    let worker = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    println!(
        "| one call of | session begins | operation, 1 object | 3 objects | 16 cells, 256 bytes |"
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (name, config, grants) in BUILT_IN {
        let guest = Path::new(&folder).join(name).with_added_extension("wasm");
        let filter = configured(&loader, &guest, config, grants, true)?;
        worker.block_on(row(name, &filter));
    }
    let minimal = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/minimal.wasm");
    let filter = configured(&loader, minimal.as_ref(), "{}", &[], false)?;
    worker.block_on(row("a user's that says yes", &filter));
    Ok(())
}

fn configured(
    loader: &Loader,
    guest: &Path,
    config: &str,
    grants: &[&str],
    trusted: bool,
) -> Result<WasmFilter, Box<dyn Error>> {
    let module = loader.load(&std::fs::read(guest)?, None)?;
    let setup = Setup {
        name: "measured".into(),
        config: config.into(),
        grants: Grants::parse(grants.iter().copied())?,
        limits: Limits::default(),
        shared: trusted,
        trusted,
        services: HostServices {
            tokens: Arc::new(Good),
            offset_minutes: || 0,
        },
    };
    let configured = Configured::new(module, setup)
        .map_err(|errors| format!("{}: {errors:?}", guest.display()))?;
    Ok(Arc::new(configured).worker())
}

async fn row(name: &str, filter: &WasmFilter) {
    let events = filter.events();
    let mut cells = vec![String::new(); 4];
    if events.connect {
        cells[0] = connects(filter).await;
    }
    if events.operation {
        cells[1] = decides(filter, 1).await;
        cells[2] = decides(filter, 3).await;
        cells[3] = batches(filter).await.unwrap_or_default();
    }
    println!("| {name} | {} |", cells.join(" | "));
}

async fn connects(filter: &WasmFilter) -> String {
    let (session, credential) = (
        session(),
        Credential {
            kind: "password",
            value: "token".into(),
        },
    );
    best(async || {
        let answer = filter.connect(&session, Some(&credential)).await;
        expect_leave(answer.map(|answer| answer.verdict));
    })
    .await
}

async fn decides(filter: &WasmFilter, objects: usize) -> String {
    let (session, operation) = (session(), operation(objects));
    best(async || {
        let answer = filter.operation(&session, &operation).await;
        expect_leave(answer.map(|answer| answer.verdict));
    })
    .await
}

/// For a filter that follows operations.
async fn batches(filter: &WasmFilter) -> Option<String> {
    let decision = filter.operation(&session(), &operation(1)).await.ok()?;
    let mut exchange = decision.exchange?;
    let data = [b'x'; 256];
    let batch = Batch {
        direction: Direction::ToClient,
        sequence: 0,
        last: false,
        rows: 16,
        lengths: &[16; 16],
        data: &data,
        fragment: 3,
    };
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..CALLS {
            exchange.batch(&batch).await.ok()?;
        }
        best = best.min(start.elapsed());
    }
    Some(nanoseconds(best))
}

/// The best of several rounds.
async fn best(call: impl AsyncFn()) -> String {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..CALLS {
            call().await;
        }
        best = best.min(start.elapsed());
    }
    nanoseconds(best)
}

fn nanoseconds(time: Duration) -> String {
    format!("{} ns", time.as_nanos() / u128::from(CALLS))
}

/// A session of somebody whom the rules are for.
fn session() -> Arc<Session> {
    let session = Session::new(SessionStart {
        number: 1,
        id: "0123456789abcdef".into(),
        listener: "databases".into(),
        protocol: "postgres",
        target: "bench".into(),
        client: "127.0.0.1:50000".into(),
        user: "agent".into(),
        encrypted: true,
    });
    session.set_identity(Identity {
        issuer: "agents".into(),
        subject: "bench".into(),
        groups: vec!["bench".into()],
        expires: u64::MAX,
        claims: "{}".into(),
    });
    session
}

/// A statement that reads from so many tables.
fn operation(objects: usize) -> Arc<Operation> {
    let object = |n| Object {
        kind: "table".into(),
        name: format!("public.table_{n}"),
        access: Access {
            read: true,
            ..Access::default()
        },
        reads: vec!["id".into(), "email".into()],
        writes: vec![],
    };
    Arc::new(Operation {
        id: 1,
        phase: Phase::Execute,
        statement: Arc::new(Statement {
            action: "select".into(),
            actions: vec!["select".into()],
            objects: (0..objects).map(object).collect(),
            fingerprint: "0123456789abcdef".into(),
            ..Statement::default()
        }),
        text: "select id, email from public.table_0".into(),
        display: None,
        parameters: vec![],
        binary: vec![],
    })
}

/// Every token is good: checking signatures is not what is measured.
struct Good;

impl Tokens for Good {
    fn verify(&self, _token: &str) -> Result<Verified, TokenFault> {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        Ok(Verified {
            issuer: "agents".into(),
            algorithm: "ES256".into(),
            claims: format!(
                r#"{{"iss":"https://id.example.com","sub":"bench","aud":"narrowgate","iat":{now},"exp":{},"groups":["bench"]}}"#,
                now + 600
            ),
            header: r#"{"alg":"ES256","typ":"JWT"}"#.into(),
        })
    }

    fn issuer(&self, _name: &str) -> Option<IssuerRules> {
        Some(IssuerRules {
            audiences: vec!["narrowgate".into()],
            groups_claim: "groups".into(),
            subject_claim: "sub".into(),
            groups: vec!["bench".into()],
            clock_skew: 30,
            lifetime: 3600,
        })
    }
}

/// What is measured is leave, not a refusal or a fault.
fn expect_leave(verdict: Result<Verdict, Fault>) {
    match verdict {
        Ok(Verdict::Proceed) => {}
        Ok(other) => panic!("not what is to be measured: {other:?}"),
        Err(fault) => panic!("{fault}"),
    }
}
