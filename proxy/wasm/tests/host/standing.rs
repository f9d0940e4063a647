//! Answers that stand: kept where they may be, and never where they may not.

use narrowgate_chain::{
    Chain, Decided, Direction, Exchanges, FaultKind, Filter, Message, Passed, Standing, Value,
};
use narrowgate_wasm::{WasmExchange, WasmFilter};

use crate::support::{FOREIGN, Kind, OURS, bytes, operation, session, told, worker};

/// How often the puppet had been asked when it gave the answer that counts the
/// second time, and what follows the operation then.
async fn twice(filter: WasmFilter) -> (Option<Value>, Exchanges<WasmExchange>) {
    let chain = Chain::new("c", vec![filter]);
    let (session, operation) = (session(1), operation("select"));
    let mut standing = Standing::default();
    let _ = chain
        .operation(&session, &operation, &mut standing, |_, _| false)
        .await;
    let (decided, effects) = chain
        .operation(&session, &operation, &mut standing, |_, _| false)
        .await;
    let Decided::Proceed(exchanges) = decided else {
        panic!("{decided:?}")
    };
    let effects: Vec<_> = effects.into_iter().map(|effect| effect.what).collect();
    (told(&effects, "decided").cloned(), exchanges)
}

fn asked(kind: Kind, script: &str) -> Option<Value> {
    let filter = kind.puppet(script).worker();
    worker(async { twice(filter).await.0 })
}

#[test]
fn an_answer_that_stands_is_not_asked_for_again() {
    for kind in [OURS, FOREIGN] {
        assert_eq!(asked(kind, "operation:stands"), Some(1.into()));
        assert_eq!(asked(kind, "operation:count"), Some(2.into()));
    }
}

#[test]
fn what_was_answered_by_more_than_the_statement_never_stands() {
    for kind in [OURS, FOREIGN] {
        let kind = kind.given(&["text", "parameters", "clock"]);
        for script in ["stands-text", "stands-parameters", "stands-clock"] {
            assert_eq!(
                asked(kind, &format!("operation:{script}")),
                Some(2.into()),
                "{script}"
            );
        }
    }
}

#[test]
fn an_exchange_is_made_when_there_is_something_to_show() {
    let kind = OURS.given(&["results"]);
    let filter = kind.puppet("operation:stands-nothing").worker();
    worker(async {
        let chain = Chain::new("c", vec![filter]);
        let (session, operation) = (session(1), operation("select"));
        let count = async || {
            let answer = chain.filters()[0]
                .operation(&session, &operation)
                .await
                .unwrap();
            told(&answer.effects, "decided").cloned()
        };
        let mut standing = Standing::default();
        let _ = chain
            .operation(&session, &operation, &mut standing, |_, _| false)
            .await;

        // That it wants nothing is found out once: by this one, which decides.
        let mut first = standing.exchanges(chain.filters(), &session, &operation);
        first.begin(&bytes()).await.unwrap();
        assert!(first.indifferent(Direction::ToClient));
        let (_, fault) = first.end(&vec![]).await;
        assert!(fault.is_none());
        assert_eq!(count().await, Some(3.into()));

        // The next is never made.
        let mut second = standing.exchanges(chain.filters(), &session, &operation);
        second.begin(&bytes()).await.unwrap();
        let (_, fault) = second.end(&vec![]).await;
        assert!(fault.is_none());
        assert_eq!(count().await, Some(4.into()));

        // An error has to be shown to it, so this one is.
        let mut third = standing.exchanges(chain.filters(), &session, &operation);
        third.begin(&bytes()).await.unwrap();
        let mut error = Message {
            kind: "postgres.error",
            direction: Direction::ToClient,
            fields: vec![],
        };
        assert_eq!(third.message(&mut error).await.unwrap(), Passed::On);
        let (_, fault) = third.end(&vec![]).await;
        assert!(fault.is_none());
        assert_eq!(count().await, Some(6.into()));
    });
}

#[test]
fn a_filter_that_does_not_keep_its_word_is_at_fault() {
    let filter = OURS
        .given(&["results"])
        .puppet("operation:stands-once")
        .worker();
    worker(async {
        let (decided, mut exchanges) = twice(filter).await;
        assert_eq!(decided, Some(1.into()));
        let fault = exchanges.begin(&bytes()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Answer);
    });
}
