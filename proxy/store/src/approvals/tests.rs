//! The store as its callers see it.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::{
    Approvals, Approver, Error, Filter, Limit, NewRequest, OnDisconnect, Options, Parameter, State,
    Store, Subject, Validity, digest,
};
use crate::clock::{ManualClock, SECOND};
use crate::value::Value;

const START: u64 = 1_700_000_000 * SECOND;

struct World {
    directory: TempDir,
    clock: Arc<ManualClock>,
    options: Options,
    store: Store,
}

impl World {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(edit: impl FnOnce(&mut Options)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(START));
        let mut options = Options {
            clock: clock.clone(),
            ..Options::default()
        };
        edit(&mut options);
        let store = Store::open(directory.path(), options.clone()).unwrap();
        Self {
            directory,
            clock,
            options,
            store,
        }
    }

    fn restart(self) -> Self {
        let Self {
            directory,
            clock,
            options,
            store,
        } = self;
        drop(store);
        let store = Store::open(directory.path(), options.clone()).unwrap();
        Self {
            directory,
            clock,
            options,
            store,
        }
    }
}

fn hold(text: &str) -> NewRequest {
    NewRequest {
        operation: Subject {
            issuer: "agents".into(),
            subject: "bot".into(),
            target: "billing".into(),
            protocol: "postgres".into(),
            action: "drop".into(),
            text: text.into(),
            parameters: vec![Parameter {
                kind: "int4".into(),
                value: Value::Null,
                shown: None,
            }],
            objects: vec!["public.t#1".into()],
        },
        groups: vec!["billing-insights-agent".into()],
        filter: "approval".into(),
        rule: "drops".into(),
        reason: "dropping needs a person".into(),
        approvers: vec!["dba".into()],
        quorum: 1,
        wait: 600 * SECOND,
        validity: Validity::Once,
        on_disconnect: OnDisconnect::Cancel,
        session: "s1".into(),
    }
}

fn person(name: &str) -> Approver {
    Approver {
        issuer: "staff".into(),
        subject: name.into(),
        groups: vec!["dba".into()],
        people: true,
    }
}

fn state_of(result: Result<impl Sized, Error>) -> State {
    match result.err() {
        Some(Error::State { state, .. }) => state,
        other => panic!("expected a state error, got {other:?}"),
    }
}

#[test]
fn approved_is_used_once() {
    let mut world = World::new();
    let request = world.store.request(hold("DROP TABLE t")).unwrap();
    assert!(request.id.starts_with("apr-") && request.id.len() == 14);
    assert_eq!(request.digest, digest(&hold("DROP TABLE t").operation));
    assert_eq!(
        state_of(world.store.consume(&request.id, &request.digest)),
        State::Pending
    );
    let approved = world
        .store
        .approve(&request.id, &person("ann"), "fine")
        .unwrap();
    assert_eq!(approved.state, State::Approved);
    let other = digest(&hold("DROP TABLE u").operation);
    assert!(matches!(
        world.store.consume(&request.id, &other),
        Err(Error::Changed(_))
    ));
    let grant = world.store.consume(&request.id, &request.digest).unwrap();
    assert_eq!((grant.uses, grant.approvers.len()), (1, 1));
    assert_eq!(
        state_of(world.store.consume(&request.id, &request.digest)),
        State::Used
    );
    let again = world.store.request(hold("DROP TABLE t")).unwrap();
    assert_ne!(again.id, request.id);
    assert_eq!(again.state, State::Pending);
}

#[test]
fn who_may_decide() {
    let mut world = World::new();
    let mut new = hold("DROP TABLE t");
    new.quorum = 2;
    let id = world.store.request(new).unwrap().id;
    let requester = Approver {
        issuer: "agents".into(),
        subject: "bot".into(),
        groups: vec!["dba".into()],
        people: true,
    };
    let store = &mut world.store;
    assert!(matches!(
        store.approve(&id, &requester, ""),
        Err(Error::OwnRequest)
    ));
    let mut machine = person("ci");
    machine.people = false;
    assert!(matches!(
        store.approve(&id, &machine, ""),
        Err(Error::NotAPerson)
    ));
    let mut stranger = person("eve");
    stranger.groups = vec!["web".into()];
    assert!(matches!(
        store.approve(&id, &stranger, ""),
        Err(Error::NotAnApprover)
    ));
    assert_eq!(
        store.approve(&id, &person("ann"), "").unwrap().state,
        State::Pending
    );
    assert!(matches!(
        store.approve(&id, &person("ann"), ""),
        Err(Error::AlreadyDecided)
    ));
    // The same subject of another issuer is another person.
    let mut other = person("ann");
    other.issuer = "partner".into();
    assert_eq!(
        store.approve(&id, &other, "").unwrap().state,
        State::Approved
    );
    assert_eq!(
        state_of(store.deny(&id, &person("bob"), "")),
        State::Approved
    );
}

