//! Logging in: tokens good and bad, TLS, and what a client may ask for.

use std::time::Duration;

use anyhow::Result;
use narrowgate_tests::issuer::{Algorithm, Client, Key, Provider, Trouble};
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Database, Setting, Stage};
use narrowgate_tests::wire::{GSSENC_REQUEST, SSL_REQUEST, Wire, sqlstate};
use narrowgate_tests::{certs, wait};

const COUNT: &str = "SELECT count(*) FROM customers";

#[test]
fn a_good_token_is_all_that_an_agent_needs() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query(COUNT)?, "3");
    // The user name gives no right and takes none.
    assert_eq!(agent.user("somebody-else").query(COUNT)?, "3");
    Ok(())
}

#[test]
fn a_bad_token_is_no_token() -> Result<()> {
    let stage = Stage::start()?;
    let token =
        || Ok::<_, anyhow::Error>(stage.agents.token("insights-bot")?.groups(&["insights"]));
    let stranger = Key::generate(Algorithm::ES256)?;
    let kid = token()?.sign()?;
    let ours = stage.agents.jwks()["keys"][0]["kid"].clone();
    let bad = [
        ("expired", token()?.expires_in(-120).sign()?),
        ("audience", token()?.audience("elsewhere").sign()?),
        ("audience", token()?.without_claim("aud").sign()?),
        ("expiry", token()?.without_claim("exp").sign()?),
        (
            "unknown issuer",
            token()?.claim("iss", "https://id.example.org").sign()?,
        ),
        ("", token()?.without_claim("iss").sign()?),
        ("subject", token()?.without_claim("sub").sign()?),
        ("not valid yet", token()?.valid_in(600).sign()?),
        ("future", token()?.issued_in(600).sign()?),
        ("lives longer", token()?.expires_in(86_400).sign()?),
        ("", token()?.unsigned()?),
        ("", token()?.confused()?),
        ("signature", token()?.tampered("groups", "clerks")?),
        (
            "signature",
            token()?.key(&stranger).header("kid", ours).sign()?,
        ),
        ("key", token()?.key(&stranger).sign()?),
        ("crit", token()?.header("crit", vec!["exp"]).sign()?),
        ("access token", token()?.header("typ", "dpop+jwt").sign()?),
        // A token of the staff's issuer does not open this chain.
        ("issuer", stage.person("dana", &["dba"])?),
        ("", "not-a-token".to_owned()),
        ("", kid.trim_end_matches(|c| c != '.').to_owned()),
    ];
    for (words, token) in bad {
        let error = stage.psql(&token).error(COUNT)?;
        says(&error, &["FATAL", words]);
        never(&error, &[&token, "3 rows", "count"]);
    }
    // None of them has harmed the good one.
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn an_issuer_asserts_only_its_own_groups() -> Result<()> {
    let stage = Stage::with(
        Setting::default()
            .rule("{ name: dba-reads, groups: [dba], allow: [{ select: [public.payroll] }] }"),
    )?;
    // The agents' issuer says `dba`, which only the staff's may.
    let agent = stage.agent(&["dba", "insights"])?;
    says(&agent.error("SELECT * FROM payroll")?, &["42501"]);
    assert_eq!(agent.query(COUNT)?, "3");
    Ok(())
}

#[tokio::test]
async fn a_real_issuer_is_found_by_discovery() -> Result<()> {
    let issuer = Provider::start(&[Client::new("insights-bot", &["insights"])])?;
    let setting = Setting {
        agents_url: Some(issuer.url().to_owned()),
        ..Setting::default()
    };
    let stage = Stage::with(setting)?;
    let token = issuer.token("insights-bot").await?;
    assert_eq!(stage.psql(&token).query(COUNT)?, "3");
    Ok(())
}

#[test]
fn keys_may_come_from_a_file() -> Result<()> {
    let setting = Setting {
        agents: ", jwks: file:jwks.json".to_owned(),
        ..Setting::default()
    };
    let mut stage = Stage::dark(Database::shared()?, setting)?;
    std::fs::write(stage.path("jwks.json"), stage.agents.jwks().to_string())?;
    stage.agents.fail(Trouble::Closed);
    stage.start_gateway()?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    assert_eq!(stage.agents.jwks_requests(), 0);
    Ok(())
}

#[test]
fn an_issuer_that_is_down_changes_nothing_for_known_keys() -> Result<()> {
    let stage = Stage::start()?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    stage.agents.fail(Trouble::Closed);
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn an_issuer_that_was_never_reached_lets_nobody_in() -> Result<()> {
    let stage = Stage::start()?;
    stage.agents.fail(Trouble::Status(503));
    says(
        &stage.agent(&["insights"])?.error(COUNT)?,
        &["FATAL", "keys"],
    );
    Ok(())
}

#[test]
fn a_new_key_works_after_a_refetch_and_unknown_keys_do_not_hammer_the_issuer() -> Result<()> {
    let stage = Stage::start()?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    let old = stage.token(&["insights"])?;
    stage.agents.rotate(Algorithm::ES256)?;
    stage.agents.retire();
    let new = stage.psql(&stage.token(&["insights"])?);
    // The issuer is asked again at most every half minute.
    let mut tries = 0;
    wait::until("the new key to be known", Duration::from_secs(45), || {
        tries += 1;
        std::thread::sleep(Duration::from_millis(500));
        Ok(new.query(COUNT).ok())
    })?;
    assert!(
        stage.agents.jwks_requests() <= 3,
        "{tries} tries, {}",
        stage.agents.jwks_requests()
    );
    // The old key is withdrawn, so what it signed is refused.
    says(&stage.psql(&old).error(COUNT)?, &["FATAL", "key"]);
    Ok(())
}

#[test]
fn tokens_travel_over_tls_unless_the_listener_says_otherwise() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    says(
        &agent.clone().sslmode("disable").error(COUNT)?,
        &["FATAL", "TLS"],
    );
    let plain = stage.plain_psql(&stage.token(&["insights"])?);
    assert_eq!(plain.query(COUNT)?, "3");
    says(
        &plain.sslmode("require").error(COUNT)?,
        &["does not support SSL"],
    );
    // A client that verifies notices somebody in between.
    let other = stage.path("other.crt");
    std::fs::write(&other, certs::Authority::new()?.certificate())?;
    says(
        &agent.authority(&other).error(COUNT)?,
        &["certificate verify failed"],
    );
    Ok(())
}

#[test]
fn tls_may_begin_directly_and_protocol_3_2_is_spoken() -> Result<()> {
    let stage = Stage::start()?;
    let script = r#"
import os, psycopg
for extra in ["", " sslnegotiation=direct", " max_protocol_version=3.2",
              " min_protocol_version=3.2 max_protocol_version=3.2",
              " sslnegotiation=direct max_protocol_version=latest"]:
    with psycopg.connect(os.environ["DSN"] + extra) as connection:
        count = connection.execute("SELECT count(*) FROM customers").fetchone()[0]
        print(count, bool(connection.pgconn.ssl_in_use), connection.info.full_protocol_version)
"#;
    let printed = stage
        .python(&stage.token(&["insights"])?, script)
        .run()?
        .ok()?;
    let expected = [30_000, 30_000, 30_002, 30_002, 30_002]
        .map(|version| format!("3 True {version}\n"))
        .concat();
    assert_eq!(printed, expected);
    Ok(())
}

#[test]
fn encryption_is_asked_for_in_either_order() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = Wire::connect(stage.tls())?;
    wire.packet(GSSENC_REQUEST, &[])?;
    assert_eq!(wire.byte()?, 'N');
    wire.packet(SSL_REQUEST, &[])?;
    assert_eq!(wire.byte()?, 'S');

    let mut wire = Wire::connect(stage.plain())?;
    for request in [SSL_REQUEST, GSSENC_REQUEST] {
        wire.packet(request, &[])?;
        assert_eq!(wire.byte()?, 'N');
    }
    wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    assert_eq!(wire.message()?.tag, 'R');
    wire.password(&stage.token(&["insights"])?)?;
    wire.until('Z')?;
    Ok(())
}

