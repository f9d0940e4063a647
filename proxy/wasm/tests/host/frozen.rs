//! The guest that was built once against contract 0.1.0 and never again: every
//! event, every import, every value still means what it meant.

use std::sync::Arc;

use narrowgate_chain::{
    Access, Batch, BatchOutcome, Column, Credential, Denial, Detail, Direction, Edits, Effect,
    Events, Exchange, Filter, Flow, Identity, Interest, Message, MessageOutcome, Object, Operation,
    Origin, PostgresDetail, Predicate, Shape, Statement, Value, Verdict, attribute,
};
use narrowgate_wasm::{Configured, WasmFilter};

use crate::support::{FOREIGN, OURS, load, operation, session, statement, told, worker};

const GRANTS: &[&str] = &[
    "credentials",
    "identity",
    "identify",
    "text",
    "parameters",
    "results",
    "clock",
];

/// It, as one of ours and as a user's.
fn filters() -> [WasmFilter; 2] {
    [OURS, FOREIGN].map(|kind| {
        let setup = kind.given(GRANTS).setup(r#"{"a":1}"#);
        Arc::new(Configured::new(load("frozen-0.1.0"), setup).unwrap()).worker()
    })
}

fn texts(value: &Value) -> &[String] {
    match value {
        Value::Texts(texts) => texts,
        other => panic!("{other:?}"),
    }
}

/// The effect of that name.
fn effect<'a>(effects: &'a [Effect], name: &str) -> &'a Effect {
    effects.iter().find(|effect| effect.name == name).unwrap()
}

#[test]
fn it_never_changes() {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(crate::support::fixture("frozen-0.1.0"));
    assert_eq!(hex::encode(digest), include_str!("frozen.sha256").trim());
}

#[test]
fn it_wants_every_event_and_says_what_is_wrong() {
    for filter in filters() {
        let all = Events {
            connect: true,
            renew: true,
            operation: true,
            message: true,
            close: true,
        };
        assert_eq!(filter.events(), all);
    }
    let setup = OURS.given(GRANTS).setup("[]");
    let errors = Configured::new(load("frozen-0.1.0"), setup).err().unwrap();
    assert_eq!(errors, [("/".into(), "an object is wanted".into())]);
}

#[test]
fn connecting() {
    let credential = |value: &str| Credential {
        kind: "bearer",
        value: value.into(),
    };
    for filter in filters() {
        worker(async {
            let session = session(1);
            let none = filter.connect(&session, None).await.unwrap();
            assert!(matches!(none.verdict, Verdict::Deny(d) if d.code == "unauthenticated"));
            let good = credential("good");
            let answer = filter.connect(&session, Some(&good)).await.unwrap();
            assert_eq!(answer.verdict, Verdict::Proceed);
            let identity = Identity {
                issuer: "i".into(),
                subject: "sub".into(),
                groups: vec!["g".into(), "h".into()],
                expires: 3600,
                claims: r#"{"sub":"s"}"#.into(),
            };
            assert_eq!(answer.identity, Some(identity));
            let told = |name| told(&answer.effects, name).unwrap();
            assert_eq!(told("encrypted"), &true.into());
            assert_eq!(told("algorithm"), &"ES256".into());
            assert_eq!(texts(told("audiences")), ["narrowgate"]);
            assert_eq!(told("skew"), &30.into());

            let new = filter
                .connect(&session, Some(&credential("new-key")))
                .await
                .unwrap();
            assert_eq!(new.verdict, Verdict::Wait(vec!["keys:i".into()]));
            let long = credential(&"x".repeat(100_000));
            for (token, message) in [
                (&credential("forged"), "bad signature"),
                (&credential("x"), "no token"),
                (&long, "it is longer than 65536 bytes"),
            ] {
                let answer = filter.connect(&session, Some(token)).await.unwrap();
                assert!(matches!(answer.verdict, Verdict::Deny(d) if d.message == message));
            }
        });
    }
}

#[test]
fn renewing() {
    for filter in filters() {
        worker(async {
            let session = session(1);
            let nobody = filter.renew(&session).await.unwrap();
            assert!(matches!(nobody, Verdict::Deny(d) if d.message == "nobody"));
            session.set_identity(Identity {
                issuer: "i".into(),
                subject: "s".into(),
                groups: vec![],
                expires: 1,
                claims: "{}".into(),
            });
            assert_eq!(filter.renew(&session).await.unwrap(), Verdict::Proceed);
        });
    }
}

