//! Filters that loop, trap, eat memory, answer nonsense or reach too far: the
//! operation is denied, and everybody else goes on.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::{http, wait, workspace};
use serde_json::Value;

const SELECT: &str = "SELECT count(*) FROM invoices";
const INSERT: &str = "INSERT INTO invoices SELECT max(id) + 1, 1, 1 FROM invoices";

/// The stage with a hostile guest behind the built-in filters. It harms inserts.
fn with_guest(name: &str, more: &str) -> Result<Stage> {
    let setting = Setting::default();
    let path = workspace::hostile_filter(name)?;
    let entry = format!(
        "{{ filter: {}, config: {{ on: insert{} }}{} }}",
        path.display(),
        more.split_once('|').map_or(more, |(config, _)| config),
        more.split_once('|').map_or("", |(_, entry)| entry),
    );
    Stage::with(setting.filter(&entry))
}

/// An insert is denied, named after the filter; nothing was done; the same session and others
/// go on.
fn harms_nobody_else(stage: &Stage, filter: &str) -> Result<()> {
    let both = stage.agent(&["clerks"])?;
    let said = both.session(&[
        &format!("{INSERT};"),
        "SELECT 'rows: ' || count(*) FROM invoices;",
        &format!("{INSERT};"),
        "SELECT 'again: ' || count(*) FROM invoices;",
    ])?;
    says(&said, &["ERROR:  58000: ", filter, "rows: 3", "again: 3"]);
    assert_eq!(both.query(SELECT)?, "3");
    assert_eq!(stage.database.sql(SELECT)?, "3");
    let session = stage.recordings(&["list", "--json"])?.ok()?;
    says(&session, &["insights-bot"]);
    Ok(())
}

/// The fault is counted under the filter's name, and a reader of the recording learns of it.
fn is_counted_and_recorded(stage: &Stage, filter: &str) -> Result<()> {
    let metrics = http::get(stage.admin(), "/metrics")?.body;
    let counted = metrics
        .lines()
        .filter(|line| line.starts_with("narrowgate_filter_faults_total"))
        .any(|line| line.contains(&format!("filter=\"{filter}\"")));
    assert!(counted, "{metrics}");
    let listed = stage.recordings(&["list", "--json"])?.ok()?;
    let listed: Value = serde_json::from_str(&listed)?;
    let sessions = listed.get("sessions").and_then(Value::as_array);
    let mut told = String::new();
    for session in sessions.context("no list")? {
        let id = session.get("id").and_then(Value::as_str).context("no id")?;
        told += &stage.recordings(&["replay", id])?.ok()?;
    }
    says(
        &told,
        &["INSERT INTO invoices", &format!("the filter {filter}")],
    );
    Ok(())
}

#[test]
fn a_filter_that_traps() -> Result<()> {
    let stage = with_guest("trap", "")?;
    harms_nobody_else(&stage, "trap")?;
    is_counted_and_recorded(&stage, "trap")
}

#[test]
fn a_filter_that_eats_memory() -> Result<()> {
    let mut stage = with_guest("hog", "|, limits: { memory: 8MiB }")?;
    harms_nobody_else(&stage, "hog")?;
    is_counted_and_recorded(&stage, "hog")?;
    let resident = stage.gateway().resident_bytes()? >> 20;
    assert!(resident < 512, "{resident} MiB");
    Ok(())
}

#[test]
fn a_filter_that_never_answers() -> Result<()> {
    let stage = with_guest("loop", "")?;
    let begun = Instant::now();
    harms_nobody_else(&stage, "loop")?;
    is_counted_and_recorded(&stage, "loop")?;
    assert!(begun.elapsed() < SOON);
    Ok(())
}

