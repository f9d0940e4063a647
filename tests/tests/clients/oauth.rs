//! Tokens by SASL OAUTHBEARER (RFC 7628), as libpq has it from version 18 on.

use anyhow::{Context, Result};
use narrowgate_tests::issuer::{Client, Provider};
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{Setting, Stage};
use narrowgate_tests::wire::{Message, Wire};
use serde_json::Value;

const LIBPQ: &str = include_str!("../../python/oauth.py");
const COUNT: &str = "SELECT count(*) FROM customers";
/// Nothing more is asked.
const OK: &[u8] = &[0, 0, 0, 0];
/// The client's answer to a failure.
const DUMMY: &[u8] = &[1];

fn by_oauth(oauth: &str) -> Setting {
    Setting {
        listener: format!(", oauth: {oauth}"),
        ..Setting::default()
    }
}

/// A client by hand that has been asked for its token.
fn asked(stage: &Stage) -> Result<(Wire, Message)> {
    let mut wire = Wire::connect(stage.plain())?;
    wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    let request = wire.message()?;
    assert_eq!(request.tag, 'R');
    Ok((wire, request))
}

/// A SASLInitialResponse.
fn initial(wire: &mut Wire, mechanism: &str, data: Option<&str>) -> Result<()> {
    let length = match data {
        Some(data) => i32::try_from(data.len())?,
        None => -1,
    };
    let data = data.unwrap_or_default().as_bytes();
    let body = [mechanism.as_bytes(), b"\0", &length.to_be_bytes(), data].concat();
    wire.tagged('p', &body)
}

fn bearer(token: &str) -> String {
    format!("n,,\x01auth=Bearer {token}\x01\x01")
}

/// The JSON of a failure, which the client answers with nothing.
fn failure(wire: &mut Wire) -> Result<Value> {
    let message = wire.message()?;
    let json = message.body.strip_prefix(&[0, 0, 0, 11]);
    let json = serde_json::from_slice(json.context("no SASL continuation")?)?;
    wire.tagged('p', DUMMY)?;
    Ok(json)
}

/// How the server ends the connection.
fn end(wire: &mut Wire) -> Result<(String, String)> {
    let error = wire.message()?;
    assert_eq!(error.field('V').as_deref(), Some("FATAL"), "{error:?}");
    let told = (error.field('C'), error.field('M'));
    assert!(wire.is_closed());
    told.0.zip(told.1).context("no error")
}

#[test]
fn libpq_learns_the_issuer_and_brings_its_token() -> Result<()> {
    let client = Client::new("insights-bot", &["insights"]);
    let issuer = Provider::start(std::slice::from_ref(&client))?;
    let setting = Setting {
        agents_url: Some(issuer.url().to_owned()),
        ..by_oauth("{ issuer: agents, scope: openid groups }")
    };
    let stage = Stage::with(setting)?;
    let libpq = |token: &str| {
        stage
            .python("", LIBPQ)
            .env("ISSUER", issuer.url())
            .env("CLIENT", &client.client_id)
            .env("SECRET", &client.client_secret)
            .env("GIVEN", token)
            // It takes issuers without TLS only for a test.
            .env("PGOAUTHDEBUG", "UNSAFE")
    };
    let once = "asked for /.well-known/openid-configuration b'openid groups'\n";
    let row = "('Ada Lindgren', 'a***@e***.com')\n";
    assert_eq!(libpq("").run()?.ok()?, format!("{once}{row}").repeat(3));

    let stale = libpq(&stage.token(&["insights"])?).run()?.ok()?;
    says(&stale, &[once, "FATAL", "unknown issuer"]);
    never(&stale, &[row]);
    // A client that cannot is told so by libpq itself, and so is one that would not.
    let password = stage.agent(&["insights"])?.error(COUNT)?;
    says(&password, &["authentication"]);
    Ok(())
}

