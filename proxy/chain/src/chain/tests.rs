use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::{
    Attributes, Batch, BatchOutcome, Cell, Column, Connection, Decision, Direction, Edits, Events,
    Exchange, FaultKind, Identity, Interest, Phase, Rows, SessionStart, Shape,
};

/// What the filters of a test were asked, in order.
type Asked = Rc<RefCell<Vec<String>>>;

/// A filter that answers as told and writes down that it was asked.
struct Scripted {
    name: &'static str,
    verdict: Result<Verdict, FaultKind>,
    /// Its answer stands.
    stands: bool,
    asked: Asked,
}

impl Scripted {
    fn note(&self, event: &str) {
        self.asked
            .borrow_mut()
            .push(format!("{}:{event}", self.name));
    }

    fn answer(&self) -> Result<Verdict, Fault> {
        self.verdict.clone().map_err(|kind| Fault {
            filter: self.name.into(),
            kind,
            message: "as told".into(),
        })
    }
}

#[derive(Debug)]
struct Upper(&'static str, Asked);

impl Exchange for Upper {
    async fn begin(&mut self, _: &Shape) -> Result<Interest, Fault> {
        Ok(Interest::Columns(vec![1]))
    }

    async fn batch(&mut self, batch: &Batch<'_>) -> Result<BatchOutcome, Fault> {
        self.1.borrow_mut().push(format!("{}:batch", self.0));
        let mut data = batch.data.to_vec();
        data.extend(self.0.bytes());
        let length = i32::try_from(data.len()).unwrap();
        Ok(BatchOutcome::Edit(Edits {
            cells: vec![0],
            lengths: vec![length],
            data,
        }))
    }

    async fn message(&mut self, _: &Message) -> Result<MessageOutcome, Fault> {
        Ok(MessageOutcome::Pass)
    }

    async fn end(&mut self, _: &Attributes) -> Result<Vec<Effect>, Fault> {
        self.1.borrow_mut().push(format!("{}:end", self.0));
        Ok(Vec::new())
    }
}

impl Filter for Scripted {
    type Exchange = Upper;

    fn name(&self) -> &str {
        self.name
    }

    fn events(&self) -> Events {
        Events {
            connect: true,
            renew: true,
            operation: true,
            message: true,
            close: true,
        }
    }

    async fn connect(&self, _: &Arc<Session>, _: Option<&Credential>) -> Result<Connection, Fault> {
        self.note("connect");
        let identity = Identity {
            issuer: "i".into(),
            subject: self.name.into(),
            groups: vec![],
            expires: 0,
            claims: "{}".into(),
        };
        Ok(Connection {
            verdict: self.answer()?,
            identity: Some(identity),
            effects: vec![],
        })
    }

    async fn renew(&self, _: &Arc<Session>) -> Result<Verdict, Fault> {
        self.note("renew");
        self.answer()
    }

    async fn operation(
        &self,
        _: &Arc<Session>,
        _: &Arc<Operation>,
    ) -> Result<Decision<Upper>, Fault> {
        self.note("operation");
        Ok(Decision {
            verdict: self.answer()?,
            effects: vec![Effect {
                name: self.name.into(),
                attributes: vec![],
            }],
            exchange: Some(Upper(self.name, self.asked.clone())),
            stands: self.stands,
        })
    }

    fn follow(&self, _: &Arc<Session>, _: &Arc<Operation>) -> Upper {
        Upper(self.name, self.asked.clone())
    }

    async fn message(&self, _: &Arc<Session>, _: &Message) -> Result<MessageOutcome, Fault> {
        self.note("message");
        Ok(MessageOutcome::Pass)
    }

    async fn close(&self, _: &Arc<Session>, _: &str) -> Result<Vec<Effect>, Fault> {
        self.note("close");
        Ok(vec![])
    }
}

fn session() -> Arc<Session> {
    Session::new(SessionStart {
        number: 1,
        id: "s".into(),
        listener: "l".into(),
        protocol: "postgres",
        target: "t".into(),
        client: "c".into(),
        user: "u".into(),
        encrypted: true,
    })
}

fn operation() -> Arc<Operation> {
    Arc::new(Operation {
        id: 1,
        phase: Phase::Execute,
        statement: Arc::default(),
        text: "".into(),
        display: None,
        parameters: vec![],
        binary: vec![],
    })
}

fn chain(verdicts: [Result<Verdict, FaultKind>; 3]) -> (Chain<Scripted>, Asked) {
    let asked = Asked::default();
    let filters = ["a", "b", "c"]
        .into_iter()
        .zip(verdicts)
        .map(|(name, verdict)| Scripted {
            name,
            verdict,
            stands: false,
            asked: asked.clone(),
        })
        .collect();
    (Chain::new("test", filters), asked)
}

const NOBODY: fn(usize, &Hold) -> bool = |_, _| false;

#[tokio::test]
async fn filters_run_forward_on_operations_and_in_reverse_on_results() {
    let (chain, asked) = chain([const { Ok(Verdict::Proceed) }; 3]);
    let (decided, effects) = chain
        .operation(&session(), &operation(), &mut Standing::default(), NOBODY)
        .await;
    let Decided::Proceed(mut exchanges) = decided else {
        panic!("{decided:?}")
    };
    assert_eq!(
        effects
            .iter()
            .map(|e| e.what.name.as_str())
            .collect::<String>(),
        "abc"
    );

    let column = |name: &str| Column {
        name: name.into(),
        type_name: "text".into(),
        binary: false,
    };
    let shape = Shape {
        direction: Direction::ToClient,
        content: "postgres.rows",
        columns: vec![column("x"), column("y")],
        attributes: vec![],
    };
    exchanges.begin(&shape).await.unwrap();
    let mut rows = Rows {
        columns: 2,
        wire: "1yz".into(),
        ..Rows::default()
    };
    rows.cells = vec![Cell::Wire(0..1), Cell::Wire(1..3)];
    exchanges
        .rows(&mut rows, Direction::ToClient, true)
        .await
        .unwrap();
    assert_eq!(rows.cell(0), Some(&b"1"[..]));
    assert_eq!(rows.cell(1), Some(&b"yzcba"[..]));
    exchanges.end(&vec![]).await;
    let expected = [
        "a:operation",
        "b:operation",
        "c:operation",
        "c:batch",
        "b:batch",
        "a:batch",
        "c:end",
        "b:end",
        "a:end",
    ];
    assert_eq!(*asked.borrow(), expected);
}

#[tokio::test]
async fn the_first_denial_ends_the_run_and_keeps_the_effects_so_far() {
    let denial = Denial::new(crate::code::FORBIDDEN, "no", "");
    let (chain, asked) = chain([
        Ok(Verdict::Proceed),
        Ok(Verdict::Deny(denial.clone())),
        Ok(Verdict::Proceed),
    ]);
    let (decided, effects) = chain
        .operation(&session(), &operation(), &mut Standing::default(), NOBODY)
        .await;
    assert!(matches!(decided, Decided::Deny(Attributed { filter: 1, what }) if what == denial));
    assert_eq!(effects.len(), 2);
    assert_eq!(*asked.borrow(), ["a:operation", "b:operation"]);
}

#[tokio::test]
async fn a_fault_is_never_taken_for_consent() {
    let (chain, asked) = chain([
        Ok(Verdict::Proceed),
        Err(FaultKind::Trap),
        Ok(Verdict::Proceed),
    ]);
    let (decided, _) = chain
        .operation(
            &session(),
            &operation(),
            &mut Standing::default(),
            |_, _| true,
        )
        .await;
    assert!(matches!(
        decided,
        Decided::Fault(Attributed { filter: 1, .. })
    ));
    assert_eq!(asked.borrow().len(), 2);
    assert!(matches!(chain.renew(&session()).await, Connected::Fault(_)));
}

#[tokio::test]
async fn a_hold_is_met_only_by_consent_to_just_that_hold() {
    let hold = Hold {
        rule: "drops".into(),
        quorum: 2,
        ..Hold::default()
    };
    let (chain, _) = chain([
        Ok(Verdict::Proceed),
        Ok(Verdict::Hold(hold.clone())),
        Ok(Verdict::Proceed),
    ]);
    let session = session();
    let (decided, _) = chain
        .operation(&session, &operation(), &mut Standing::default(), NOBODY)
        .await;
    assert!(matches!(
        decided,
        Decided::Hold(Attributed { filter: 1, .. })
    ));
    let (decided, _) = chain
        .operation(
            &session,
            &operation(),
            &mut Standing::default(),
            |place, asked| place == 1 && *asked == hold,
        )
        .await;
    assert!(matches!(decided, Decided::Proceed(_)));
}

#[tokio::test]
async fn the_identity_is_set_only_by_a_filter_that_proceeds() {
    let denial = Denial::new(crate::code::UNAUTHENTICATED, "no", "");
    let (chain, _) = chain([
        Ok(Verdict::Deny(denial)),
        Ok(Verdict::Proceed),
        Ok(Verdict::Proceed),
    ]);
    let session = session();
    let (connected, _) = chain.connect(&session, None).await;
    assert!(matches!(connected, Connected::Deny(_)));
    assert_eq!(session.identity(), None);
}

#[tokio::test]
async fn a_filter_whose_answer_stands_is_not_asked_again_and_its_effects_stay() {
    let (mut chain, asked) = chain([
        Ok(Verdict::Proceed),
        Ok(Verdict::Proceed),
        Ok(Verdict::Proceed),
    ]);
    let mut standing = Standing::default();
    let names = |effects: Vec<Attributed<Effect>>| -> Vec<(usize, String)> {
        effects
            .into_iter()
            .map(|effect| (effect.filter, effect.what.name))
            .collect()
    };
    let all = vec![
        (0, "a".to_owned()),
        (1, "b".to_owned()),
        (2, "c".to_owned()),
    ];

    chain.filters[1].stands = true;
    for _ in 0..2 {
        let (decided, effects) = chain
            .operation(&session(), &operation(), &mut standing, NOBODY)
            .await;
        let Decided::Proceed(exchanges) = decided else {
            panic!("denied")
        };
        assert_eq!(format!("{exchanges:?}"), r#"["a", "b", "c"]"#);
        assert_eq!(names(effects), all);
    }
    assert_eq!(
        *asked.borrow(),
        [
            "a:operation",
            "b:operation",
            "c:operation",
            "a:operation",
            "c:operation"
        ]
    );
    assert!(
        !standing.is_whole(&chain.filters),
        "two filters have to be asked"
    );

    chain
        .filters
        .iter_mut()
        .for_each(|filter| filter.stands = true);
    let _ = chain
        .operation(&session(), &operation(), &mut standing, NOBODY)
        .await;
    assert!(standing.is_whole(&chain.filters));
    let kept: Vec<_> = standing
        .effects()
        .map(|(place, effect)| (place, effect.name.clone()))
        .collect();
    assert_eq!(kept, all);
    let exchanges = standing.exchanges(&chain.filters, &session(), &operation());
    assert_eq!(format!("{exchanges:?}"), r#"["a", "b", "c"]"#);
}

#[tokio::test]
async fn a_refusal_or_a_hold_never_stands() {
    let denial = Denial::new(crate::code::FORBIDDEN, "no", "");
    for verdict in [Verdict::Deny(denial), Verdict::Hold(Hold::default())] {
        let (mut chain, asked) = chain([Ok(verdict), Ok(Verdict::Proceed), Ok(Verdict::Proceed)]);
        chain
            .filters
            .iter_mut()
            .for_each(|filter| filter.stands = true);
        let mut standing = Standing::default();
        for _ in 0..2 {
            let (decided, _) = chain
                .operation(&session(), &operation(), &mut standing, NOBODY)
                .await;
            assert!(!matches!(decided, Decided::Proceed(_)));
        }
        assert_eq!(*asked.borrow(), ["a:operation", "a:operation"]);
        assert_eq!(standing.count(), 0);
    }
}
