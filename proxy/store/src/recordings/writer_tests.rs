//! Writers when all goes well, and when the disk does not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::testing::{FailingDisk, START, World, options, report};
use super::{Data, Error, Event, Kind, MAX_LINE, Operation, Options, Recorder, Sync};
use crate::clock::SECOND;

fn failing() -> (FailingDisk, Options) {
    let disk = FailingDisk::default();
    let mut options = options();
    options.disk = Arc::new(disk.clone());
    (disk, options)
}

#[test]
fn a_clean_stop_leaves_nothing_unsigned() {
    let mut world = World::new(options());
    for _ in 0..10 {
        world.operation("SELECT 1").unwrap();
    }
    let directory = world.stop();
    let report = report(directory.path());
    assert_eq!(report.problems, []);
    assert_eq!(report.tails, []);
    assert_eq!((report.segments, report.events), (1, 10));
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn many_events_are_one_write() {
    let (disk, options) = failing();
    let mut world = World::new(options);
    world.operation("SELECT 1").unwrap();
    let path = world.directory.path().join("w0-00000001.jsonl");
    let before = disk.writes(&path);
    let operation = Operation::default();
    for seq in 0..100 {
        let event = Event {
            time: START,
            session: "s",
            seq,
            data: Data::Operation(&operation),
        };
        let position = world.writer.append(&event).unwrap();
        assert_eq!((position.segment, position.n), (1, seq + 2));
    }
    world.writer.flush(Sync::Disk).unwrap();
    assert_eq!(disk.writes(&path), before + 1);
    assert_eq!(report(world.stop().path()).events, 101);
}

#[test]
fn segments_rotate_by_size_and_age_and_stay_one_chain() {
    let mut options = options();
    options.max_bytes = 2_000;
    let mut world = World::new(options.clone());
    for _ in 0..50 {
        world.operation("SELECT 1").unwrap();
    }
    let directory = world.stop();
    let found = report(directory.path());
    assert!(found.segments > 3 && found.is_ok(), "{found:?}");

    options.max_age = 10 * SECOND;
    options.max_bytes = u64::MAX;
    let mut world = World::new(options);
    world.operation("SELECT 1").unwrap();
    world.writer.tick(START + 20 * SECOND).unwrap();
    world.writer.tick(START + 90 * SECOND).unwrap();
    let found = report(world.stop().path());
    assert_eq!((found.segments, found.events), (2, 1), "{found:?}");
    assert!(found.is_ok());
}

#[test]
fn heads_leave_the_machine_in_time() {
    let mut world = World::new(options());
    let mut heads = world.recorder.subscribe();
    for _ in 0..12 {
        world.operation("SELECT 1").unwrap();
    }
    world.settle();
    let lines: Vec<u64> = std::iter::from_fn(|| heads.try_recv().ok())
        .map(|entry| match entry.kind {
            Kind::Head(head) => head.n,
            Kind::Tombstone(_) => panic!("nothing was removed"),
        })
        .collect();
    assert_eq!(lines, [0, 11]);
    // Nothing follows, and still the last one is signed after a while.
    world.writer.tick(START + 60 * SECOND).unwrap();
    world.settle();
    assert_eq!(report(world.directory.path()).tails, []);
}

#[test]
fn a_restart_goes_on_from_what_is_there() {
    let mut world = World::new(options());
    for _ in 0..3 {
        world.operation("SELECT 1").unwrap();
    }
    let copy = world.kill();
    // The crash came in the middle of a line.
    let path = copy.path().join("w0-00000001.jsonl");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    bytes.splice(end.., *b"{\"n\":4,\"t\"");
    fs::write(&path, bytes).unwrap();
    let found = report(copy.path());
    assert!(found.is_ok(), "{found:?}");
    assert_eq!((found.tails[0].lines, found.tails[0].incomplete), (3, 10));
    assert!(!found.tails[0].linked);

    let recorder = Recorder::open(copy.path(), options()).unwrap();
    let mut writer = recorder.writer("w0").unwrap();
    let operation = Operation::default();
    let event = Event {
        time: START + 100 * SECOND,
        session: "s2",
        seq: 0,
        data: Data::Operation(&operation),
    };
    assert_eq!(writer.record(&event, Sync::Disk).unwrap().segment, 2);
    writer.close().unwrap();
    drop(recorder);
    let found = report(copy.path());
    assert!(found.is_ok(), "{found:?}");
    assert_eq!((found.segments, found.events), (2, 4));
    assert!(found.tails[0].linked);
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let (disk, options) = failing();
    let mut world = World::new(options);
    world.operation("SELECT 1").unwrap();
    world.settle();
    // Half a line fits.
    disk.fill_after(40);
    for _ in 0..3 {
        assert!(matches!(world.operation("SELECT 2"), Err(Error::Io(_))));
    }
    disk.free();
    // The signer needs a moment, since the log could not be written either.
    for _ in 0..100 {
        if world.recorder.is_healthy() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    world.operation("SELECT 3").unwrap();
    let directory = world.stop();
    let found = report(directory.path());
    assert!(found.is_ok(), "{found:?}");
    assert_eq!(found.events, 2);
    assert_eq!(found.tails, []);
    let text = fs::read_to_string(directory.path().join("w0-00000001.jsonl")).unwrap();
    assert!(text.ends_with("}\n") && !text.contains("SELECT 2"));
}

#[test]
fn half_a_line_that_cannot_be_cut_is_reported_as_that() {
    let (disk, options) = failing();
    let mut world = World::new(options);
    world.operation("SELECT 1").unwrap();
    world.settle();
    disk.fill_after(40);
    disk.stick(true);
    assert!(world.operation("SELECT 2").is_err());
    disk.free();
    world.operation("SELECT 3").unwrap();
    let directory = world.stop();
    let found = report(directory.path());
    assert!(found.is_ok(), "{found:?}");
    assert_eq!(found.events, 2);
    assert_eq!(
        (found.tails[0].incomplete, found.tails[0].linked),
        (40, true)
    );
}

#[test]
fn heads_that_cannot_be_written_stop_operations() {
    let (disk, options) = failing();
    let mut world = World::new(options);
    world.operation("SELECT 1").unwrap();
    world.settle();
    // Room for an event, not for a head.
    disk.fill_after(250);
    world.writer.tick(START + 60 * SECOND).unwrap();
    let refused = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !world.recorder.is_healthy()
    });
    assert!(refused);
    assert!(matches!(world.operation("SELECT 2"), Err(Error::Heads(_))));
    disk.free();
    for _ in 0..100 {
        if world.recorder.is_healthy() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    world.operation("SELECT 3").unwrap();
    let found = report(world.stop().path());
    assert!(found.is_ok() && found.events == 2, "{found:?}");
}

#[test]
fn a_deleted_or_changed_file_is_noticed() {
    let mut world = World::new(options());
    world.operation("SELECT 1").unwrap();
    world.settle();
    let first = world.directory.path().join("w0-00000001.jsonl");
    fs::remove_file(&first).unwrap();
    assert!(matches!(world.operation("SELECT 2"), Err(Error::Removed)));
    world.operation("SELECT 3").unwrap();
    let second = world.directory.path().join("w0-00000002.jsonl");
    let text = fs::read(&second).unwrap();
    fs::write(&second, [&text[..], b"more"].concat()).unwrap();
    assert!(matches!(world.operation("SELECT 4"), Err(Error::Altered)));
    world.operation("SELECT 5").unwrap();
    let found = report(world.stop().path());
    assert_eq!(found.problems.len(), 1, "{found:?}");
    assert_eq!(found.problems[0].file, "w0-00000001");
}

#[test]
fn a_directory_that_is_gone_refuses_until_it_is_back() {
    let mut world = World::new(options());
    world.operation("SELECT 1").unwrap();
    world.settle();
    let path = world.directory.path().to_owned();
    let away = path.with_extension("away");
    fs::rename(&path, &away).unwrap();
    fs::remove_file(away.join("w0-00000001.jsonl")).unwrap();
    assert!(world.operation("SELECT 2").is_err());
    assert!(world.operation("SELECT 3").is_err());
    fs::rename(&away, &path).unwrap();
    world.operation("SELECT 4").unwrap();
}

#[test]
fn what_is_too_long_is_refused_and_harms_nothing() {
    let mut world = World::new(options());
    let long = "x".repeat(MAX_LINE);
    assert!(matches!(world.operation(&long), Err(Error::TooLong(_))));
    world.operation("SELECT 1").unwrap();
    let raw = RawValue::from_string("{\n\"a\":\r\n1}".into()).unwrap();
    let event = Event {
        time: START,
        session: "",
        seq: 0,
        data: Data::Host("handshake", &raw),
    };
    world.writer.record(&event, Sync::Os).unwrap();
    let found = report(world.stop().path());
    assert!(found.is_ok() && found.events == 2, "{found:?}");
}

#[test]
fn one_recorder_per_directory_one_writer_per_id() {
    let world = World::new(options());
    assert!(matches!(
        Recorder::open(world.directory.path(), options()),
        Err(Error::Locked)
    ));
    assert!(matches!(world.recorder.writer("w0"), Err(Error::Writer(_))));
    assert!(matches!(
        world.recorder.writer("../x"),
        Err(Error::Writer(_))
    ));
    drop(world.recorder.writer("w1").unwrap());
    world.recorder.writer("w1").unwrap();
}

#[test]
fn retention_removes_what_is_old_and_says_so() {
    let mut options = options();
    options.max_bytes = 1_500;
    let mut world = World::new(options);
    for _ in 0..40 {
        world.operation("SELECT 1").unwrap();
    }
    world.settle();
    let all = report(world.directory.path()).segments;
    let first = fs::read(world.directory.path().join("w0-00000001.jsonl")).unwrap();
    let done = world
        .recorder
        .retain(20 * SECOND, START + 40 * SECOND)
        .unwrap();
    assert!(done.removed.len() > 2 && done.damaged.is_empty());
    assert_eq!(done.removed[0], "w0-00000001");
    let found = report(world.directory.path());
    assert!(found.is_ok(), "{found:?}");
    assert_eq!(found.removed, done.removed.len() as u64);
    assert_eq!(found.segments + found.removed, all);
    // A crash between the tombstone and the removal changes nothing.
    fs::write(world.directory.path().join("w0-00000001.jsonl"), first).unwrap();
    assert!(report(world.directory.path()).is_ok());
    let done = world
        .recorder
        .retain(20 * SECOND, START + 40 * SECOND)
        .unwrap();
    assert_eq!(done.removed, ["w0-00000001"]);
    // A damaged segment is evidence.
    let names: Vec<_> = fs::read_dir(world.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains("w0-"))
        .collect();
    let oldest = names.iter().min().unwrap();
    let text = fs::read_to_string(oldest)
        .unwrap()
        .replacen("SELECT 1", "SELECT 2", 1);
    fs::write(oldest, text).unwrap();
    let done = world
        .recorder
        .retain(SECOND, START + 1_000 * SECOND)
        .unwrap();
    assert_eq!(done.damaged.len(), 1);
    assert!(!report(world.directory.path()).is_ok());
}

#[test]
fn retention_empties_writers_that_are_gone() {
    let mut world = World::new(options());
    world.operation("SELECT 1").unwrap();
    let directory = world.stop();
    let recorder = Recorder::open(directory.path(), options()).unwrap();
    let done = recorder.retain(SECOND, START + 100 * SECOND).unwrap();
    assert_eq!(done.removed, ["w0-00000001"]);
    assert_eq!(
        recorder
            .retain(SECOND, START + 200 * SECOND)
            .unwrap()
            .removed,
        [""; 0]
    );
    drop(recorder);
    let found = report(directory.path());
    assert!(found.is_ok(), "{found:?}");
    assert_eq!((found.segments, found.events, found.removed), (1, 0, 1));
}