/// A statement with a bit of everything.
fn everything() -> Arc<Operation> {
    let list = |words: &[&str]| {
        words
            .iter()
            .map(|word| word.to_string())
            .collect::<Vec<_>>()
    };
    statement(Statement {
        action: "select".into(),
        actions: list(&["select", "delete"]),
        objects: vec![
            Object {
                kind: "table".into(),
                name: "public.t".into(),
                access: Access {
                    read: true,
                    write: true,
                    ..Access::default()
                },
                reads: list(&["a", "b"]),
                writes: list(&["c"]),
            },
            Object {
                kind: "function".into(),
                name: "public.f".into(),
                access: Access {
                    call: true,
                    define: true,
                    ..Access::default()
                },
                ..Object::default()
            },
        ],
        unresolved: list(&["why"]),
        fingerprint: "fp".into(),
        attributes: vec![
            ("text".into(), "t".into()),
            ("integer".into(), Value::Integer(-1)),
            ("real".into(), Value::Real(0.5)),
            ("boolean".into(), Value::Boolean(true)),
            ("bytes".into(), Value::Bytes(vec![0, 255])),
            ("texts".into(), Value::Texts(list(&["x", "y"]))),
            ("detail".into(), Value::Texts(list(&["z"]))),
        ],
        further: Vec::new(),
        detail: Detail::Postgres(PostgresDetail {
            origins: Some(vec![Origin {
                name: "o".into(),
                known: true,
                direct: false,
                columns: list(&["public.t.a"]),
            }]),
            predicates: vec![Predicate {
                column: "public.t.b".into(),
                equality: true,
            }],
            flows: vec![Flow {
                known: false,
                columns: list(&["public.t.a"]),
                into_kind: "column",
                into: "public.t.c".into(),
            }],
            reach: list(&["public.t.a", "public.t.b"]),
        }),
    })
}