#[test]
fn one_denial_ends_it() {
    let mut world = World::new();
    let mut new = hold("DROP TABLE t");
    new.quorum = 2;
    let id = world.store.request(new).unwrap().id;
    world.store.approve(&id, &person("ann"), "").unwrap();
    world.store.deny(&id, &person("bob"), "no").unwrap();
    assert_eq!(
        state_of(world.store.approve(&id, &person("cat"), "")),
        State::Denied
    );
}

#[test]
fn late_is_too_late() {
    let mut world = World::new();
    let request = world.store.request(hold("DROP TABLE t")).unwrap();
    world.clock.advance(600 * SECOND);
    assert_eq!(
        state_of(world.store.approve(&request.id, &person("ann"), "")),
        State::Expired
    );
    let request = world.store.request(hold("DROP TABLE t")).unwrap();
    world
        .store
        .approve(&request.id, &person("ann"), "")
        .unwrap();
    world.clock.advance(600 * SECOND);
    assert_eq!(
        state_of(world.store.consume(&request.id, &request.digest)),
        State::Expired
    );
}

#[test]
fn a_time_box_allows_many_uses_until_its_end() {
    let mut world = World::new();
    let mut new = hold("DROP TABLE t");
    new.validity = Validity::Seconds(3_600);
    let request = world.store.request(new.clone()).unwrap();
    world
        .store
        .approve(&request.id, &person("ann"), "")
        .unwrap();
    world.clock.advance(1_800 * SECOND);
    for uses in 1..=3 {
        let found = world.store.request(new.clone()).unwrap();
        assert_eq!(found.id, request.id);
        assert_eq!(
            world.store.consume(&found.id, &found.digest).unwrap().uses,
            uses
        );
    }
    world.store.finish(&request.id).unwrap();
    world.clock.advance(1_800 * SECOND);
    assert_eq!(
        state_of(world.store.consume(&request.id, &request.digest)),
        State::Used
    );
    // Two of three still run, and revoking must reach them.
    let revoked = world.store.revoke(&request.id, &person("ann"), "").unwrap();
    assert_eq!(revoked.state, State::Revoked);
}

#[test]
fn revoking_needs_something_to_revoke() {
    let mut world = World::new();
    let request = world.store.request(hold("DROP TABLE t")).unwrap();
    assert_eq!(
        state_of(world.store.revoke(&request.id, &person("ann"), "")),
        State::Pending
    );
    world
        .store
        .approve(&request.id, &person("ann"), "")
        .unwrap();
    world.store.consume(&request.id, &request.digest).unwrap();
    world.store.finish(&request.id).unwrap();
    assert_eq!(
        state_of(world.store.revoke(&request.id, &person("ann"), "")),
        State::Used
    );
}

#[test]
fn terms_that_changed_cancel_the_old_consent() {
    let mut world = World::new();
    let first = world.store.request(hold("DROP TABLE t")).unwrap();
    world.store.approve(&first.id, &person("ann"), "").unwrap();
    let mut stricter = hold("DROP TABLE t");
    stricter.quorum = 2;
    let second = world.store.request(stricter).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(
        state_of(world.store.consume(&first.id, &first.digest)),
        State::Cancelled
    );
}

#[test]
fn clients_come_and_go() {
    let mut world = World::new();
    let id = world.store.request(hold("DROP TABLE t")).unwrap().id;
    let mut second = hold("DROP TABLE t");
    second.session = "s2".into();
    assert_eq!(world.store.request(second).unwrap().id, id);
    // The first session is no longer the one that waits.
    assert_eq!(
        world.store.disconnect(&id, "s1").unwrap().state,
        State::Pending
    );
    assert_eq!(
        world.store.disconnect(&id, "s2").unwrap().state,
        State::Cancelled
    );
    let mut kept = hold("DROP TABLE t");
    kept.on_disconnect = OnDisconnect::Keep;
    let id = world.store.request(kept).unwrap().id;
    let request = world.store.disconnect(&id, "s1").unwrap();
    assert_eq!((request.state, request.attached), (State::Pending, false));
    assert!(world.store.attach(&id, "s3").unwrap().attached);
    assert!(!world.store.detach(&id).unwrap().attached);
    world.store.cancel(&id).unwrap();
    assert_eq!(state_of(world.store.cancel(&id)), State::Cancelled);
}

