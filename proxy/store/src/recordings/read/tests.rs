//! A session recorded and told again.

use std::fs;

use serde_json::json;

use super::{Format, Reader, SessionFilter};
use crate::recordings::testing::{START, World, options};
use crate::recordings::{
    Approval, Cell, Column, Data, Decision, Error, Event, Fragment, Identity, Message, Operation,
    Outcome, Output, Parameter, Rows, SessionEnd, SessionStart, Sync,
};

/// A session of everything, in two segments, with another one in between.
fn recorded() -> tempfile::TempDir {
    let mut options = options();
    options.max_bytes = 1_000;
    let mut world = World::new(options);
    let groups = ["billing".to_owned()];
    let bot = Identity {
        issuer: "agents",
        subject: "bot",
        groups: &groups,
    };
    let ann = Identity {
        issuer: "staff",
        subject: "ann",
        groups: &[],
    };
    let start = SessionStart {
        protocol: "postgres",
        listener: "databases",
        target: "billing",
        client: "127.0.0.1:5000",
        application: "psql",
        ..SessionStart::default()
    };
    let parameters = Parameter::all([Some(&b"7"[..]), None]);
    let operation = Operation {
        operation: "1",
        action: "select",
        text: "SELECT *\nFROM t\u{1b}[2J",
        parameters: &parameters,
        ..Operation::default()
    };
    let allow = Decision {
        operation: "1",
        verdict: "allow",
        filter: "policy",
        rule: "read",
        ..Decision::default()
    };
    let column = |name| Column {
        name,
        kind: "text",
        binary: false,
    };
    let mut rows = Rows::default();
    rows.restart("1", &[column("id"), column("note")]);
    rows.push([Cell::Bytes(b"1"), Cell::Bytes(b"a\n[    9.000000] fake")]);
    rows.push([Cell::Null, Cell::Bytes(b"\xff")]);
    let fragment = Fragment {
        operation: "1",
        row: 2,
        column: 1,
        offset: 0,
        last: true,
        bytes: b"large",
    };
    let outcome = Outcome {
        operation: "1",
        status: "SELECT 3",
        rows: Some(3),
        duration: Some(1_500),
        ..Outcome::default()
    };
    let deny = Decision {
        operation: "2",
        verdict: "deny",
        filter: "policy",
        reason: "no rule matched",
        ..Decision::default()
    };
    let error = Message {
        operation: "2",
        severity: "ERROR",
        code: "42501",
        message: "denied",
        detail: "no rule",
        hint: "ask",
        ..Message::default()
    };
    let approval = Approval {
        operation: "3",
        id: "apr-1",
        state: "approved",
        by: Some(ann),
        comment: "fine",
        ..Approval::default()
    };
    let output = Output {
        operation: "",
        stream: "stdout",
        bytes: b"\x1b[1mhi",
    };
    let both = Operation {
        operation: "4",
        text: "SELECT 4",
        decision: Some(Decision {
            operation: "",
            ..deny
        }),
        ..Operation::default()
    };
    let mut few = Rows::default();
    few.restart("0", &[column("old")]);
    few.push([Cell::Null]);
    few.restart("4", &[column("n")]);
    few.push([Cell::Bytes(b"4")]);
    let small = Outcome {
        operation: "4",
        status: "SELECT 1",
        content: Some(&few),
        ..Outcome::default()
    };
    let end = SessionEnd { reason: "closed" };
    let data = [
        Data::SessionStart(&start),
        Data::Identity(&bot),
        Data::Operation(&operation),
        Data::Decision(&allow),
        Data::Rows(&rows),
        Data::Fragment(&fragment),
        Data::Result(&outcome),
        Data::Decision(&deny),
        Data::Error(&error),
        Data::Approval(&approval),
        Data::Output(&output),
        Data::Operation(&both),
        Data::Result(&small),
        Data::SessionEnd(&end),
    ];
    for (seq, data) in (0..).zip(data) {
        let event = Event {
            time: START + seq * 250_000,
            session: "s\"9",
            seq,
            data,
        };
        world.writer.record(&event, Sync::Os).unwrap();
        if seq == 4 {
            world.operation("SELECT 'other'").unwrap();
        }
    }
    world.stop()
}

