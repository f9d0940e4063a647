//! Random histories against a model of a dozen lines: nothing is executed
//! twice, nothing that people did not approve, nobody approves for themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::{
    Approver, Error, NewRequest, OnDisconnect, Options, State, Store, Subject, Validity, digest,
};
use crate::clock::{Clock, ManualClock, SECOND};

const WAIT: u64 = 100 * SECOND;
const BOX: u64 = 50;
const START: u64 = 1_700_000_000 * SECOND;

/// One step of a history. Numbers pick among what exists, modulo.
#[derive(Clone, Debug)]
enum Step {
    Request {
        who: u8,
        what: u8,
        terms: u8,
    },
    Approve {
        which: u8,
        by: u8,
    },
    Deny {
        which: u8,
        by: u8,
    },
    Revoke {
        which: u8,
        by: u8,
    },
    Cancel {
        which: u8,
    },
    Disconnect {
        which: u8,
    },
    /// Consumes `which` for the operation `who` would run as `what`: mostly
    /// the one that was asked for, sometimes an edited one.
    Consume {
        which: u8,
        edit: Option<(u8, u8)>,
    },
    Finish {
        which: u8,
    },
    Pass {
        seconds: u8,
    },
    Expire,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let n = any::<u8>;
    prop_oneof![
        3 => (n(), n(), n()).prop_map(|(who, what, terms)| Step::Request { who, what, terms }),
        5 => (n(), n()).prop_map(|(which, by)| Step::Approve { which, by }),
        1 => (n(), n()).prop_map(|(which, by)| Step::Deny { which, by }),
        1 => (n(), n()).prop_map(|(which, by)| Step::Revoke { which, by }),
        1 => n().prop_map(|which| Step::Cancel { which }),
        1 => n().prop_map(|which| Step::Disconnect { which }),
        5 => (n(), proptest::option::weighted(0.3, (n(), n())))
            .prop_map(|(which, edit)| Step::Consume { which, edit }),
        1 => n().prop_map(|which| Step::Finish { which }),
        2 => (0..80_u8).prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Expire),
        1 => Just(Step::Restart),
    ]
}

/// Two agents and, because a person may ask as well, one of the staff.
fn operation(who: u8, what: u8) -> Subject {
    let (issuer, subject) = match who % 3 {
        0 => ("agents", "bot"),
        1 => ("agents", "ann"),
        _ => ("staff", "ann"),
    };
    Subject {
        issuer: issuer.into(),
        subject: subject.into(),
        target: "billing".into(),
        protocol: "postgres".into(),
        action: "drop".into(),
        text: format!("DROP TABLE t{}", what % 2),
        parameters: Vec::new(),
        objects: Vec::new(),
    }
}

fn hold(who: u8, what: u8, terms: u8) -> NewRequest {
    NewRequest {
        operation: operation(who, what),
        groups: Vec::new(),
        filter: "approval".into(),
        rule: "drops".into(),
        reason: String::new(),
        approvers: vec!["dba".into()],
        quorum: 1 + u32::from(terms % 2),
        wait: WAIT,
        validity: if terms & 4 == 0 {
            Validity::Once
        } else {
            Validity::Seconds(BOX)
        },
        on_disconnect: if terms & 2 == 0 {
            OnDisconnect::Cancel
        } else {
            OnDisconnect::Keep
        },
        session: "s".into(),
    }
}

/// Three people who may, one person in a wrong group, one machine, and the
/// agent itself with everything it would need.
fn approver(by: u8) -> Approver {
    let (issuer, subject, group, people) = match by % 6 {
        0 => ("staff", "ann", "dba", true),
        1 => ("staff", "bob", "dba", true),
        2 => ("partner", "ann", "dba", true),
        3 => ("staff", "eve", "web", true),
        4 => ("ci", "job", "dba", false),
        _ => ("agents", "bot", "dba", true),
    };
    Approver {
        issuer: issuer.into(),
        subject: subject.into(),
        groups: vec![group.into()],
        people,
    }
}

type Person = (String, String);

/// What the model knows of one request.
struct Known {
    digest: String,
    requester: Person,
    quorum: usize,
    validity: Validity,
    deadline: u64,
    until: Option<u64>,
    approved_by: BTreeSet<Person>,
    decided: BTreeSet<Person>,
    /// Denied, cancelled, revoked or seen expired: never executes again.
    over: bool,
    uses: u64,
}

impl Known {
    fn may_execute(&self, digest: &str, now: u64) -> bool {
        !self.over
            && self.digest == digest
            && self.approved_by.len() >= self.quorum
            && match self.validity {
                Validity::Once => self.uses == 0 && now < self.deadline,
                Validity::Seconds(_) => self.until.is_some_and(|until| now < until),
            }
    }

    fn may_decide(&self, by: &Approver, now: u64) -> bool {
        let person = (by.issuer.clone(), by.subject.clone());
        !self.over
            && now < self.deadline
            && self.approved_by.len() < self.quorum
            && by.people
            && by.groups.contains(&"dba".to_owned())
            && person != self.requester
            && !self.decided.contains(&person)
    }
}