#[test]
fn others_are_served_while_two_filters_loop() -> Result<()> {
    let stage = with_guest("loop", "|, limits: { timeout: 2s }")?;
    let victim = stage.agent(&["insights"])?.arg("-At");
    let mut victim = victim.spawn()?;
    victim.write("SELECT 'read' || 'y';\n")?;
    victim.wait_for("ready", SOON)?;
    let mut loopers = Vec::new();
    for _ in 0..2 {
        let mut looper = stage.agent(&["clerks"])?.spawn()?;
        looper.write(&format!("{INSERT};\n"))?;
        loopers.push(looper);
    }
    std::thread::sleep(Duration::from_millis(300));
    let mut slowest = Duration::ZERO;
    for n in 0..20 {
        let begun = Instant::now();
        victim.write(&format!("SELECT 'answer ' || {n};\n"))?;
        victim.wait_for(&format!("answer {n}\n"), SOON)?;
        slowest = slowest.max(begun.elapsed());
    }
    for looper in &mut loopers {
        looper.wait_for("ERROR:  58000: ", SOON)?;
    }
    assert!(slowest < Duration::from_millis(1500), "{slowest:?}");
    Ok(())
}

#[test]
fn a_filter_that_answers_nonsense() -> Result<()> {
    harms_nobody_else(
        &with_guest("nonsense", ", answer: effect|, grants: [results]")?,
        "nonsense",
    )
}

#[test]
fn a_filter_that_edits_what_is_not_there() -> Result<()> {
    for answer in ["columns", "cell", "length"] {
        let entry = format!(
            "{{ filter: {}, config: {{ on: select, answer: {answer} }}, grants: [results] }}",
            workspace::hostile_filter("nonsense")?.display()
        );
        let stage = Stage::with(Setting::default().filter(&entry))?;
        let said = stage
            .agent(&["insights"])?
            .session(&["SELECT name FROM customers;", "SHOW timezone;"])?;
        says(&said, &["ERROR:  58000: ", "nonsense"]);
        assert!(!said.contains("Ada"), "{answer}: {said}");
    }
    Ok(())
}

#[test]
fn a_filter_that_does_what_it_was_not_granted() -> Result<()> {
    for with in ["deny", "hold", "rewrite", "record", "clock"] {
        let stage = with_guest("overstep", &format!(", with: {with}"))?;
        harms_nobody_else(&stage, "overstep").with_context(|| with)?;
    }
    Ok(())
}

#[test]
fn a_filter_that_wants_results_it_was_not_granted() -> Result<()> {
    let path = workspace::hostile_filter("overstep")?;
    let path = path.display();
    let entry = format!("{{ filter: {path}, config: {{ on: select, with: results }} }}");
    let stage = Stage::with(Setting::default().filter(&entry))?;
    let said = stage
        .agent(&["insights"])?
        .session(&["SELECT name FROM customers;"])?;
    says(&said, &["ERROR:  58000: ", "overstep"]);
    never(&said, &["Ada"]);
    Ok(())
}

#[test]
fn a_filter_without_what_it_needs_is_not_loaded() -> Result<()> {
    let entry = format!(
        "{{ filter: {}, config: {{ from: 8, to: 18 }} }}",
        workspace::filter("office-hours")?.display()
    );
    let stage = Stage::dark(Database::shared()?, Setting::default().filter(&entry))?;
    let config = stage.config().display().to_string();
    let checked = stage.narrowgate(&["check", &config])?;
    assert_eq!(checked.code(), 1);
    says(
        &checked.stderr,
        &["cannot work without the grants clock", "narrowgate.yaml:"],
    );
    Ok(())
}

#[test]
fn a_user_s_own_filter_decides_with_the_others() -> Result<()> {
    let hours = |from: u32, to: u32| -> Result<String> {
        let path = workspace::filter("office-hours")?;
        let path = path.display();
        Ok(format!(
            "{{ filter: {path}, config: {{ from: {from}, to: {to} }}, grants: [clock] }}"
        ))
    };
    let mut stage = Stage::with(Setting::default().filter(&hours(0, 24)?))?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query(SELECT)?, "3");
    // A time that is not now, whatever the time is.
    let minutes = std::process::Command::new("date")
        .args(["-u", "+%H"])
        .output()?;
    let hour: u32 = String::from_utf8(minutes.stdout)?.trim().parse()?;
    let (from, to) = if hour < 12 {
        (hour + 2, hour + 3)
    } else {
        (hour - 3, hour - 2)
    };
    let closed = hours(from, to)?;
    stage.edit(|setting| setting.filters = vec![closed])?;
    wait::until("the doors to close", SOON, || {
        Ok(agent.query(SELECT).is_err().then_some(()))
    })?;
    says(&agent.error(SELECT)?, &["42501"]);
    Ok(())
}
