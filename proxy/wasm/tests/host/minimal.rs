//! A guest that exports one event and imports nothing links and works.

use std::sync::Arc;

use narrowgate_chain::{Chain, Decided, Events, Filter, Standing, Verdict};
use narrowgate_wasm::Configured;

use crate::support::{FOREIGN, OURS, load, operation, session, worker};

#[test]
fn it_is_asked_about_operations_and_nothing_else() {
    let configured = Configured::new(load("minimal"), OURS.setup("{}")).unwrap();
    let filter = Arc::new(configured).worker();
    let events = Events {
        operation: true,
        ..Events::default()
    };
    assert_eq!(filter.events(), events);
    worker(async {
        let (session, select, drop) = (session(1), operation("select"), operation("drop"));
        let answer = filter.operation(&session, &select).await.unwrap();
        assert_eq!(answer.verdict, Verdict::Proceed);
        let answer = filter.operation(&session, &drop).await.unwrap();
        assert!(matches!(answer.verdict, Verdict::Deny(denial) if denial.code == "forbidden"));
    });
}

#[test]
fn it_stands_in_a_chain() {
    let configured = Configured::new(load("minimal"), FOREIGN.setup("{}")).unwrap();
    let chain = Chain::new("c", vec![Arc::new(configured).worker()]);
    worker(async {
        let (session, drop) = (session(1), operation("drop"));
        let (decided, _) = chain
            .operation(&session, &drop, &mut Standing::default(), |_, _| false)
            .await;
        assert!(matches!(decided, Decided::Deny(_)));
        assert!(chain.close(&session, "end").await.is_empty());
    });
}

#[test]
fn its_errors_in_the_configuration_come_through() {
    let errors = Configured::new(load("minimal"), OURS.setup("[]"))
        .err()
        .unwrap();
    assert_eq!(
        errors,
        [(String::new(), "there is nothing to configure".into())]
    );
}
