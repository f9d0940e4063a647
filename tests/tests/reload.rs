//! Changing the configuration while sessions live.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Result;
use narrowgate_tests::certs::Authority;
use narrowgate_tests::process::Process;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Setting, Stage, request_id};
use narrowgate_tests::wire::Wire;
use narrowgate_tests::{ports, wait, workspace};

const COUNT: &str = "SELECT 'customers: ' || count(*) FROM customers;\n";

/// An agent's psql that is connected.
fn connected(stage: &Stage, groups: &[&str]) -> Result<Process> {
    let mut psql = stage.agent(groups)?.arg("-At").spawn()?;
    psql.write("SELECT 'conn' || 'ected';\n")?;
    psql.wait_for("connected", SOON)?;
    Ok(psql)
}

#[test]
fn an_edited_policy_is_in_force_at_the_next_operation_of_a_live_session() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut psql = connected(&stage, &["insights"])?;
    psql.write(COUNT)?;
    psql.wait_for("customers: 3", SOON)?;
    stage.edit(|setting| {
        setting.rules = vec![
            "{ name: less, groups: [insights], allow: [{ select: [public.invoices] }] }".to_owned(),
        ];
    })?;
    psql.write(COUNT)?;
    psql.wait_for("ERROR:  42501: ", SOON)?;
    // What is still allowed goes on in the same session.
    psql.write("SELECT 'invoices: ' || count(*) FROM invoices;\n")?;
    psql.wait_for("invoices: 3", SOON)
}

#[test]
fn an_edit_is_in_force_within_a_tenth_of_a_second() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut times = Vec::new();
    for n in 0..5 {
        let begun = Instant::now();
        stage.edit(|setting| setting.target = vec![format!("connect_timeout: {}s", n + 5)])?;
        times.push(begun.elapsed());
    }
    times.sort();
    // The median, since others use this machine as well.
    assert!(times[2] < Duration::from_millis(100), "{times:?}");
    Ok(())
}

#[test]
fn a_bad_file_changes_nothing_and_is_told_with_its_place() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut psql = connected(&stage, &["insights"])?;
    let good = stage.yaml();
    let generation = stage.generation()?;
    let refused = |stage: &Stage| stage.metric("narrowgate_reloads_total{outcome=\"refused\"}");

    stage.write(&good.replace("protocol: postgres\n", "protocol: postgrse\n"))?;
    stage
        .gateway()
        .wait_for_log("`protocol` must be `postgres`", SOON)?;
    // file:line:column, as compilers write it.
    let line = 1 + good
        .lines()
        .position(|line| line == "    protocol: postgres")
        .unwrap_or(0);
    says(
        &stage.gateway().log(),
        &[&format!("narrowgate.yaml:{line}:15: ")],
    );
    wait::until("the refusal to be counted", SOON, || {
        Ok((refused(&stage)? == "1").then_some(()))
    })?;

    // A filter's own error has its place as well.
    stage.write(&good.replace("select: [public.customers", "selct: [public.customers"))?;
    wait::until("the second refusal", SOON, || {
        Ok((refused(&stage)? == "2").then_some(()))
    })?;
    says(&stage.gateway().log(), &["selct"]);

    assert_eq!(stage.generation()?, generation);
    psql.write(COUNT)?;
    psql.wait_for("customers: 3", SOON)?;
    assert_eq!(
        stage
            .agent(&["insights"])?
            .query("SELECT count(*) FROM customers")?,
        "3"
    );
    stage.write(&good)?;
    wait::until("the good file", SOON, || {
        Ok((stage.generation()? > generation).then_some(()))
    })
}

