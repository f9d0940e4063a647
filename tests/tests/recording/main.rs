//! What is written down, and that it cannot be changed unseen.

mod told;
mod unreadable;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use narrowgate_store::recordings::{Data, Event, Options, Recorder, SessionEnd, SigningKey, Sync};
use narrowgate_tests::process::Process;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, SOON, Setting, SmallDisk, Stage, request_id};
use narrowgate_tests::wire::Wire;
use narrowgate_tests::{http, wait};
use serde_json::Value;

/// The sessions that are recorded, the newest first.
fn sessions(stage: &Stage) -> Result<Vec<Value>> {
    let listed = stage.recordings(&["list", "--json"])?.ok()?;
    let listed: Value = serde_json::from_str(&listed)?;
    let sessions = listed.get("sessions").and_then(Value::as_array);
    sessions.cloned().context("no list")
}

/// The id of the newest session of a subject.
fn session_of(stage: &Stage, subject: &str) -> Result<String> {
    let found = sessions(stage)?
        .into_iter()
        .find(|session| session["subject"] == subject);
    let session = found.with_context(|| format!("no session of {subject}"))?;
    let id = session.get("id").and_then(Value::as_str);
    Ok(id.context("no id")?.to_owned())
}

/// The segments, all that was recorded.
fn segments(stage: &Stage) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(stage.path("recordings"))? {
        let path = entry?.path();
        let segment = path.extension().is_some_and(|end| end == "jsonl");
        if segment && !path.ends_with("heads.jsonl") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Everything in the folder of recordings and the state, as text.
fn everything(stage: &Stage) -> Result<String> {
    let mut text = String::new();
    for folder in ["recordings", "state"] {
        read_all(&stage.path(folder), &mut text)?;
    }
    Ok(text)
}

fn read_all(folder: &Path, text: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path, text)?;
        } else if path.extension().is_none_or(|end| end != "cwasm") {
            text.push_str(&String::from_utf8_lossy(&fs::read(path)?));
        }
    }
    Ok(())
}

#[test]
fn a_session_is_told_again_as_the_agent_saw_it() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    agent.session(&[
        "SELECT name, email FROM customers WHERE id = 1;",
        "SELECT * FROM payroll;",
        "SELEC 1;",
        "SELECT 1/0;",
    ])?;
    let id = session_of(&stage, "insights-bot")?;
    let told = wait::until("the end of the session", SOON, || {
        let told = stage.recordings(&["replay", &id])?.ok()?;
        Ok(told.contains("session ends").then_some(told))
    })?;
    says(
        &told,
        &[
            "insights-bot (agents)",
            "to billing",
            "SELECT name, email FROM customers",
        ],
    );
    says(
        &told,
        &["Ada Lindgren", "a***@e***.com", "SELECT 1", "rows"],
    );
    says(
        &told,
        &["SELECT * FROM payroll", "deny", "SELEC 1", "42601", "22012"],
    );
    never(&told, &["ada.lindgren", "seven thousand"]);
    let listed = stage.recordings(&["list"])?.ok()?;
    says(&listed, &[&id, "agents/insights-bot", "billing"]);
    let shown = stage.recordings(&["show", &id, "--json"])?.ok()?;
    for line in shown.lines() {
        let _: Value = serde_json::from_str(line)?;
    }
    let exported = stage
        .recordings(&["export", &id, "--format", "asciicast"])?
        .ok()?;
    says(&exported, &["\"version\":2"]);
    Ok(())
}

#[test]
fn approvals_and_parameters_are_recorded() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = stage.agent(&["operators"])?.spawn()?;
    psql.write("TRUNCATE archive;\n")?;
    let id = request_id(&mut psql, 0)?;
    let dana = stage.person("dana", &["dba"])?;
    stage
        .approvals(&dana, &["approve", &id, "--comment", "fine by me"])?
        .ok()?;
    psql.wait_for("TRUNCATE TABLE", SOON)?;
    let session = session_of(&stage, "insights-bot")?;
    let told = stage.recordings(&["replay", &session])?.ok()?;
    says(
        &told,
        &[
            "TRUNCATE archive",
            &id,
            "pending",
            "approved",
            "dana (staff)",
            "fine by me",
        ],
    );

    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"]) as connection:
    connection.execute("SELECT name FROM customers WHERE name = %s", ["a parameter"])
"#;
    let token = stage
        .agents
        .token("other-bot")?
        .groups(&["insights"])
        .sign()?;
    stage.python(&token, script).run()?.ok()?;
    let session = session_of(&stage, "other-bot")?;
    says(
        &stage.recordings(&["replay", &session])?.ok()?,
        &["$1 = a parameter"],
    );
    Ok(())
}