/// Runs one history.
fn run(steps: &[Step]) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(START));
    let options = Options {
        clock: clock.clone(),
        sinks: vec!["hook".into()],
        ..Options::default()
    };
    let mut store = Some(Store::open(directory.path(), options.clone()).unwrap());
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for step in steps {
        let now = clock.now();
        let open = store.as_mut().unwrap();
        let pick = |which: u8| order.get(usize::from(which) % order.len().max(1)).cloned();
        match step {
            Step::Request { who, what, terms } => {
                let new = hold(*who, *what, *terms);
                let (quorum, validity) = (new.quorum, new.validity);
                let wanted = digest(&new.operation);
                let requester = (new.operation.issuer.clone(), new.operation.subject.clone());
                let request = open.request(new).unwrap();
                assert!(matches!(request.state, State::Pending | State::Approved));
                assert_eq!(request.digest, wanted);
                assert!(request.attached);
                // Only one request per digest stays open.
                for (id, other) in &mut known {
                    if *id != request.id && other.digest == wanted {
                        other.over |= other.validity != Validity::Once || other.uses == 0;
                    }
                }
                let entry = known.entry(request.id.clone()).or_insert_with(|| {
                    order.push(request.id.clone());
                    Known {
                        digest: wanted,
                        requester,
                        quorum: quorum as usize,
                        validity,
                        deadline: now + WAIT,
                        until: None,
                        approved_by: BTreeSet::new(),
                        decided: BTreeSet::new(),
                        over: false,
                        uses: 0,
                    }
                });
                assert!(!entry.over, "an ended request came back");
                assert_eq!((entry.quorum, entry.validity), (quorum as usize, validity));
            }
            Step::Approve { which, by } => {
                let Some(id) = pick(*which) else { continue };
                let by = approver(*by);
                let entry = known.get_mut(&id).unwrap();
                let may = entry.may_decide(&by, now);
                match open.approve(&id, &by, "") {
                    Ok(request) => {
                        assert!(may, "approved what the model forbids");
                        let person = (by.issuer.clone(), by.subject.clone());
                        entry.approved_by.insert(person.clone());
                        entry.decided.insert(person);
                        let complete = entry.approved_by.len() >= entry.quorum;
                        assert_eq!(request.state == State::Approved, complete);
                        if let (true, Validity::Seconds(seconds)) = (complete, entry.validity) {
                            entry.until = Some(now + seconds * SECOND);
                        }
                    }
                    Err(_) => assert!(!may, "refused what the model allows"),
                }
            }
            Step::Deny { which, by } => {
                let Some(id) = pick(*which) else { continue };
                let by = approver(*by);
                let entry = known.get_mut(&id).unwrap();
                let may = entry.may_decide(&by, now);
                assert_eq!(open.deny(&id, &by, "").is_ok(), may);
                entry.over |= may;
            }
            Step::Revoke { which, by } => {
                let Some(id) = pick(*which) else { continue };
                if open.revoke(&id, &approver(*by), "").is_ok() {
                    let entry = known.get_mut(&id).unwrap();
                    assert!(entry.approved_by.len() >= entry.quorum);
                    entry.over = true;
                }
            }
            Step::Cancel { which } => {
                let Some(id) = pick(*which) else { continue };
                if open.cancel(&id).is_ok() {
                    known.get_mut(&id).unwrap().over = true;
                }
            }
            Step::Disconnect { which } => {
                let Some(id) = pick(*which) else { continue };
                if open.disconnect(&id, "s").unwrap().state == State::Cancelled {
                    known.get_mut(&id).unwrap().over = true;
                }
            }
            Step::Consume { which, edit } => {
                let Some(id) = pick(*which) else { continue };
                let entry = known.get_mut(&id).unwrap();
                let wanted = match edit {
                    Some((who, what)) => digest(&operation(*who, *what)),
                    None => entry.digest.clone(),
                };
                let may = entry.may_execute(&wanted, now);
                match open.consume(&id, &wanted) {
                    Ok(grant) => {
                        assert!(may, "executed what the model forbids");
                        entry.uses += 1;
                        assert_eq!(grant.uses, entry.uses);
                        assert_eq!(grant.approvers.len(), entry.approved_by.len());
                        let requester = entry.requester.clone();
                        assert!(grant.approvers.iter().all(|decision| {
                            (decision.issuer.clone(), decision.subject.clone()) != requester
                        }));
                    }
                    Err(Error::State { .. } | Error::Changed(_)) => {
                        assert!(!may, "refused what the model allows");
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            Step::Finish { which } => {
                let Some(id) = pick(*which) else { continue };
                open.finish(&id).unwrap();
            }
            Step::Pass { seconds } => clock.advance(u64::from(*seconds) * SECOND),
            Step::Expire => {
                open.expire_due().unwrap();
            }
            Step::Restart => {
                drop(store.take());
                let mut reopened = Store::open(directory.path(), options.clone()).unwrap();
                for id in &order {
                    assert!(!reopened.get(id).unwrap().attached);
                }
                store = Some(reopened);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn histories_agree_with_the_model(steps in vec(step(), 1..60)) {
        run(&steps);
    }
}