#[test]
fn files_that_the_configuration_names_are_watched_too() -> Result<()> {
    let stage = Stage::start()?;
    let generation = stage.generation()?;
    // A password that is wrong now: whoever comes next notices.
    fs::write(stage.path("gateway.password"), "wrong")?;
    wait::until("a reload", SOON, || {
        Ok((stage.generation()? > generation).then_some(()))
    })?;
    says(
        &stage.agent(&["insights"])?.error("SELECT 1")?,
        &["FATAL", "billing"],
    );
    fs::write(
        stage.path("gateway.password"),
        narrowgate_tests::stage::PASSWORD,
    )?;
    wait::until("the right password", SOON, || {
        Ok(stage.agent(&["insights"])?.query("SELECT 1").ok())
    })?;
    Ok(())
}

#[test]
fn a_filter_binary_is_exchanged_under_live_sessions() -> Result<()> {
    let mut stage = Stage::start()?;
    let filter = stage.path("own.wasm");
    fs::copy(workspace::filter("office-hours")?, &filter)?;
    let mut psql = connected(&stage, &["insights"])?;
    stage.edit(|setting| {
        let hours = "{ filter: ./own.wasm, config: { from: 0, to: 24 }, grants: [clock] }";
        setting.filters.push(hours.to_owned());
    })?;
    psql.write(COUNT)?;
    psql.wait_for("customers: 3", SOON)?;
    let generation = stage.generation()?;
    // Something that is no filter changes nothing …
    fs::write(&filter, b"\0asm nothing of the kind")?;
    stage.gateway().wait_for_log("own.wasm", SOON)?;
    assert_eq!(stage.generation()?, generation);
    // … and another one is taken.
    fs::copy(workspace::filter("office-hours")?, &filter)?;
    stage.gateway().reload()?;
    psql.write("SELECT 'invoices: ' || count(*) FROM invoices;\n")?;
    psql.wait_for("invoices: 3", SOON)
}

#[test]
fn a_digest_pins_a_filter() -> Result<()> {
    let mut stage = Stage::start()?;
    fs::copy(workspace::filter("office-hours")?, stage.path("own.wasm"))?;
    let generation = stage.generation()?;
    let pinned = Setting::default().filter(&format!(
        "{{ filter: ./own.wasm, digest: \"sha256:{}\", config: {{ from: 0, to: 24 }}, grants: [clock] }}",
        "0".repeat(64)
    ));
    let yaml = stage.yaml_of(&pinned);
    stage.write(&yaml)?;
    stage.gateway().wait_for_log("digest", SOON)?;
    assert_eq!(stage.generation()?, generation);
    Ok(())
}

#[test]
fn a_listening_session_ends_with_its_right() -> Result<()> {
    let mut stage = Stage::with(
        Setting::default()
            .rule("{ name: talk, groups: [insights], allow: [{ actions: [listen, notify] }] }"),
    )?;
    let script = r#"
import os, psycopg
connection = psycopg.connect(os.environ["DSN"], autocommit=True)
connection.execute("LISTEN news")
print("listening", flush=True)
try:
    for notify in connection.notifies(timeout=30):
        print("heard", notify.channel, flush=True)
except psycopg.Error as error:
    print("ended", error, flush=True)
"#;
    let mut listener = stage.python(&stage.token(&["insights"])?, script).spawn()?;
    listener.wait_for("listening", SOON)?;
    // Another edit leaves it alone.
    stage.edit(|setting| setting.target.push("connect_timeout: 9s".to_owned()))?;
    stage.agent(&["insights"])?.query("NOTIFY news")?;
    listener.wait_for("heard news", SOON)?;
    stage.edit(|setting| setting.rules.retain(|rule| !rule.contains("talk")))?;
    listener.wait_for("ended", SOON)
}

#[test]
fn a_session_ends_when_its_issuer_is_no_longer_accepted() -> Result<()> {
    let mut stage = Stage::start()?;
    let mut psql = connected(&stage, &["insights"])?;
    stage.edit(|setting| setting.issuers = "staff".to_owned())?;
    psql.write(COUNT)?;
    psql.wait_for("FATAL", SOON)?;
    never(&psql.stdout(), &["customers: 3"]);
    Ok(())
}

