//! While two guests loop, other sessions of the same worker go on.

use std::rc::Rc;
use std::time::{Duration, Instant};

use narrowgate_chain::Filter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{FOREIGN, Kind, LIMITS, OURS, operation, session, worker};

/// The time below which 99 of 100 are.
fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Times of many sessions' turns: something comes in by a socket, a filter of
/// ours decides, something goes out.
async fn turns(count: usize) -> Vec<Duration> {
    let filter = OURS.puppet("operation:count").worker();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    let (session, operation) = (session(1), operation("select"));
    let mut times = Vec::new();
    for _ in 0..count {
        let start = Instant::now();
        client.write_all(b"x").await.unwrap();
        server.read_u8().await.unwrap();
        filter.operation(&session, &operation).await.unwrap();
        server.write_all(b"y").await.unwrap();
        client.read_u8().await.unwrap();
        times.push(start.elapsed());
    }
    times
}

#[test]
fn others_wait_no_longer_than_a_few_epochs() {
    let kind = Kind {
        limits: narrowgate_wasm::Limits {
            timeout: Duration::from_millis(250),
            ..LIMITS
        },
        ..FOREIGN
    };
    let looping = Rc::new(kind.puppet("operation:loop").worker());
    worker(async {
        let alone = p99(turns(200).await);
        let loops: Vec<_> = (10..12)
            .map(|number| {
                let looping = looping.clone();
                tokio::task::spawn_local(async move {
                    let (session, operation) = (session(number), operation("select"));
                    loop {
                        assert!(looping.operation(&session, &operation).await.is_err());
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let disturbed = p99(turns(200).await);
        assert!(loops.iter().all(|task| !task.is_finished()));
        println!("p99 of a turn: alone {alone:?}, while two guests loop {disturbed:?}");
        // Each turn goes through the event loop a few times, and each time the
        // two loops have an epoch of 1 ms.
        assert!(disturbed < Duration::from_millis(60), "{disturbed:?}");
    });
}