#[test]
fn an_operation_arrives_whole() {
    for filter in filters() {
        worker(async {
            let session = session(1);
            assert!(session.set_attribute("auth", "tier", "gold".into()));
            let operation = everything();
            let answer = filter.operation(&session, &operation).await.unwrap();
            assert_eq!(answer.verdict, Verdict::Proceed);
            let effects = &answer.effects;
            let of = |name: &str, key: &str| {
                attribute(&effect(effects, name).attributes, key)
                    .unwrap()
                    .clone()
            };
            for (key, value) in [
                ("id", "session-1"),
                ("listener", "databases"),
                ("protocol", "postgres"),
                ("target", "billing"),
                ("client", "127.0.0.1:5"),
                ("user", "me"),
                ("tier", "gold"),
            ] {
                assert_eq!(of("session", key), value.into());
            }
            assert_eq!(of("operation", "text"), "the text".into());
            assert_eq!(of("operation", "nulls"), 1.into());
            assert_eq!(of("operation", "bytes"), Value::Bytes(b"ab".to_vec()));
            assert_eq!(texts(&of("operation", "detail")), ["z"]);
            let words = of("summary", "words");
            let expected = [
                "7 1 1",
                "Phase::Execute fp",
                "select delete",
                "why",
                "table public.t 3 a,b c",
                "function public.f 12  ",
            ];
            assert_eq!(texts(&words), expected);
            let sent = operation.attributes.iter();
            for (name, value) in sent {
                assert_eq!(of("summary", name), *value);
            }
            let words = of("postgres", "words");
            let expected = [
                "origin o true false",
                "public.t.a",
                "predicate public.t.b true",
                "flow false column public.t.c",
                "public.t.a",
                "reach",
                "public.t.a",
                "public.t.b",
            ];
            assert_eq!(texts(&words), expected);
            assert_eq!(told(effects, "config"), Some(&r#"{"a":1}"#.into()));
            assert!(told(effects, "now").and_then(Value::as_integer).unwrap() > 1_700_000_000_000);
            assert_eq!(told(effects, "offset"), Some(&90.into()));
        });
    }
}

#[test]
fn every_verdict_arrives() {
    for filter in filters() {
        worker(async {
            let verdict = async |action: &str| {
                let answer = filter.operation(&session(1), &operation(action)).await;
                answer.map(|answer| answer.verdict)
            };
            let denial = Denial {
                code: "forbidden".into(),
                message: "nothing is dropped".into(),
                rule: "r".into(),
                hint: "h".into(),
            };
            assert_eq!(verdict("drop").await.unwrap(), Verdict::Deny(denial));
            let Verdict::Hold(hold) = verdict("delete").await.unwrap() else {
                panic!()
            };
            assert_eq!((hold.rule.as_str(), hold.quorum), ("deletes", 2));
            assert_eq!((hold.reason.as_str(), hold.wait), ("it is gone then", 600));
            assert_eq!((hold.approvers.len(), hold.grant), (1, 60));
            assert_eq!(
                attribute(&hold.attributes, "on_disconnect"),
                Some(&"keep".into())
            );
            let waits = verdict("fetch").await.unwrap();
            assert_eq!(waits, Verdict::Wait(vec!["keys:i".into()]));
            // It has not been given the grant `rewrite`.
            assert!(verdict("shadow").await.is_err());
        });
    }
}

#[test]
fn results_flow_through_it() {
    let shape = Shape {
        direction: Direction::ToClient,
        content: "postgres.rows",
        columns: vec![
            Column {
                name: "a".into(),
                type_name: "text".into(),
                binary: false,
            },
            Column {
                name: "b".into(),
                type_name: "int4".into(),
                binary: true,
            },
        ],
        attributes: vec![("more".into(), "m".into())],
    };
    let batch = |sequence, lengths, data| Batch {
        direction: Direction::ToClient,
        sequence,
        last: sequence == 2,
        rows: 2,
        lengths,
        data,
        fragment: 3,
    };
    let notice = Message {
        kind: "postgres.notice",
        direction: Direction::ToClient,
        fields: vec![("M".into(), "m".into())],
    };
    for filter in filters() {
        worker(async {
            let answer = filter
                .operation(&session(1), &operation("select"))
                .await
                .unwrap();
            let mut exchange = answer.exchange.unwrap();
            let interest = exchange.begin(&shape).await.unwrap();
            assert_eq!(interest, Interest::Columns(vec![0]));
            let outcome = exchange.batch(&batch(0, &[2, -1], b"ab")).await.unwrap();
            let edits = Edits {
                cells: vec![0],
                lengths: vec![2],
                data: b"AB".to_vec(),
            };
            assert_eq!(outcome, BatchOutcome::Edit(edits));
            let outcome = exchange.batch(&batch(1, &[-1, 1], b"c")).await.unwrap();
            assert_eq!(outcome, BatchOutcome::Pass);
            let outcome = exchange.batch(&batch(2, &[6, 0], b"secret")).await.unwrap();
            assert!(matches!(outcome, BatchOutcome::Deny(d) if d.rule == "secrets"));
            let MessageOutcome::Replace(fields) = exchange.message(&notice).await.unwrap() else {
                panic!()
            };
            assert_eq!(fields.len(), 2);
            let outcome = vec![("narrowgate.rows".into(), Value::Integer(2))];
            let effects = exchange.end(&outcome).await.unwrap();
            let told = &effect(&effects, "end").attributes;
            assert_eq!(
                texts(attribute(told, "columns").unwrap()),
                ["a text false", "b int4 true"]
            );
            assert_eq!(attribute(told, "content"), Some(&"postgres.rows".into()));
            assert_eq!(attribute(told, "more"), Some(&"m".into()));
            assert_eq!(
                attribute(told, "batch"),
                Some(&"0 false 2 3 [2, -1]".into())
            );
            assert_eq!(attribute(told, "narrowgate.rows"), Some(&2.into()));
        });
    }
}

#[test]
fn messages_and_the_end() {
    let message = |kind| Message {
        kind,
        direction: Direction::ToClient,
        fields: vec![("name".into(), "value".into())],
    };
    for filter in filters() {
        worker(async {
            let session = session(1);
            let outcome = async |kind| filter.message(&session, &message(kind)).await.unwrap();
            assert_eq!(outcome("postgres.notification").await, MessageOutcome::Drop);
            assert_eq!(
                outcome("postgres.parameter-status").await,
                MessageOutcome::Pass
            );
            let expected = vec![
                ("name".to_owned(), "value".to_owned()),
                ("direction".into(), "Direction::ToClient".into()),
            ];
            let replaced = outcome("postgres.notice").await;
            assert_eq!(replaced, MessageOutcome::Replace(expected));
            let effects = filter.close(&session, "gone").await.unwrap();
            assert_eq!(told(&effects, "reason"), Some(&"gone".into()));
        });
    }
}