#[test]
fn a_restart_detaches_and_loses_nothing() {
    let mut world = World::new();
    let pending = world.store.request(hold("DROP TABLE t")).unwrap();
    let approved = world.store.request(hold("DROP TABLE u")).unwrap();
    world
        .store
        .approve(&approved.id, &person("ann"), "ok")
        .unwrap();
    let used = world.store.request(hold("DROP TABLE v")).unwrap();
    world.store.approve(&used.id, &person("ann"), "").unwrap();
    world.store.consume(&used.id, &used.digest).unwrap();
    let mut world = world.restart();
    let read = world.store.get(&pending.id).unwrap();
    assert_eq!((read.state, read.attached), (State::Pending, false));
    let read = world.store.get(&approved.id).unwrap();
    assert_eq!((read.state, read.decisions.len()), (State::Approved, 1));
    let read = world.store.get(&used.id).unwrap();
    assert_eq!((read.state, read.running), (State::Used, 0));
    assert!(read.ended.is_some());
    assert_eq!(
        world.store.request(hold("DROP TABLE t")).unwrap().id,
        pending.id
    );
}

#[test]
fn bounds_hold() {
    let mut world = World::with(|options| {
        options.max_open = 3;
        options.max_open_per_identity = 2;
        options.max_operation = 200;
    });
    world.store.request(hold("1")).unwrap();
    world.store.request(hold("2")).unwrap();
    world.store.request(hold("2")).unwrap();
    assert!(matches!(
        world.store.request(hold("3")),
        Err(Error::TooMany(Limit::Identity))
    ));
    let mut other = hold("4");
    other.operation.subject = "bot2".into();
    world.store.request(other.clone()).unwrap();
    other.operation.subject = "bot3".into();
    assert!(matches!(
        world.store.request(other),
        Err(Error::TooMany(Limit::Gateway))
    ));
    assert!(matches!(
        world.store.request(hold(&"x".repeat(200))),
        Err(Error::TooLarge(_))
    ));
    let mut nobody = hold("5");
    nobody.quorum = 0;
    assert!(matches!(
        world.store.request(nobody),
        Err(Error::Invalid(_))
    ));
    world.clock.advance(600 * SECOND);
    world.store.request(hold("3")).unwrap();
}

#[test]
fn listing_and_purging() {
    let mut world = World::new();
    let first = world.store.request(hold("1")).unwrap();
    world.clock.advance(SECOND);
    world.store.request(hold("2")).unwrap();
    world.store.deny(&first.id, &person("ann"), "").unwrap();
    let all = world.store.list(&Filter::default()).unwrap();
    assert_eq!(
        all.iter().map(|r| r.text.as_str()).collect::<Vec<_>>(),
        ["2", "1"]
    );
    let pending = Filter {
        states: vec![State::Pending, State::Approved],
        requester: Some(("agents".into(), "bot".into())),
        target: Some("billing".into()),
        approver: Some(("staff".into(), vec!["dba".into()])),
        limit: None,
    };
    assert_eq!(world.store.list(&pending).unwrap().len(), 1);
    let strangers = Filter {
        approver: Some(("staff".into(), vec!["web".into()])),
        ..Filter::default()
    };
    assert!(world.store.list(&strangers).unwrap().is_empty());
    world.clock.advance(10 * SECOND);
    assert_eq!(world.store.purge(10 * SECOND).unwrap(), 0);
    world.clock.advance(1);
    assert_eq!(world.store.purge(10 * SECOND).unwrap(), 1);
    assert!(matches!(
        world.store.get(&first.id),
        Err(Error::NotFound(_))
    ));
}

