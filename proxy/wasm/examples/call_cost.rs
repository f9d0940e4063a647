//! What a call of a filter costs: `cargo run --release -p narrowgate-wasm
//! --example call_cost [GUEST.wasm CONFIG GRANT...]`, nanoseconds per call.
//!
//! Without arguments it is the guest `minimal` of the tests, which answers at
//! once: what remains is the host's share, and the contract's.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use narrowgate_chain::{
    Access, Batch, Direction, Exchange, Filter, Object, Operation, Phase, Session, SessionStart,
    Statement, Value,
};
use narrowgate_wasm::{
    Configured, Engine, Grants, HostServices, IssuerRules, Limits, Loader, Setup, TokenFault,
    Tokens, Verified, WasmFilter,
};

const CALLS: u32 = 20_000;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let guest = arguments.next().unwrap_or_else(|| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/minimal.wasm").to_owned()
    });
    let config = arguments.next().unwrap_or_else(|| "{}".to_owned());
    let grants: Vec<String> = arguments.collect();
    let loader = Loader::new(Engine::new()?, None)?;
    let module = loader.load(&std::fs::read(&guest)?, None)?;
    let worker = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for (kind, trusted) in [
        ("ours, on the worker's stack", true),
        ("a user's, on its own", false),
    ] {
        let setup = Setup {
            name: "measured".into(),
            config: config.clone(),
            grants: Grants::parse(grants.iter().map(String::as_str))?,
            limits: Limits::default(),
            shared: trusted,
            trusted,
            services: HostServices {
                tokens: Arc::new(NoTokens),
                offset_minutes: 0,
            },
        };
        let configured = Configured::new(module.clone(), setup)
            .map_err(|errors| format!("the configuration: {errors:?}"))?;
        let filter = Arc::new(configured).worker();
        println!("{kind}:");
        for (name, objects) in [("no object", 0), ("1 object", 1), ("3 objects", 3)] {
            let nanoseconds = worker.block_on(measure(&filter, objects));
            println!("  an operation with {name}: {nanoseconds} ns");
        }
        if let Some(nanoseconds) = worker.block_on(batches(&filter)) {
            println!("  a batch of 256 bytes in 16 cells: {nanoseconds} ns");
        }
        let made = worker.block_on(instances(&filter));
        println!("  the first call of a session: {made:?}");
    }
    Ok(())
}

/// The best of several rounds.
async fn measure(filter: &WasmFilter, objects: usize) -> u128 {
    let (session, operation) = (session(1), operation(objects));
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..CALLS {
            if let Err(fault) = filter.operation(&session, &operation).await {
                println!("  {fault}");
                return 0;
            }
        }
        best = best.min(start.elapsed());
    }
    best.as_nanos() / u128::from(CALLS)
}

/// The best of several rounds, for a filter that follows operations.
async fn batches(filter: &WasmFilter) -> Option<u128> {
    let (session, operation) = (session(2), operation(1));
    let decision = filter.operation(&session, &operation).await.ok()?;
    let mut exchange = decision.exchange?;
    let batch = Batch {
        direction: Direction::ToClient,
        sequence: 0,
        last: false,
        rows: 16,
        lengths: &[16; 16],
        data: &[b'x'; 256],
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
    Some(best.as_nanos() / u128::from(CALLS))
}

/// The first call of sessions, and their end.
async fn instances(filter: &WasmFilter) -> Duration {
    let operation = operation(1);
    let start = Instant::now();
    for number in 10..110 {
        let session = session(number);
        let _asked = filter.operation(&session, &operation).await;
        let _told = filter.close(&session, "end").await;
    }
    start.elapsed() / 100
}

fn session(number: u64) -> Arc<Session> {
    Session::new(SessionStart {
        number,
        id: "0123456789abcdef".into(),
        listener: "databases".into(),
        protocol: "postgres",
        target: "billing".into(),
        client: "127.0.0.1:50000".into(),
        user: "agent".into(),
        encrypted: true,
    })
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
            attributes: vec![
                ("db.system.name".into(), "postgresql".into()),
                ("db.operation.batch.size".into(), Value::Integer(1)),
            ],
            ..Statement::default()
        }),
        text: "select id, email from public.table_0".into(),
        display: None,
        parameters: vec![],
        binary: vec![],
    })
}

struct NoTokens;

impl Tokens for NoTokens {
    fn verify(&self, _token: &str) -> Result<Verified, TokenFault> {
        Err(TokenFault::Unavailable)
    }

    fn issuer(&self, _name: &str) -> Option<IssuerRules> {
        None
    }
}