#[test]
fn what_never_became_a_session_is_recorded_too() -> Result<()> {
    let stage = Stage::start()?;
    let bad = stage
        .agents
        .token("insights-bot")?
        .audience("elsewhere")
        .sign()?;
    stage.psql(&bad).error("SELECT 1")?;
    Wire::connect(stage.plain())?.send(b"GET / HTTP/1.1\r\n\r\n")?;
    wait::until("both to be recorded", SOON, || {
        let all = everything(&stage)?;
        Ok((all.contains("another audience") && all.contains("host.")).then_some(()))
    })?;
    // The token itself is in no file and no log.
    let mut stage = stage;
    let log = stage.gateway().log();
    never(&everything(&stage)?, &[&bad]);
    never(&log, &[&bad]);
    Ok(())
}

#[test]
fn files_are_private_and_secrets_are_not_in_them() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: all, groups: [admins], allow: [{ everything: true }] }")
            .holds(&["{ name: roles, actions: [alter], objects: [nobody], approvers: [dba] }"]),
    )?;
    let admin = stage.agent(&["admins"])?;
    // Neither has to succeed, to be recorded.
    admin.run(&["ALTER ROLE somebody PASSWORD 'hunter2-in-clear'"])?;
    admin.run(&["CREATE ROLE another LOGIN PASSWORD 'hunter3-in-clear'"])?;
    admin.run(&["ALTER USER somebody WITH ENCRYPTED PASSWORD 'hunter4-in-clear'"])?;
    admin.run(&["DO $$ BEGIN EXECUTE 'SELECT 1'; END $$"])?;
    let all = everything(&stage)?;
    says(&all, &["ALTER ROLE"]);
    never(&all, &["hunter2", "hunter3", "hunter4"]);
    for file in segments(&stage)? {
        let mode = fs::metadata(&file)?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    let mode = fs::metadata(stage.path("recording.key"))?
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    Ok(())
}

#[test]
fn a_changed_byte_a_missing_line_and_a_missing_segment_are_found() -> Result<()> {
    let mut stage = Stage::start()?;
    stage
        .agent(&["insights"])?
        .session(&["SELECT name FROM customers;", "SELECT * FROM payroll;"])?;
    stage.gateway().terminate()?;
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);

    let recordings = stage.path("recordings");
    let forge = |name: &str, change: &dyn Fn(&str) -> String| -> Result<()> {
        let forged = stage.path(name);
        copy(&recordings, &forged)?;
        let file = fs::read_dir(&forged)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("FROM payroll")));
        let file = file.context("no segment")?;
        fs::write(&file, change(&fs::read_to_string(&file)?))?;
        let forged = forged.display().to_string();
        let verified = stage.recordings(&["verify", "--directory", &forged])?;
        assert_eq!(verified.code(), 1, "{name}: {}", verified.stdout);
        says(&verified.stdout, &["ALTERED"]);
        Ok(())
    };
    forge("byte", &|text| {
        text.replacen("FROM payroll", "FROM payrolL", 1)
    })?;
    forge("line", &|text| {
        let kept = text.lines().enumerate().filter(|(at, _)| *at != 2);
        kept.map(|(_, line)| format!("{line}\n")).collect()
    })?;
    forge("swapped", &|text| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(1, 2);
        lines.join("\n") + "\n"
    })?;
    forge("cut", &|text| {
        let lines: Vec<&str> = text.lines().collect();
        lines[..lines.len() - 2].join("\n") + "\n"
    })?;

    let forged = stage.path("missing");
    copy(&recordings, &forged)?;
    let segment = segments(&stage)?
        .into_iter()
        .find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("FROM payroll")));
    let segment = segment.context("no segment")?;
    fs::remove_file(forged.join(segment.file_name().context("no name")?))?;
    let forged = forged.display().to_string();
    assert_eq!(
        stage
            .recordings(&["verify", "--directory", &forged])?
            .code(),
        1
    );
    Ok(())
}