#[test]
fn a_session_ends_with_its_token() -> Result<()> {
    let stage = Stage::with(Setting {
        agents: ", clock_skew: 0s".to_owned(),
        ..Setting::default()
    })?;
    let token = stage.agents.token("insights-bot")?.groups(&["insights"]);
    let mut wire = Wire::login(stage.plain(), "billing", &token.expires_in(4).sign()?)?;
    wire.query("SELECT count(*) FROM customers")?;
    assert!(wire.until('Z')?.iter().any(|message| message.tag == 'D'));
    // It has no next operation, and ends all the same.
    let last = wire.until('E')?.pop().and_then(|error| error.field('M'));
    says(&last.unwrap_or_default(), &["expired"]);
    assert!(wire.is_closed());
    Ok(())
}

#[test]
fn a_silent_session_ends_after_a_time() -> Result<()> {
    let stage = Stage::with(Setting::default().section("limits: { idle: 1s }"))?;
    let script = r#"
import os, psycopg
connection = psycopg.connect(os.environ["DSN"], autocommit=True)
print("connected", flush=True)
try:
    for notify in connection.notifies(timeout=30):
        pass
except psycopg.Error as error:
    print("ended", error, flush=True)
"#;
    let mut client = stage.python(&stage.token(&["insights"])?, script).spawn()?;
    client.wait_for("connected", SOON)?;
    client.wait_for("ended", SOON)?;
    // One that waits for something is not silent.
    let mut psql = stage.agent(&["operators"])?.spawn()?;
    psql.write("TRUNCATE archive;\n")?;
    let id = request_id(&mut psql, 0)?;
    std::thread::sleep(Duration::from_millis(2500));
    stage.approve(&id)?;
    psql.wait_for("TRUNCATE TABLE", SOON)
}

/// Puts a text in another's place in the configuration, and waits until it is in force.
fn replace(stage: &Stage, from: &str, to: &str) -> Result<()> {
    let before = stage.generation()?;
    let yaml = stage.yaml();
    assert!(yaml.contains(from), "{from}");
    stage.write(&yaml.replace(from, to))?;
    wait::until("the new configuration", SOON, || {
        Ok((stage.generation()? > before).then_some(()))
    })
}

#[test]
fn listeners_come_move_and_go_with_the_file() -> Result<()> {
    let stage = Stage::start()?;
    let token = stage.token(&["insights"])?;
    let by = |port: u16| stage.plain_psql(&token).env("PGPORT", port).query(COUNT);
    let mut psql = stage.plain_psql(&token).arg("-At").spawn()?;
    psql.write(COUNT)?;
    psql.wait_for("customers: 3", SOON)?;
    let (new, moved) = (ports::free_address()?, ports::free_address()?);
    let plain = format!("{{ name: plain, bind: {}", stage.plain());
    let cleartext = "protocol: postgres, chain: guarded, allow_cleartext: true }";
    // One more.
    let more = format!("{{ name: more, bind: {new}, {cleartext}\n  - {plain}");
    replace(&stage, &plain, &more)?;
    assert_eq!(by(new.port())?, "customers: 3");
    assert_eq!(by(stage.plain().port())?, "customers: 3");
    // That one gone again, and another one elsewhere.
    replace(&stage, &plain, &format!("{{ name: plain, bind: {moved}"))?;
    assert_eq!(by(moved.port())?, "customers: 3");
    for closed in [new, stage.plain()] {
        wait::until("the old address to be closed", SOON, || {
            Ok(TcpStream::connect(closed).is_err().then_some(()))
        })?;
    }
    // Who came by it stays.
    psql.write("SELECT 'invoices: ' || count(*) FROM invoices;\n")?;
    psql.wait_for("invoices: 3", SOON)
}

