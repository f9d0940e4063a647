//! Which instance serves whom, how many there are, and what becomes of
//! exchanges.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use narrowgate_chain::{Exchange, FaultKind, Filter, Session, Value};
use narrowgate_wasm::WasmFilter;

use crate::support::{FOREIGN, LIMITS, OURS, operation, session, told, worker};

/// The number that the puppet tells by that name.
async fn number(filter: &WasmFilter, session: &Arc<Session>, name: &str) -> i64 {
    let answer = filter
        .operation(session, &operation("select"))
        .await
        .unwrap();
    told(&answer.effects, name)
        .and_then(Value::as_integer)
        .unwrap()
}

#[test]
fn a_session_has_an_instance_of_its_own() {
    let filter = FOREIGN.puppet("operation:count").worker();
    worker(async {
        let (first, second) = (session(1), session(2));
        assert_eq!(number(&filter, &first, "decided").await, 1);
        assert_eq!(number(&filter, &first, "decided").await, 2);
        assert_eq!(number(&filter, &second, "decided").await, 1);
        assert_eq!(number(&filter, &first, "decided").await, 3);
    });
}

#[test]
fn a_shared_filter_stays_warm() {
    let filter = OURS.puppet("operation:count").worker();
    worker(async {
        for n in 1..10 {
            let session = session(u64::try_from(n).unwrap());
            assert_eq!(number(&filter, &session, "decided").await, n);
        }
    });
}

#[test]
fn instances_are_bounded_and_end_with_their_session() {
    let filter = FOREIGN.puppet("operation:count").worker();
    worker(async {
        let sessions: Vec<_> = (0..4).map(session).collect();
        for session in &sessions[..LIMITS.instances] {
            number(&filter, session, "decided").await;
        }
        let last = &sessions[LIMITS.instances];
        let fault = filter
            .operation(last, &operation("select"))
            .await
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::Instances);
        let effects = filter.close(&sessions[0], "end").await.unwrap();
        assert_eq!(told(&effects, "decided"), Some(&Value::Integer(1)));
        assert_eq!(number(&filter, last, "decided").await, 1);
    });
}

#[test]
fn a_session_that_is_gone_without_having_been_closed_takes_no_place() {
    let filter = FOREIGN.puppet("operation:count").worker();
    worker(async {
        for n in 0..100 {
            assert_eq!(number(&filter, &session(n), "decided").await, 1);
        }
    });
}

#[test]
fn exchanges_are_dropped_whether_they_end_or_not() {
    for kind in [OURS, FOREIGN] {
        let filter = kind.puppet("operation:exchanges").worker();
        worker(async {
            let session = session(1);
            for round in 0..20 {
                let answer = filter
                    .operation(&session, &operation("select"))
                    .await
                    .unwrap();
                let alive = told(&answer.effects, "exchanges").and_then(Value::as_integer);
                assert_eq!(alive, Some(1), "those of earlier rounds are gone");
                let mut exchange = answer.exchange.unwrap();
                if round % 2 == 0 {
                    exchange.end(&vec![]).await.unwrap();
                }
            }
        });
    }
}

#[test]
fn exchanges_interleave_in_one_instance() {
    let filter = OURS.puppet("operation:exchanges").worker();
    worker(async {
        let session = session(1);
        let mut open = Vec::new();
        for _ in 0..100 {
            let answer = filter
                .operation(&session, &operation("select"))
                .await
                .unwrap();
            open.push(answer.exchange.unwrap());
        }
        for mut exchange in open.into_iter().rev() {
            exchange.end(&vec![]).await.unwrap();
        }
        assert_eq!(number(&filter, &session, "exchanges").await, 1);
    });
}

#[test]
fn a_call_that_nobody_waits_for_leaves_no_half_done_instance() {
    let filter = Rc::new(FOREIGN.puppet("operation:loop").worker());
    worker(async {
        let session = session(1);
        let operation = operation("select");
        let call = filter.operation(&session, &operation);
        assert!(
            tokio::time::timeout(Duration::from_millis(10), call)
                .await
                .is_err()
        );
        // Another instance has its whole time.
        let fault = filter.operation(&session, &operation).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Timeout);
    });
}

#[test]
fn while_one_shared_instance_is_busy_the_other_is_asked() {
    let kind = crate::support::Kind {
        shared: true,
        ..FOREIGN
    };
    let filter = Rc::new(kind.puppet("operation:loop").worker());
    worker(async {
        let start = std::time::Instant::now();
        let call = async |number| {
            let (session, operation) = (session(number), operation("select"));
            filter
                .operation(&session, &operation)
                .await
                .unwrap_err()
                .kind
        };
        let both = tokio::join!(call(1), call(2));
        assert_eq!(both, (FaultKind::Timeout, FaultKind::Timeout));
        assert!(
            start.elapsed() < LIMITS.timeout * 2,
            "{:?}",
            start.elapsed()
        );
    });
}