#[test]
fn an_older_state_put_back_is_found_with_a_head_kept_elsewhere() -> Result<()> {
    let mut stage = Stage::start()?;
    stage
        .agent(&["insights"])?
        .query("SELECT name FROM customers")?;
    stage.gateway().terminate()?;
    let older = stage.path("older");
    copy(&stage.path("recordings"), &older)?;
    stage.start_gateway()?;
    stage.agent(&["insights"])?.error("SELECT * FROM payroll")?;
    stage.gateway().terminate()?;
    let head = stage.recordings(&["heads", "--last"])?.ok()?;
    says(
        &stage.recordings(&["verify", "--head", head.trim()])?.ok()?,
        &["whole"],
    );
    // Whole in itself, but not all that there was.
    let older = older.display().to_string();
    assert_eq!(
        stage.recordings(&["verify", "--directory", &older])?.code(),
        0
    );
    let put_back = stage.recordings(&["verify", "--directory", &older, "--head", head.trim()])?;
    assert_eq!(put_back.code(), 1, "{}", put_back.stdout);
    Ok(())
}

#[test]
fn a_crash_in_the_middle_of_everything_is_told_as_such() -> Result<()> {
    let mut stage = Stage::start()?;
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    for number in range(1000000):
        connection.execute("SELECT name FROM customers WHERE id = %s", [number % 3 + 1]).fetchall()
        print("acknowledged", number, flush=True)
"#;
    let mut clients = Vec::new();
    for name in ["one-bot", "two-bot"] {
        let token = stage.agents.token(name)?.groups(&["insights"]).sign()?;
        let client = stage.python(&token, script).spawn()?;
        clients.push((name, client));
    }
    for (_, client) in &mut clients {
        client.wait_for("acknowledged 100\n", SOON)?;
    }
    let mut psql = stage.agent(&["operators"])?.spawn()?;
    psql.write("TRUNCATE archive;\n")?;
    let id = request_id(&mut psql, 0)?;
    stage.gateway().kill()?;

    // Nothing that was acknowledged is lost, and nothing that is there is called altered.
    let verified = stage.recordings(&["verify"])?;
    assert_eq!(verified.code(), 0, "{}", verified.stdout);
    says(&verified.stdout, &["whole", "not signed"]);
    for (name, client) in &mut clients {
        client.wait(SOON)?;
        let acknowledged = client.stdout().lines().count();
        let told = stage
            .recordings(&["replay", &session_of(&stage, name)?])?
            .ok()?;
        let recorded = told
            .matches("SELECT name FROM customers WHERE id = $1")
            .count();
        ensure!(
            recorded >= acknowledged,
            "{name}: {recorded} of {acknowledged}"
        );
    }
    stage.start_gateway()?;
    assert_eq!(stage.state(&id)?, "pending");
    assert_eq!(stage.database.sql("SELECT count(*) FROM archive")?, "1");
    stage
        .agent(&["insights"])?
        .query("SELECT name FROM customers")?;
    stage.gateway().terminate()?;
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);
    Ok(())
}

#[test]
fn a_full_disk_denies_what_cannot_be_recorded() -> Result<()> {
    let stage = SmallDisk::mount(Setting::default())?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query("SELECT count(*) FROM customers")?, "3");
    fs::write(stage.path("recordings/ballast"), vec![0; 4 << 20]).ok();
    // What room is left in the last blocks takes a few events.
    let clerk = stage.agent(&["clerks"])?;
    let mut id = 0;
    wait::until("the recording to fail", SOON, || {
        id += 1;
        let output = clerk.run(&[&format!("INSERT INTO invoices VALUES ({id}, 1, 1)")])?;
        let refused = output.stderr.contains("the recording cannot be written");
        Ok(refused.then_some(()))
    })?;
    let there = format!("SELECT count(*) FROM invoices WHERE id = {id}");
    assert_eq!(stage.database.sql(&there)?, "0");
    wait::until("the gateway to say so", SOON, || {
        Ok((http::get(stage.admin(), "/readyz")?.status == 503).then_some(()))
    })?;
    assert_ne!(stage.metric("narrowgate_recording_errors_total")?, "0");
    // With room again everything goes on.
    fs::remove_file(stage.path("recordings/ballast"))?;
    wait::until("the gateway to go on", SOON, || {
        Ok(agent.query("SELECT count(*) FROM customers").ok())
    })?;
    wait::until("the gateway to say so", SOON, || {
        Ok((http::get(stage.admin(), "/readyz")?.status == 200).then_some(()))
    })
}