#[test]
fn every_change_is_queued_for_every_webhook() {
    let mut world = World::with(|options| {
        options.sinks = vec!["a".into(), "b".into()];
        options.max_outbox = 5;
    });
    let id = world.store.request(hold("1")).unwrap().id;
    let first = world.store.outbox_next(10).unwrap();
    assert_eq!(
        first.iter().map(|o| o.sink.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(first[0].body.starts_with(r#"{"event":"approval.pending","#));
    world.store.outbox_done(first[0].id).unwrap();
    world
        .store
        .outbox_failed(first[1].id, START + SECOND)
        .unwrap();
    assert!(world.store.outbox_next(10).unwrap().is_empty());
    let mut world = world.restart();
    world.clock.advance(SECOND);
    let again = world.store.outbox_next(10).unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    // Nobody decides: the expiry is an event too, and the bound holds.
    world.clock.advance(600 * SECOND);
    assert_eq!(world.store.expire_due().unwrap(), 1);
    assert_eq!(world.store.outbox_next(10).unwrap().len(), 3);
    for text in ["2", "3", "4"] {
        world.store.request(hold(text)).unwrap();
    }
    assert_eq!(world.store.outbox_next(10).unwrap().len(), 5);
    assert_eq!(world.store.get(&id).unwrap().state, State::Expired);
}

#[test]
fn one_gateway_at_a_time_and_private_files() {
    use std::os::unix::fs::PermissionsExt;
    let mut world = World::new();
    world.store.request(hold("1")).unwrap();
    assert!(matches!(
        Store::open(world.directory.path(), Options::default()),
        Err(Error::Locked)
    ));
    for entry in std::fs::read_dir(world.directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn waiters_on_several_runtimes_hear_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let approvals = Approvals::open(directory.path(), Options::default()).unwrap();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let request = runtime().block_on(approvals.request(hold("1"))).unwrap();
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            let (approvals, id) = (approvals.clone(), request.id.clone());
            std::thread::spawn(move || runtime().block_on(approvals.wait(&id)).unwrap().state)
        })
        .collect();
    runtime().block_on(async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        approvals
            .approve(&request.id, person("ann"), "")
            .await
            .unwrap();
    });
    for waiter in waiters {
        assert_eq!(waiter.join().unwrap(), State::Approved);
    }
    runtime().block_on(async {
        approvals
            .consume(&request.id, &request.digest)
            .await
            .unwrap();
        let (revoked, _) = tokio::join!(approvals.revoked(&request.id), async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            approvals
                .revoke(&request.id, person("ann"), "stop")
                .await
                .unwrap();
        });
        revoked.unwrap();
        // Too late to subscribe is not too late to know.
        approvals.revoked(&request.id).await.unwrap();
    });
}

#[tokio::test]
async fn waiting_ends_at_the_deadline() {
    let directory = tempfile::tempdir().unwrap();
    let approvals = Approvals::open(directory.path(), Options::default()).unwrap();
    let mut new = hold("1");
    new.wait = 50_000;
    let id = approvals.request(new).await.unwrap().id;
    assert_eq!(approvals.wait(&id).await.unwrap().state, State::Expired);
}

#[tokio::test]
async fn a_caller_that_stops_waiting_leaves_no_attached_request() {
    let directory = tempfile::tempdir().unwrap();
    let approvals = Approvals::open(directory.path(), Options::default()).unwrap();
    {
        let request = approvals.request(hold("1"));
        tokio::pin!(request);
        // Polled once: handed to the store, then dropped.
        let _ = futures_poll_once(request.as_mut()).await;
    }
    let open = approvals.list(Filter::default()).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].state, State::Cancelled);
}

/// Polls `future` once.
async fn futures_poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(move |context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn filters_ask_side_by_side_and_replace_only_their_own_requests() {
    let mut world = World::new();
    let of = |filter: &str, rule: &str| NewRequest {
        filter: filter.into(),
        rule: rule.into(),
        ..hold("DROP TABLE t")
    };
    let first = world.store.request(of("approval", "a")).unwrap();
    let second = world.store.request(of("approval-2", "b")).unwrap();
    assert_eq!(first.digest, second.digest);
    assert_ne!(first.id, second.id);
    world.store.approve(&first.id, &person("dana"), "").unwrap();
    world
        .store
        .approve(&second.id, &person("dana"), "")
        .unwrap();
    assert_eq!(
        world.store.request(of("approval", "a")).unwrap().id,
        first.id
    );
    assert_eq!(
        world.store.request(of("approval-2", "b")).unwrap().id,
        second.id
    );
    // Other terms of one of them end its own consent, and leave that of the other.
    world.store.request(of("approval", "c")).unwrap();
    assert_eq!(world.store.get(&first.id).unwrap().state, State::Cancelled);
    assert_eq!(world.store.get(&second.id).unwrap().state, State::Approved);
}

#[test]
fn a_group_may_be_named_with_its_issuer() {
    let mut world = World::new();
    let of = |approver: &str| NewRequest {
        approvers: vec![approver.into()],
        ..hold(approver)
    };
    let with = |issuer: &str, group: &str| Approver {
        issuer: issuer.into(),
        groups: vec![group.into()],
        ..person("dana")
    };
    for (approver, by, may) in [
        ("staff/dba", with("staff", "dba"), true),
        ("staff/dba", with("other", "dba"), false),
        ("staff/dba", with("other", "staff/dba"), false),
        ("dba", with("other", "dba"), true),
        ("github/org/team", with("github", "org/team"), true),
        ("org/team", with("github", "org/team"), false),
        ("repo:org/team", with("github", "repo:org/team"), true),
    ] {
        let id = world.store.request(of(approver)).unwrap().id;
        let filter = Filter {
            states: vec![State::Pending],
            approver: Some((by.issuer.clone(), by.groups.clone())),
            ..Filter::default()
        };
        let listed = world.store.list(&filter).unwrap();
        assert_eq!(
            listed.iter().any(|request| request.id == id),
            may,
            "{approver} {by:?}"
        );
        assert_eq!(
            world.store.approve(&id, &by, "").is_ok(),
            may,
            "{approver} {by:?}"
        );
        world.store.cancel(&id).ok();
    }
}