#[test]
fn bytes_behind_a_request_for_encryption_are_an_attack() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = Wire::connect(stage.tls())?;
    // In one write: the server must not take the Query for something that came by TLS.
    wire.send(b"\0\0\0\x08\x04\xd2\x16\x2fQ\0\0\0\x0dSELECT 1\0")?;
    assert!(wire.is_closed());
    Ok(())
}

#[test]
fn a_newer_protocol_is_negotiated_down() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = Wire::connect(stage.plain())?;
    let parameters = [
        ("user", "agent"),
        ("database", "billing"),
        ("_pq_.unheard", "of"),
    ];
    wire.startup((3 << 16) + 9, &parameters)?;
    let answer = wire.message()?;
    assert_eq!(answer.tag, 'v');
    assert!(answer.body.starts_with(&[0, 3, 0, 2]) || answer.body.starts_with(&[0, 0, 0, 2]));
    says(&String::from_utf8_lossy(&answer.body), &["_pq_.unheard"]);
    Ok(())
}

#[test]
fn a_database_is_the_name_of_a_target() -> Result<()> {
    let stage = Stage::with(Setting::default().target("databases: [postgres]"))?;
    let agent = stage.agent(&["insights"])?;
    says(
        &agent.clone().database("elsewhere").error(COUNT)?,
        &["\"elsewhere\" does not exist"],
    );
    says(
        &agent.clone().database("billing/template1").error(COUNT)?,
        &["does not exist"],
    );
    // Another database that the target names: there are no customers there.
    says(
        &agent.clone().database("billing/postgres").error(COUNT)?,
        &["42501"],
    );
    assert_eq!(agent.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn settings_at_the_start_are_an_allow_list() -> Result<()> {
    let stage = Stage::start()?;
    let agent = stage.agent(&["insights"])?;
    for (options, words) in [
        ("-c search_path=evil", "search_path"),
        ("--search-path=evil", "search_path"),
        ("-c role=postgres", "role"),
        ("-c session_authorization=postgres", "session_authorization"),
        ("-c backslash_quote=on", "backslash_quote"),
        (
            "-c standard_conforming_strings=off",
            "standard_conforming_strings",
        ),
        ("-e", "options"),
    ] {
        says(
            &agent.clone().env("PGOPTIONS", options).error(COUNT)?,
            &["FATAL", words],
        );
    }
    says(
        &agent.clone().env("PGCLIENTENCODING", "SJIS").error(COUNT)?,
        &["FATAL", "UTF8"],
    );
    let allowed = agent.env("PGOPTIONS", "-c statement_timeout=7s -c datestyle=German");
    assert_eq!(allowed.query("SHOW statement_timeout")?, "7s");
    Ok(())
}

#[test]
fn replication_is_refused() -> Result<()> {
    let stage = Stage::start()?;
    let mut wire = Wire::connect(stage.plain())?;
    let replication = [
        ("user", "a"),
        ("database", "billing"),
        ("replication", "database"),
    ];
    wire.startup(3 << 16, &replication)?;
    assert_eq!(sqlstate(&[wire.message()?]).as_deref(), Some("0A000"));
    Ok(())
}

#[test]
fn connections_are_bounded_in_time_and_number() -> Result<()> {
    let stage = Stage::with(
        Setting::default().section("limits: { handshake: 500ms, connections_per_identity: 2 }"),
    )?;
    let mut silent = Wire::connect(stage.plain())?;
    let mut halfway = Wire::connect(stage.plain())?;
    halfway.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    assert_eq!(halfway.message()?.tag, 'R');
    assert!(silent.is_closed());
    assert_eq!(sqlstate(&halfway.until('E')?).as_deref(), Some("57014"));

    let token = stage.token(&["insights"])?;
    let _one = Wire::login(stage.plain(), "billing", &token)?;
    let two = Wire::login(stage.plain(), "billing", &token)?;
    says(&stage.psql(&token).error(COUNT)?, &["too many connections"]);
    // Somebody else has connections of their own, and one that ends makes room.
    let other = stage
        .agents
        .token("other-bot")?
        .groups(&["insights"])
        .sign()?;
    assert_eq!(stage.psql(&other).query(COUNT)?, "3");
    drop(two);
    wait::until("room", Duration::from_secs(10), || {
        Ok(stage.psql(&token).query(COUNT).ok())
    })?;
    Ok(())
}

#[test]
fn a_length_that_cannot_be_is_not_waited_for() -> Result<()> {
    let stage = Stage::start()?;
    for bytes in [
        b"\x7f\xff\xff\xff\0\x03\0\0".as_slice(),
        b"\0\0\0\x03",
        b"\0\0\0\x08\0\0\0\x02",
    ] {
        let mut wire = Wire::connect(stage.plain())?;
        wire.send(bytes)?;
        assert!(wire.is_closed() || wire.is_closed(), "{bytes:?}");
    }
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    // A Query of 2 GiB, as it says.
    wire.send(b"Q\x7f\xff\xff\xff")?;
    assert_eq!(sqlstate(&wire.until('E')?).as_deref(), Some("08P01"));
    Ok(())
}