#[test]
fn a_live_session_is_denied_while_the_disk_is_full() -> Result<()> {
    let stage = SmallDisk::mount(Setting::default())?;
    let script = r#"
import os, sys, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    print("connected", flush=True)
    for line in sys.stdin:
        for n in range(1, 1000):
            try:
                connection.execute("INSERT INTO invoices VALUES (%s, 1, 1)", [n])
            except psycopg.Error as error:
                print("refused", n, error.sqlstate, error, flush=True)
                break
"#;
    let mut client = stage.python(&stage.token(&["clerks"])?, script).spawn()?;
    client.wait_for("connected", SOON)?;
    fs::write(stage.path("recordings/ballast"), vec![0; 4 << 20]).ok();
    client.write("go\n")?;
    client.wait_for("refused", SOON)?;
    says(
        &client.stdout(),
        &["58000", "the recording cannot be written"],
    );
    // At most the one whose end could not be recorded was done beside those before it.
    let said = client.stdout();
    let refused: u32 = said.split_whitespace().nth(2).unwrap_or_default().parse()?;
    let done: u32 = stage
        .database
        .sql("SELECT count(*) FROM invoices WHERE id < 1000")?
        .parse()?;
    ensure!(
        done == refused || done + 1 == refused,
        "{done} done, {refused} refused"
    );
    Ok(())
}

#[test]
fn it_goes_on_where_the_configuration_says_so() -> Result<()> {
    let setting = Setting::default();
    let mut stage = SmallDisk::mount(setting)?;
    stage.edit(|setting| setting.on_failure = "continue".to_owned())?;
    fs::write(stage.path("recordings/ballast"), vec![0; 4 << 20]).ok();
    let agent = stage.agent(&["insights"])?;
    for _ in 0..20 {
        assert_eq!(agent.query("SELECT count(*) FROM customers")?, "3");
    }
    Ok(())
}

#[test]
fn a_recording_folder_that_is_gone_denies() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = stage.agent(&["clerks"])?.arg("-At").spawn()?;
    psql.write("SELECT 'at ' || 'first';\n")?;
    psql.wait_for("at first", SOON)?;
    fs::remove_dir_all(stage.path("recordings"))?;
    wait::until("the gateway to notice", SOON, || {
        psql.write("INSERT INTO invoices SELECT max(id) + 1, 1, 1 FROM invoices;\n")?;
        std::thread::sleep(Duration::from_millis(200));
        Ok(psql
            .stderr()
            .contains("the recording cannot be written")
            .then_some(()))
    })
}

#[test]
fn old_segments_are_removed_with_a_tombstone() -> Result<()> {
    let mut stage = Stage::dark(
        Database::shared()?,
        Setting {
            recordings: ", retention: { days: 1 }".to_owned(),
            ..Setting::default()
        },
    )?;
    // What another gateway has left, two days ago.
    let key = Arc::new(SigningKey::generate(&stage.path("recording.key"))?);
    let recorder = Recorder::open(&stage.path("recordings"), Options::new(key))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let event = Event {
        time: u64::try_from(now.as_micros())? - 2 * 24 * 60 * 60 * 1_000_000,
        session: "ses-old",
        seq: 0,
        data: Data::SessionEnd(&SessionEnd { reason: "long ago" }),
    };
    let mut writer = recorder.writer("w9")?;
    writer.record(&event, Sync::Os)?;
    writer.close()?;
    drop(recorder);
    let old = segments(&stage)?;
    says(&fs::read_to_string(&old[0])?, &["long ago"]);
    stage.start_gateway()?;
    stage
        .gateway()
        .wait_for_log("old recordings were removed", SOON)?;
    assert!(!old[0].exists());
    // It is missing, and it is told why.
    let heads = fs::read_to_string(stage.path("recordings/heads.jsonl"))?;
    says(&heads, &["tombstone", "retention", "w9-00000001"]);
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);
    let without: String = heads
        .lines()
        .filter(|line| !line.contains("tombstone"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(stage.path("recordings/heads.jsonl"), without)?;
    assert_eq!(stage.recordings(&["verify"])?.code(), 1);
    Ok(())
}

#[test]
fn a_full_segment_is_followed_by_another() -> Result<()> {
    let mut stage = Stage::with(Setting {
        recordings: ", segment_size: 1MiB".to_owned(),
        ..Setting::default()
    })?;
    // Enough for more than one segment.
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    for _ in range(30):
        connection.execute("SELECT repeat('x', 100000)").fetchall()
"#;
    stage
        .python(&stage.token(&["insights"])?, script)
        .run()?
        .ok()?;
    stage.gateway().terminate()?;
    let written = segments(&stage)?;
    let third = |path: &PathBuf| path.to_string_lossy().ends_with("-00000003.jsonl");
    assert!(written.iter().any(third), "{written:?}");
    says(&stage.recordings(&["verify"])?.ok()?, &["whole"]);
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut copy = Command::new("cp");
    copy.arg("-a").arg(from).arg(to);
    Process::run("cp", copy, SOON)?.ok()?;
    Ok(())
}