#[test]
fn oauthbearer_is_spoken_message_by_message() -> Result<()> {
    let stage = Stage::with(by_oauth("{ issuer: agents }"))?;
    let token = stage.token(&["insights"])?;
    let count = |wire: &mut Wire| {
        assert_eq!(wire.message()?.body, OK);
        wire.until('Z')?;
        wire.query(COUNT)?;
        Ok::<_, anyhow::Error>(wire.until('Z')?.iter().filter(|row| row.tag == 'D').count())
    };

    let (mut wire, request) = asked(&stage)?;
    assert_eq!(request.body, b"\0\0\0\x0aOAUTHBEARER\0\0");
    initial(&mut wire, "OAUTHBEARER", Some(&bearer(&token)))?;
    assert_eq!(count(&mut wire)?, 1);

    // The first message may come behind an empty challenge.
    let (mut wire, _) = asked(&stage)?;
    initial(&mut wire, "OAUTHBEARER", None)?;
    assert_eq!(wire.message()?.body, [0, 0, 0, 11]);
    wire.tagged('p', bearer(&token).as_bytes())?;
    assert_eq!(count(&mut wire)?, 1);

    // Where tokens come from is told to whoever has none.
    let (mut wire, _) = asked(&stage)?;
    initial(&mut wire, "OAUTHBEARER", Some("n,,\x01auth=\x01\x01"))?;
    let told = failure(&mut wire)?;
    let configuration = format!("{}/.well-known/openid-configuration", stage.agents.url());
    let expected = serde_json::json!({
        "status": "invalid_token",
        "openid-configuration": configuration,
    });
    assert_eq!(told, expected);
    assert_eq!(end(&mut wire)?.0, "28000");
    Ok(())
}

#[test]
fn a_bad_token_is_none_by_oauthbearer_either() -> Result<()> {
    let mut stage = Stage::with(by_oauth("{ issuer: agents, scope: openid }"))?;
    let token =
        || Ok::<_, anyhow::Error>(stage.agents.token("insights-bot")?.groups(&["insights"]));
    for (words, token) in [
        ("expired", token()?.expires_in(-120).sign()?),
        ("audience", token()?.audience("elsewhere").sign()?),
        ("", token()?.unsigned()?),
        ("issuer", stage.person("dana", &["dba"])?),
    ] {
        let (mut wire, _) = asked(&stage)?;
        initial(&mut wire, "OAUTHBEARER", Some(&bearer(&token)))?;
        assert_eq!(failure(&mut wire)?["scope"], "openid");
        let (state, message) = end(&mut wire)?;
        assert_eq!(state, "28P01");
        says(&message, &[words]);
    }
    let good = token()?.sign()?;
    let malformed = [
        (
            "OAUTHBEARER",
            format!("p=tls-unique,,\x01auth=Bearer {good}\x01\x01"),
        ),
        (
            "OAUTHBEARER",
            format!("n,a=root,\x01auth=Bearer {good}\x01\x01"),
        ),
        ("OAUTHBEARER", format!("n,,\x01auth=Bearer {good}\x01")),
        (
            "OAUTHBEARER",
            format!("n,,\x01auth=Bearer {good}\x01auth=Bearer x\x01\x01"),
        ),
        ("OAUTHBEARER", format!("n,,\x01auth=Basic {good}\x01\x01")),
        ("SCRAM-SHA-256", bearer(&good)),
        ("", bearer(&good)),
    ];
    for (mechanism, message) in malformed {
        let (mut wire, _) = asked(&stage)?;
        initial(&mut wire, mechanism, Some(&message))?;
        let (state, told) = end(&mut wire)?;
        assert_eq!(state, "08P01", "{told}");
        never(&told, &[&good]);
    }
    // A password is none here, and a failure is answered with nothing.
    let (mut wire, _) = asked(&stage)?;
    wire.password(&good)?;
    assert_eq!(end(&mut wire)?.0, "08P01");
    let (mut wire, _) = asked(&stage)?;
    initial(&mut wire, "OAUTHBEARER", Some("n,,\x01auth=\x01\x01"))?;
    assert_eq!(wire.message()?.tag, 'R');
    wire.tagged('p', bearer(&good).as_bytes())?;
    assert_eq!(end(&mut wire)?.0, "08P01");
    never(&stage.gateway().log(), &[&good]);
    never(&stage.recorded_so_far()?, &[&good]);
    Ok(())
}

#[test]
fn a_listener_takes_tokens_in_one_way() -> Result<()> {
    let mut stage = Stage::start()?;
    let token = stage.token(&["insights"])?;
    let (mut wire, request) = asked(&stage)?;
    assert_eq!(request.body, [0, 0, 0, 3]);
    initial(&mut wire, "OAUTHBEARER", Some(&bearer(&token)))?;
    let (state, message) = end(&mut wire)?;
    assert_eq!(state, "08P01");
    never(&message, &[&token]);

    stage.edit(|setting| setting.listener = ", oauth: { issuer: agents }".to_owned())?;
    let (mut wire, request) = asked(&stage)?;
    says(&String::from_utf8_lossy(&request.body), &["OAUTHBEARER"]);
    initial(&mut wire, "OAUTHBEARER", Some(&bearer(&token)))?;
    assert_eq!(wire.message()?.body, OK);

    // By TLS alone, like a password.
    let mut wire = Wire::connect(stage.tls())?;
    wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    assert_eq!(end(&mut wire)?.0, "28000");
    Ok(())
}
