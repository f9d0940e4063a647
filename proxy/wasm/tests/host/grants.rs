//! What is not granted is not given, and what is no power of a filter is not
//! taken from it.

use std::sync::Arc;

use narrowgate_chain::{
    Batch, BatchOutcome, Credential, Direction, Exchange, FaultKind, Filter, Identity, Interest,
    Message, MessageOutcome, Value, Verdict,
};
use narrowgate_wasm::Configured;

use crate::support::{FOREIGN, Kind, OURS, bytes, load, operation, session, told, worker};

/// The fault of an operation that the puppet decides so.
fn fault(kind: Kind, script: &str) -> Option<FaultKind> {
    let filter = kind.puppet(script).worker();
    worker(async {
        let answer = filter.operation(&session(1), &operation("select")).await;
        answer.err().map(|fault| fault.kind)
    })
}

#[test]
fn a_filter_is_not_configured_without_what_it_needs() {
    let frozen = || load("frozen-0.1.0");
    let errors = Configured::new(frozen(), OURS.setup("{}")).err().unwrap();
    assert!(
        errors[0]
            .1
            .contains("credentials, identity, identify, text"),
        "{errors:?}"
    );
    let errors = Configured::new(frozen(), OURS.given(&["clock"]).setup("{}"))
        .err()
        .unwrap();
    assert!(!errors[0].1.contains("clock"), "{errors:?}");
}

#[test]
fn verdicts_and_effects_take_powers_and_grants() {
    for kind in [OURS, FOREIGN] {
        assert_eq!(fault(kind, "operation:deny"), None);
        assert_eq!(fault(kind, "operation:hold"), Some(FaultKind::Grant));
        assert_eq!(fault(kind, "operation:rewrite"), Some(FaultKind::Grant));
        assert_eq!(fault(kind.given(&["rewrite"]), "operation:rewrite"), None);
        assert_eq!(fault(kind, "operation:record"), Some(FaultKind::Grant));
        assert_eq!(fault(kind.given(&["record"]), "operation:record"), None);
    }
}

#[test]
fn imports_take_grants() {
    for kind in [OURS, FOREIGN] {
        assert_eq!(fault(kind, "operation:clock"), Some(FaultKind::Grant));
        assert_eq!(fault(kind.given(&["clock"]), "operation:clock"), None);
        assert_eq!(fault(kind, "operation:token"), Some(FaultKind::Grant));
        assert_eq!(fault(kind.given(&["credentials"]), "operation:token"), None);
    }
}

#[test]
fn texts_and_parameters_are_seen_only_with_their_grants() {
    let seen = |kind: Kind| {
        let filter = kind.puppet("operation:text").worker();
        worker(async {
            let answer = filter
                .operation(&session(1), &operation("select"))
                .await
                .unwrap();
            let text = told(&answer.effects, "text")
                .and_then(Value::as_text)
                .unwrap()
                .to_owned();
            let parameters = told(&answer.effects, "parameters").and_then(Value::as_integer);
            (text, parameters.unwrap())
        })
    };
    assert_eq!(seen(FOREIGN), ("hidden".into(), -1));
    assert_eq!(seen(FOREIGN.given(&["text"])), ("the text".into(), -1));
    assert_eq!(seen(FOREIGN.given(&["parameters"])), ("hidden".into(), 2));
}

#[test]
fn a_credential_is_seen_only_with_the_grant() {
    let credential = Credential {
        kind: "bearer",
        value: "token".into(),
    };
    let seen = |kind: Kind| {
        let filter = kind.puppet("connect:credential").worker();
        worker(async {
            let answer = filter
                .connect(&session(1), Some(&credential))
                .await
                .unwrap();
            told(&answer.effects, "value")
                .and_then(Value::as_text)
                .unwrap()
                .to_owned()
        })
    };
    assert_eq!(seen(FOREIGN), "");
    assert_eq!(seen(FOREIGN.given(&["credentials"])), "token");
}

#[test]
fn an_identity_is_set_only_with_grant_and_power() {
    // The puppet does not say that it identifies.
    for kind in [FOREIGN, FOREIGN.given(&["identify"])] {
        let filter = kind.puppet("connect:identity").worker();
        let fault = worker(filter.connect(&session(1), None)).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Grant);
        assert!(!kind.puppet("connect:identity").can("identify"));
    }
}

#[test]
fn an_identity_is_seen_only_with_the_grant() {
    let session = session(1);
    session.set_identity(Identity {
        issuer: "i".into(),
        subject: "s".into(),
        groups: vec![],
        expires: 0,
        claims: "{}".into(),
    });
    let seen = |kind: Kind| {
        let filter = kind.puppet("renew:identity").worker();
        worker(filter.renew(&session)).unwrap() != Verdict::Proceed
    };
    assert!(!seen(FOREIGN));
    assert!(seen(FOREIGN.given(&["identity"])));
}

#[test]
fn results_are_seen_and_changed_only_with_grant_and_power() {
    let notice = Message {
        kind: "postgres.notice",
        direction: Direction::ToClient,
        fields: vec![("M".into(), "x".into())],
    };
    let batch = Batch {
        direction: Direction::ToClient,
        sequence: 0,
        last: true,
        rows: 0,
        lengths: &[2],
        data: b"ab",
        fragment: 3,
    };
    let exchange = async |kind: Kind, deed: &str| {
        let filter = Arc::new(kind.puppet(&format!("exchange:{deed}"))).worker();
        let answer = filter.operation(&session(1), &operation("select")).await;
        answer.unwrap().exchange.unwrap()
    };
    worker(async {
        let mut blind = exchange(FOREIGN, "drop").await;
        assert_eq!(
            blind.begin(&bytes()).await.unwrap_err().kind,
            FaultKind::Grant
        );
        assert_eq!(
            blind.batch(&batch).await.unwrap_err().kind,
            FaultKind::Grant
        );
        assert_eq!(blind.message(&notice).await.unwrap(), MessageOutcome::Pass);
        let mut content = exchange(FOREIGN, "nothing").await;
        assert_eq!(content.begin(&bytes()).await.unwrap(), Interest::Nothing);

        let seeing = FOREIGN.given(&["results"]);
        let mut denying = exchange(seeing, "deny").await;
        assert_eq!(denying.begin(&bytes()).await.unwrap(), Interest::Everything);
        let denied = denying.batch(&batch).await.unwrap();
        assert!(matches!(denied, BatchOutcome::Deny(denial) if denial.message == "2 bytes"));
        // The puppet does not say that it edits.
        let mut editing = exchange(seeing, "edit").await;
        assert_eq!(
            editing.batch(&batch).await.unwrap_err().kind,
            FaultKind::Grant
        );
        let mut dropping = exchange(seeing, "drop").await;
        assert_eq!(
            dropping.message(&notice).await.unwrap_err().kind,
            FaultKind::Grant
        );
        let mut recording = exchange(seeing, "record").await;
        assert_eq!(
            recording.end(&vec![]).await.unwrap_err().kind,
            FaultKind::Grant
        );
    });
}