#[test]
fn a_listener_that_cannot_have_its_address_changes_nothing() -> Result<()> {
    let mut stage = Stage::start()?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let (generation, plain) = (stage.generation()?, stage.plain().to_string());
    let other = stage
        .yaml()
        .replace(&plain, &taken.local_addr()?.to_string());
    stage.write(&other.replace("wait: 1m", "wait: 2m"))?;
    let refusal = format!(
        "the listener plain cannot listen at {}",
        taken.local_addr()?
    );
    stage.gateway().wait_for_log(&refusal, SOON)?;
    assert_eq!(stage.generation()?, generation);
    assert_eq!(
        stage.metric("narrowgate_reloads_total{outcome=\"refused\"}")?,
        "1"
    );
    let token = stage.token(&["insights"])?;
    assert_eq!(stage.plain_psql(&token).query(COUNT)?, "customers: 3");
    // Once there is room for it, all of it comes.
    drop(taken);
    stage.gateway().reload()?;
    wait::until("the new configuration", SOON, || {
        Ok((stage.generation()? > generation).then_some(()))
    })
}

#[test]
fn a_renewed_certificate_is_shown_to_who_comes_next() -> Result<()> {
    let stage = Stage::start()?;
    let mut psql = connected(&stage, &["insights"])?;
    let generation = stage.generation()?;
    let authority = Authority::new()?;
    fs::write(stage.path("new.crt"), authority.certificate())?;
    authority
        .loopback()?
        .write(stage.path("").as_path(), "localhost")?;
    let renewed = stage
        .agent(&["insights"])?
        .authority(&stage.path("new.crt"));
    wait::until("the new certificate", SOON, || {
        Ok(renewed.query(COUNT).ok())
    })?;
    assert!(stage.generation()? > generation);
    let old = stage.agent(&["insights"])?.error(COUNT)?;
    says(&old, &["certificate verify failed"]);
    psql.write(COUNT)?;
    psql.wait_for("customers: 3", SOON)
}

#[test]
fn what_waits_for_a_restart_is_told() -> Result<()> {
    let mut stage = Stage::start()?;
    let (old, admin) = (stage.path("old.yaml"), stage.admin().to_string());
    fs::write(&old, stage.yaml())?;
    let waiting = |stage: &Stage| stage.metric("narrowgate_restart_needed");
    replace(&stage, "admin:", "log: { format: json }\nadmin:")?;
    stage.gateway().wait_for_log("started anew", SOON)?;
    assert_eq!(waiting(&stage)?, "1");
    // Told before it is done as well.
    let elsewhere = stage
        .yaml()
        .replace(&admin, &ports::free_address()?.to_string());
    fs::write(stage.path("new.yaml"), elsewhere)?;
    let (new, old) = (stage.path("new.yaml"), old.display().to_string());
    let checked = stage.narrowgate(&["check", "--running", &old, &new.display().to_string()])?;
    says(&checked.ok()?, &["valid", "takes a restart: admin.bind"]);
    // Another key is another file's content.
    replace(&stage, "admin:", "admin: ")?;
    assert_eq!(waiting(&stage)?, "0");
    let key = fs::read_to_string(stage.path("recording.key"))?;
    let made = Stage::start()?;
    fs::copy(made.path("recording.key"), stage.path("recording.key"))?;
    stage
        .gateway()
        .wait_for_log("recordings.signing_key", SOON)?;
    assert_eq!(waiting(&stage)?, "1");
    fs::write(stage.path("recording.key"), key)?;
    wait::until("the old key", SOON, || {
        Ok((waiting(&stage)? == "0").then_some(()))
    })
}

#[test]
fn a_hangup_brings_what_is_written_into_force() -> Result<()> {
    let mut stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    agent.query(COUNT)?;
    let before = stage.generation()?;
    stage.gateway().reload()?;
    stage
        .gateway()
        .wait_for_log("SIGHUP: reading the configuration again", SOON)?;
    wait::until("the reload", SOON, || {
        Ok((stage.generation()? > before).then_some(()))
    })?;
    assert_eq!(
        stage.metric("narrowgate_reloads_total{outcome=\"applied\"}")?,
        "1"
    );
    assert_eq!(agent.query(COUNT)?, "customers: 3");
    Ok(())
}
