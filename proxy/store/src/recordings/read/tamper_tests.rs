//! Everything that somebody with the files and without the key might try.

use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, any, proptest};
use tempfile::TempDir;

use super::{Format, Reader, Report, SessionFilter, verify, verify_head};
use crate::recordings::chain::{Hash, seal};
use crate::recordings::testing::{World, copy, options, public, report};

/// Three closed segments of one writer, stopped properly: every byte is signed.
fn recorded() -> TempDir {
    let mut options = options();
    options.max_bytes = 1_500;
    let mut world = World::new(options);
    for number in 0..16 {
        world.operation(&format!("SELECT {number}")).unwrap();
    }
    let directory = world.stop();
    let found = report(directory.path());
    assert!(
        found.is_ok() && found.tails.is_empty() && found.segments == 3,
        "{found:?}"
    );
    directory
}

const FIRST: &str = "w0-00000001.jsonl";
const SECOND: &str = "w0-00000002.jsonl";
const LAST: &str = "w0-00000003.jsonl";
const HEADS: &str = "heads.jsonl";

/// Spoils a copy of one file and verifies.
fn spoil(directory: &Path, file: &str, edit: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Report {
    let copy = copy(directory);
    let path = copy.path().join(file);
    let bytes = edit(fs::read(&path).unwrap());
    fs::write(&path, bytes).unwrap();
    // Whatever the files hold, reading them must come to an end.
    let reader = Reader::new(copy.path());
    for session in reader.list(&SessionFilter::default()).unwrap() {
        for format in [Format::JsonLines, Format::Asciicast] {
            let _ = reader.export(&session.id, format, &mut Vec::new());
        }
    }
    report(copy.path())
}

fn edit_lines(bytes: Vec<u8>, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        // What a killed writer leaves behind its lines is none.
        .filter(|line| line.iter().any(|byte| *byte != 0))
        .map(<[u8]>::to_vec)
        .collect();
    edit(&mut lines);
    lines.concat()
}

#[test]
fn edits_of_lines_are_found_where_they_are() {
    let directory = recorded();
    type Edit = fn(&mut Vec<Vec<u8>>);
    let edits: [(&str, u64, Edit); 6] = [
        ("dropped", 2, |lines| drop(lines.remove(2))),
        ("repeated", 3, |lines| lines.insert(3, lines[2].clone())),
        ("swapped", 2, |lines| lines.swap(2, 3)),
        ("changed", 2, |lines| {
            lines[2] = String::from_utf8(lines[2].clone())
                .unwrap()
                .replace("SELECT", "select")
                .into();
        }),
        ("emptied", 2, |lines| lines[2] = b"\n".to_vec()),
        ("added", 2, |lines| lines.insert(2, b"{\"n\":2}\n".to_vec())),
    ];
    for file in [FIRST, SECOND, LAST] {
        for (what, line, edit) in &edits {
            let found = spoil(directory.path(), file, |bytes| edit_lines(bytes, edit));
            assert!(!found.is_ok(), "{what} in {file}");
            assert_eq!(found.problems[0].line, Some(*line), "{what}: {found:?}");
            assert_eq!(format!("{}.jsonl", found.problems[0].file), file);
        }
    }
}

#[test]
fn a_rewritten_chain_is_found_by_its_heads() {
    let directory = recorded();
    for file in [FIRST, LAST] {
        let found = spoil(directory.path(), file, |bytes| {
            let mut out = Vec::new();
            let mut previous = Hash::ZERO;
            for line in bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
            {
                let text = std::str::from_utf8(line)
                    .unwrap()
                    .replace("SELECT", "select");
                let content = text.rsplit_once(",\"hash\"").unwrap().0;
                let start = out.len();
                out.extend_from_slice(content.as_bytes());
                previous = seal(&mut out, start, &previous);
            }
            out
        });
        let what = &found.problems[0].what;
        assert!(what.contains("signed"), "{found:?}");
    }
}

#[test]
fn cut_segments_are_found() {
    let directory = recorded();
    for file in [FIRST, SECOND, LAST] {
        let length = fs::metadata(directory.path().join(file)).unwrap().len();
        for cut in [0, 1, 100, length / 2, length - 1] {
            let kept = usize::try_from(cut).unwrap();
            let found = spoil(directory.path(), file, |bytes| bytes[..kept].to_vec());
            assert!(!found.is_ok(), "{file} cut to {cut}");
        }
    }
}

#[test]
fn additions_to_closed_segments_are_found() {
    let directory = recorded();
    for more in ["x", "\n", "{}\n"] {
        let found = spoil(directory.path(), LAST, |bytes| {
            [&bytes, more.as_bytes()].concat()
        });
        assert!(!found.is_ok(), "{more:?}");
    }
}

#[test]
fn missing_swapped_and_renamed_segments_are_found() {
    let directory = recorded();
    for file in [FIRST, SECOND, LAST] {
        let copy = copy(directory.path());
        fs::remove_file(copy.path().join(file)).unwrap();
        let found = report(copy.path());
        assert!(found.problems[0].what.contains("missing"), "{found:?}");
    }
    let swapped = copy(directory.path());
    let (a, b) = (swapped.path().join(FIRST), swapped.path().join(SECOND));
    let (first, second) = (fs::read(&a).unwrap(), fs::read(&b).unwrap());
    fs::write(&a, second).unwrap();
    fs::write(&b, first).unwrap();
    assert!(report(swapped.path()).problems.len() > 2);
    let renamed = copy(directory.path());
    fs::rename(
        renamed.path().join(LAST),
        renamed.path().join("w1-00000001.jsonl"),
    )
    .unwrap();
    assert!(!report(renamed.path()).is_ok());
    let planted = copy(directory.path());
    fs::copy(
        planted.path().join(LAST),
        planted.path().join("w0-00000004.jsonl"),
    )
    .unwrap();
    assert!(!report(planted.path()).is_ok());
}

#[test]
fn a_spoilt_log_is_found() {
    let directory = recorded();
    type Edit = fn(&mut Vec<Vec<u8>>);
    let edits: [Edit; 4] = [
        |lines| drop(lines.remove(0)),
        |lines| drop(lines.remove(1)),
        |lines| lines.swap(1, 2),
        |lines| lines.insert(1, lines[1].clone()),
    ];
    for edit in edits {
        assert!(!spoil(directory.path(), HEADS, |bytes| edit_lines(bytes, edit)).is_ok());
    }
    let copy = copy(directory.path());
    fs::remove_file(copy.path().join(HEADS)).unwrap();
    assert!(!report(copy.path()).is_ok());
    // Of another key, nothing counts.
    assert!(!verify(directory.path(), &[]).unwrap().is_ok());
}

#[test]
fn an_older_state_of_everything_is_found_by_a_head_kept_elsewhere() {
    let mut world = World::new(options());
    let mut heads = world.recorder.subscribe();
    for _ in 0..11 {
        world.operation("SELECT 1").unwrap();
    }
    world.settle();
    let old = copy(world.directory.path());
    for _ in 0..11 {
        world.operation("DROP TABLE t").unwrap();
    }
    world.settle();
    let kept: Vec<String> = std::iter::from_fn(|| heads.try_recv().ok())
        .map(|entry| entry.line().to_owned())
        .collect();
    let directory = world.stop();
    // Each by itself is fine; only what was sent away tells them apart.
    assert!(report(old.path()).is_ok());
    let newest = kept.last().unwrap();
    assert!(
        verify_head(directory.path(), newest, &public())
            .unwrap()
            .is_ok()
    );
    assert!(
        verify_head(old.path(), &kept[0], &public())
            .unwrap()
            .is_ok()
    );
    let found = verify_head(old.path(), newest, &public()).unwrap();
    assert!(found.problems[0].what.contains("older state"), "{found:?}");
    assert!(
        verify_head(
            directory.path(),
            &newest.replace("\"n\":", "\"n\":1"),
            &public()
        )
        .is_err()
    );
}

#[test]
fn a_tail_that_the_next_segment_is_chained_to_is_safe_as_well() {
    let mut world = World::new(options());
    for _ in 0..3 {
        world.operation("SELECT 1").unwrap();
    }
    let killed = world.kill();
    let recorder = crate::recordings::Recorder::open(killed.path(), options()).unwrap();
    let mut writer = recorder.writer("w0").unwrap();
    writer.begin(1).unwrap();
    writer.close().unwrap();
    drop(recorder);
    let found = report(killed.path());
    assert!(found.is_ok() && found.tails[0].linked, "{found:?}");
    for edit in [
        (|lines| drop(lines.pop())) as fn(&mut Vec<Vec<u8>>),
        |lines| lines.push(lines[3].clone()),
    ] {
        assert!(!spoil(killed.path(), FIRST, |bytes| edit_lines(bytes, edit)).is_ok());
    }
}

#[test]
fn hostile_files_do_no_harm() {
    let directory = recorded();
    let deep = format!("{{\"n\":{}1", "[".repeat(100_000));
    for content in ["", "\n\n\n", "\u{0}", "{\"n\":0}\n", deep.as_str()] {
        let found = spoil(directory.path(), FIRST, |_| content.as_bytes().to_vec());
        assert!(!found.is_ok(), "{content:.20}");
        let found = spoil(directory.path(), HEADS, |_| content.as_bytes().to_vec());
        // Without a single head nothing is proved, and the report says so.
        assert!(!found.is_ok() || found.tails.len() >= 3, "{content:.20}");
        assert_eq!(found.entries, 0);
    }
    let linked = copy(directory.path());
    fs::remove_file(linked.path().join(FIRST)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", linked.path().join(FIRST)).unwrap();
    assert!(report(linked.path()).problems[0].what.contains("regular"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_is_found(file in 0..4_usize, at in any::<usize>(), bits in 1..=255_u8) {
        thread_local! {
            static RECORDED: TempDir = recorded();
        }
        RECORDED.with(|directory| {
            let file = [FIRST, SECOND, LAST, HEADS][file];
            let found = spoil(directory.path(), file, |mut bytes| {
                let at = at % bytes.len();
                // The last line feed of the log ends the last entry; without
                // it that entry is an incomplete line, and its head is missed.
                bytes[at] ^= bits;
                bytes
            });
            let tail = file == HEADS && !found.tails.is_empty();
            assert!(!found.is_ok() || tail, "{file}: {found:?}");
        });
    }
}
