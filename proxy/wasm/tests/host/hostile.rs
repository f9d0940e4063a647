//! Guests that do what no filter should: the operation is denied, the fault
//! says why and is counted, and the next operation is decided as if nothing
//! had been.

use std::time::{Duration, Instant};

use narrowgate_chain::{Batch, Direction, Exchange, Fault, FaultKind, Filter};

use crate::support::{FOREIGN, Kind, LIMITS, OURS, bytes, operation, session, worker};

/// What comes of an operation that the puppet decides so, and of another one
/// afterwards.
fn faults(kind: Kind, script: &str) -> [Fault; 2] {
    let filter = kind.puppet(script).worker();
    worker(async {
        let (session, operation) = (session(1), operation("select"));
        let first = filter.operation(&session, &operation).await.err();
        let second = filter.operation(&session, &operation).await.err();
        [first, second].map(|fault| fault.expect("a fault"))
    })
}

/// It fails so, twice, whoever's filter it is.
fn fails(script: &str, kind: FaultKind, says: &str) {
    for whose in [OURS, FOREIGN] {
        for fault in faults(whose, script) {
            assert_eq!(fault.kind, kind, "{script}: {fault}");
            assert!(fault.message.contains(says), "{script}: {fault}");
        }
    }
}

#[test]
fn a_loop_ends_in_time() {
    let start = Instant::now();
    fails(
        "operation:loop",
        FaultKind::Timeout,
        "no answer within 60ms",
    );
    assert!(
        start.elapsed() < LIMITS.timeout * 20,
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_trap_is_a_trap() {
    fails("operation:trap", FaultKind::Trap, "unreachable");
}

#[test]
fn endless_recursion_ends() {
    fails("operation:recurse", FaultKind::Trap, "");
}

#[test]
fn memory_ends() {
    fails("operation:hog", FaultKind::Memory, "16777216 bytes");
}

#[test]
fn a_text_that_is_none_is_no_answer() {
    fails("operation:no-text", FaultKind::Answer, "utf-8");
}

#[test]
fn an_answer_larger_than_the_guest_is_none() {
    fails("operation:overlapping", FaultKind::Answer, "too much data");
}

#[test]
fn a_log_line_of_megabytes_is_refused_and_many_lines_are_dropped() {
    fails("operation:shout", FaultKind::Answer, "too much data");
    let filter = FOREIGN.puppet("operation:chatter").worker();
    assert!(worker(filter.operation(&session(1), &operation("select"))).is_ok());
}

#[test]
fn a_fault_of_one_instance_is_over_with_the_next() {
    for whose in [OURS, FOREIGN] {
        let configured = whose.puppet("operation:first-only");
        let filter = configured.worker();
        let outcomes: Vec<_> = worker(async {
            let (session, operation) = (session(1), operation("select"));
            let mut outcomes = Vec::new();
            for _ in 0..6 {
                let outcome = filter.operation(&session, &operation).await;
                outcomes.push(outcome.is_ok());
            }
            outcomes
        });
        assert_eq!(outcomes, [true, false, true, false, true, false]);
        let stats = configured.stats();
        assert_eq!(stats.calls(), 6);
        assert!(stats.time() > Duration::ZERO);
        let faults: Vec<_> = stats.faults().filter(|(_, count)| *count > 0).collect();
        assert_eq!(faults, [(FaultKind::Trap, 3)]);
    }
}

#[test]
fn other_events_fail_like_operations() {
    for whose in [OURS, FOREIGN] {
        worker(async {
            let connect = whose.puppet("connect:loop").worker();
            let fault = connect.connect(&session(1), None).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Timeout);
            let renew = whose.puppet("renew:trap").worker();
            let fault = renew.renew(&session(1)).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Trap);
            let close = whose.puppet("close:hog").worker();
            let fault = close.close(&session(1), "end").await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Memory);
        });
    }
}

#[test]
fn a_batch_that_fails_ends_its_exchange() {
    let batch = Batch {
        direction: Direction::ToClient,
        sequence: 0,
        last: false,
        rows: 0,
        lengths: &[2],
        data: b"ab",
        fragment: 3,
    };
    let cases = [
        ("exchange:loop", FaultKind::Timeout),
        ("exchange:trap", FaultKind::Trap),
        ("exchange:hog", FaultKind::Memory),
        ("exchange:edit-huge", FaultKind::Answer),
    ];
    for whose in [OURS, FOREIGN] {
        for (script, kind) in cases {
            let filter = whose.given(&["results"]).puppet(script).worker();
            worker(async {
                let (session, operation) = (session(1), operation("select"));
                let answer = filter.operation(&session, &operation).await.unwrap();
                let mut exchange = answer.exchange.unwrap();
                exchange.begin(&bytes()).await.unwrap();
                assert_eq!(
                    exchange.batch(&batch).await.unwrap_err().kind,
                    kind,
                    "{script}"
                );
                // Nothing of it is left, and it says so.
                assert!(
                    exchange
                        .batch(&batch)
                        .await
                        .unwrap_err()
                        .message
                        .contains("gone")
                );
                assert!(exchange.end(&vec![]).await.is_err());
                assert!(filter.operation(&session, &operation).await.is_ok());
            });
        }
    }
}

#[test]
fn a_configuration_that_loops_or_traps_is_an_error() {
    use narrowgate_wasm::Configured;
    for deed in ["loop", "trap", "hog"] {
        let setup = FOREIGN.setup(&format!("\"configure:{deed}\""));
        let module = crate::support::load("puppet");
        let errors = Configured::new(module, setup).err().unwrap();
        assert!(errors[0].1.contains("cannot be configured"), "{errors:?}");
    }
    let setup = FOREIGN.setup("\"configure:error\"");
    let errors = Configured::new(crate::support::load("puppet"), setup)
        .err()
        .unwrap();
    assert_eq!(errors, [("/x".into(), "is not wanted".into())]);
}