#[test]
fn sessions_are_listed() {
    let directory = recorded();
    let reader = Reader::new(directory.path());
    let all = reader.list(&SessionFilter::default()).unwrap();
    assert_eq!(
        all.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["s1", "s\"9"]
    );
    let session = &all[1];
    assert_eq!(session.target, "billing");
    assert_eq!(
        (session.issuer.as_str(), session.subject.as_str()),
        ("agents", "bot")
    );
    assert_eq!(
        (session.operations, session.denied, session.errors),
        (2, 2, 1)
    );
    assert_eq!(session.end, Some(START + 13 * 250_000));
    assert_eq!(all[0].end, None);
    let filter = SessionFilter {
        subject: Some("bot".into()),
        target: Some("billing".into()),
        since: Some(START),
        until: Some(START + 1),
        limit: Some(1),
    };
    assert_eq!(reader.list(&filter).unwrap(), std::slice::from_ref(session));
}

#[test]
fn a_session_is_shown_whole_and_alone() {
    let directory = recorded();
    let reader = Reader::new(directory.path());
    let records: Vec<_> = reader
        .show("s\"9")
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(
        records.iter().map(|r| r.seq).collect::<Vec<_>>(),
        (0..14).collect::<Vec<_>>()
    );
    assert_ne!(records[0].segment, records[13].segment);
    assert_eq!(records[2].data["parameters"], json!(["7", null]));
    assert!(matches!(
        reader.show("nobody").err(),
        Some(Error::NotFound(_))
    ));
    assert!(matches!(
        Reader::new(&directory.path().join("none")).show("x").err(),
        Some(Error::Io(_))
    ));
}

#[test]
fn a_session_is_told_again() {
    let directory = recorded();
    let frames: Vec<_> = Reader::new(directory.path())
        .replay("s\"9")
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let transcript: Vec<String> = frames.iter().map(super::Frame::line).collect();
    assert_eq!(
        transcript.join("\n"),
        r#"[    0.000000] session s"9 to billing over postgres from 127.0.0.1:5000 with psql
[    0.250000] identity bot (agents)
[    0.500000] > SELECT *
               FROM t\u{1b}[2J
                 $1 = 7
                 $2 = NULL
[    0.750000]   allow by policy, rule read
[    1.000000]   id | note
                 1 | a\n[    9.000000] fake
                 NULL | \xff
[    1.250000]   … 5 bytes of a large value, from byte 0
[    1.500000]   SELECT 3 (3 rows, 1.500 ms)
[    1.750000]   deny by policy: no rule matched
[    2.000000]   ERROR 42501: denied
                 DETAIL: no rule
                 HINT: ask
[    2.250000]   approval apr-1 is approved, by ann (staff): fine
[    2.500000] \u{1b}[1mhi
[    2.750000] > SELECT 4
                 deny by policy: no rule matched
[    3.000000]   n
                 4
                 SELECT 1
[    3.250000] session ends: closed"#
    );
    assert_eq!(frames[10].raw.as_deref(), Some(&b"\x1b[1mhi"[..]));
}

#[test]
fn exports() {
    let directory = recorded();
    let reader = Reader::new(directory.path());
    let mut lines = Vec::new();
    reader.export("s1", Format::JsonLines, &mut lines).unwrap();
    let text = String::from_utf8(lines).unwrap();
    let segment = fs::read_dir(directory.path())
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok())
        .find(|content| content.contains(&text));
    assert!(segment.is_some() && text.ends_with("}\n"));
    let mut cast = Vec::new();
    reader.export("s\"9", Format::Asciicast, &mut cast).unwrap();
    let cast: Vec<serde_json::Value> = String::from_utf8(cast)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(cast[0]["version"], 2);
    assert_eq!(cast[2], json!([0.25, "o", "identity bot (agents)\r\n"]));
    assert_eq!(cast[11], json!([2.5, "o", "\u{1b}[1mhi"]));
    let missing = reader.export("nobody", Format::Asciicast, &mut Vec::new());
    assert!(matches!(missing, Err(Error::NotFound(_))));
}
