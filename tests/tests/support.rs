//! The support modules hold what they promise: a real PostgreSQL server, real and
//! local issuers, psql and the Python clients.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{DecodingKey, Validation};
use narrowgate_tests::certs::Authority;
use narrowgate_tests::issuer::{Algorithm, Client, Key, Local, Provider, Trouble};
use narrowgate_tests::postgres::{Auth, Postgres, Stop};
use narrowgate_tests::process::Signal;
use narrowgate_tests::psql::Psql;
use narrowgate_tests::python::Python;
use serde_json::Value;

const SOON: Duration = Duration::from_secs(20);
const ROLE: &str = "CREATE ROLE gateway LOGIN PASSWORD 'secret'";

fn gateway_role(server: &Postgres) -> Psql {
    Psql::to(server.address())
        .user("gateway")
        .database("postgres")
}

#[test]
fn every_password_method_lets_in_the_right_password_only() -> Result<()> {
    for auth in [Auth::ScramSha256, Auth::Md5, Auth::Password] {
        let server = Postgres::builder().auth(auth).sql(ROLE).start()?;
        let psql = gateway_role(&server);
        let user = psql
            .clone()
            .password("secret")
            .query("SELECT current_user")?;
        assert_eq!(user, "gateway", "{auth:?}");
        let refused = psql.password("wrong").run(&["SELECT 1"])?;
        assert!(
            refused.stderr.contains("authentication failed"),
            "{auth:?}: {refused:?}"
        );
    }
    Ok(())
}

#[test]
fn a_server_with_tls_takes_nothing_else_and_certificates_name_the_role() -> Result<()> {
    let authority = Authority::new()?;
    let folder = tempfile::tempdir()?;
    let client = authority
        .client("gateway")?
        .write(folder.path(), "client")?;
    let server = Postgres::builder()
        .auth(Auth::Certificate)
        .tls_from(authority)
        .sql(ROLE)
        .start()?;

    let psql = Psql::to_host("localhost", server.port())
        .user("gateway")
        .database("postgres")
        .env("PGSSLCERT", client.certificate.display())
        .env("PGSSLKEY", client.key.display())
        .authority(&server.authority_file());
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(psql.clone().sslmode("verify-full").query(encrypted)?, "t");
    let refused = psql.sslmode("disable").run(&["SELECT 1"])?;
    assert!(
        refused.stderr.contains("no pg_hba.conf entry"),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn a_server_keeps_its_data_and_port_when_it_is_restarted() -> Result<()> {
    let mut server = Postgres::builder()
        .sql("CREATE TABLE kept AS SELECT 7 AS n")
        .start()?;
    let port = server.port();
    for how in [Stop::Fast, Stop::Immediate] {
        server.stop(how)?;
        assert!(server.sql("postgres", "SELECT 1").is_err());
        server.start_again()?;
        assert_eq!(server.sql("postgres", "SELECT n FROM kept")?, "7");
    }
    assert_eq!(server.port(), port);
    Ok(())
}

#[tokio::test]
async fn servers_run_side_by_side_and_take_tokio_postgres() -> Result<()> {
    let (one, two) = (Postgres::start()?, Postgres::start()?);
    assert_ne!(one.port(), two.port());
    for server in [&one, &two] {
        let client = server.connect("postgres").await?;
        let row = client.query_one("SELECT 40 + 2", &[]).await?;
        assert_eq!(row.get::<_, i32>(0), 42);
    }
    Ok(())
}

#[test]
fn psql_can_be_talked_to_and_interrupted() -> Result<()> {
    let server = Postgres::start()?;
    let mut psql = server.psql("postgres").arg("-At").spawn()?;
    psql.write("SELECT 'first' || '-answer';\n")?;
    psql.wait_for("first-answer", SOON)?;
    psql.write("\\echo sleeping\nSELECT pg_sleep(60);\n")?;
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    narrowgate_tests::wait::until("psql to sleep", SOON, || {
        Ok((server.sql("postgres", asleep)? == "1").then_some(()))
    })?;
    psql.signal(Signal::INT)?;
    psql.wait_for("canceling statement due to user request", SOON)
}

#[test]
fn the_python_clients_reach_a_server() -> Result<()> {
    let server = Postgres::builder().sql(ROLE).start()?;
    let script = r#"
import asyncio, os
import asyncpg, psycopg

password, port = os.environ["PASSWORD"], int(os.environ["PORT"])
with psycopg.connect(host="127.0.0.1", port=port, user="gateway",
                     password=password, dbname="postgres") as connection:
    print("psycopg", connection.execute("SELECT 1 + %s", [1]).fetchone()[0])

async def main():
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="gateway",
                                       password=password, database="postgres")
    print("asyncpg", await connection.fetchval("SELECT 1 + $1::int", 2))
    await connection.close()

asyncio.run(main())
"#;
    let python = Python::script(script)
        .env("PASSWORD", "secret")
        .env("PORT", server.port());
    assert_eq!(python.run()?.ok()?, "psycopg 2\nasyncpg 3\n");
    Ok(())
}

#[tokio::test]
async fn the_real_issuer_gives_tokens_that_its_keys_verify() -> Result<()> {
    let clients = [
        Client::new("insights", &["billing"]).ttl(60),
        Client::new("dba", &["dba"]),
    ];
    for algorithm in [Algorithm::RS256, Algorithm::ES256] {
        let option = format!("{algorithm:?}");
        let mut issuer = Provider::start_with(&clients, &["--alg", &option])?;

        let old = issuer.token("insights").await?;
        let claims = verify(issuer.url(), &old, algorithm).await?;
        assert_eq!(claims["sub"], "insights");
        assert_eq!(claims["groups"], serde_json::json!(["billing"]));
        assert_eq!(
            claims["exp"].as_u64(),
            claims["iat"].as_u64().map(|at| at + 60)
        );

        issuer.rotate()?;
        let new = issuer.token("dba").await?;
        verify(issuer.url(), &old, algorithm).await?;
        verify(issuer.url(), &new, algorithm).await?;

        issuer.retire()?;
        assert!(verify(issuer.url(), &old, algorithm).await.is_err());
        verify(issuer.url(), &new, algorithm).await?;
    }
    Ok(())
}

#[test]
fn the_token_script_prints_what_the_real_issuer_gives() -> Result<()> {
    let client = Client::new("insights", &[]);
    let issuer = Provider::start(std::slice::from_ref(&client))?;
    let run = |secret: &str| {
        let mut command = std::process::Command::new(Provider::token_script());
        command.args([issuer.url(), &client.client_id, secret]);
        narrowgate_tests::process::Process::run("token", command, SOON)
    };
    let token = run(&client.client_secret)?.ok()?;
    assert_eq!(claims(&token)?["sub"], "insights");
    let refused = run("wrong")?;
    assert_eq!((refused.code(), refused.stdout.as_str()), (1, ""));
    Ok(())
}

#[tokio::test]
async fn the_local_issuer_signs_with_every_kind_of_key() -> Result<()> {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let issuer = Local::start_with(algorithm)?;
        let token = issuer.token("agent")?.groups(&["billing"]).sign()?;
        let claims = verify(&issuer.url(), &token, algorithm).await?;
        assert_eq!(claims["sub"], "agent", "{algorithm:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_local_issuer_makes_bad_tokens() -> Result<()> {
    let issuer = Local::start()?;
    let token = || issuer.token("agent");
    let stranger = Key::generate(Algorithm::ES256)?;
    let bad = [
        token()?.audience("elsewhere").sign()?,
        token()?.expires_in(-120).sign()?,
        token()?.without_claim("aud").sign()?,
        token()?.claim("iss", "http://127.0.0.1:1").sign()?,
        token()?.key(&stranger).sign()?,
        token()?
            .key(&stranger)
            .header("kid", kid(&token()?.sign()?)?)
            .sign()?,
        token()?.tampered("sub", "someone else")?,
        token()?.unsigned()?,
        token()?.confused()?,
    ];
    verify(&issuer.url(), &token()?.sign()?, Algorithm::ES256).await?;
    for token in bad {
        assert!(
            verify(&issuer.url(), &token, Algorithm::ES256)
                .await
                .is_err(),
            "{token}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_local_issuer_rotates_fails_and_counts() -> Result<()> {
    let issuer = Local::start()?;
    let old = issuer.token("agent")?.sign()?;
    issuer.rotate(Algorithm::EdDSA)?;
    let new = issuer.token("agent")?.sign()?;
    verify(&issuer.url(), &old, Algorithm::ES256).await?;
    verify(&issuer.url(), &new, Algorithm::EdDSA).await?;
    issuer.retire();
    assert!(verify(&issuer.url(), &old, Algorithm::ES256).await.is_err());
    assert_eq!(issuer.jwks_requests(), 3);

    let silent = Trouble::Nonsense("{\"keys\": 1}".into());
    for trouble in [Trouble::Closed, Trouble::Status(503), silent] {
        issuer.fail(trouble.clone());
        let answer = verify(&issuer.url(), &new, Algorithm::EdDSA).await;
        assert!(answer.is_err(), "{trouble:?}");
    }
    issuer.recover();
    verify(&issuer.url(), &new, Algorithm::EdDSA).await?;
    Ok(())
}

/// Checks a token as the standards ask, with keys found by discovery, and gives its claims.
async fn verify(issuer: &str, token: &str, algorithm: Algorithm) -> Result<Value> {
    let get = async |url: &str| -> Result<Value> {
        let answer = reqwest::get(url).await?.error_for_status()?;
        Ok(answer.json().await?)
    };
    let discovery = get(&format!("{issuer}/.well-known/openid-configuration")).await?;
    ensure!(
        text(&discovery, "issuer")? == issuer,
        "the issuer goes by another name"
    );
    let jwks: JwkSet = serde_json::from_value(get(text(&discovery, "jwks_uri")?).await?)?;
    let ids: HashSet<_> = jwks
        .keys
        .iter()
        .map(|key| key.common.key_id.clone())
        .collect();
    ensure!(ids.len() == jwks.keys.len(), "a key id is there twice");
    let key: &Jwk = jwks.find(&kid(token)?).context("no such key")?;

    let mut validation = Validation::new(algorithm);
    validation.set_audience(&["narrowgate"]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    Ok(jsonwebtoken::decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

fn kid(token: &str) -> Result<String> {
    Ok(text(&part(token, 0)?, "kid")?.to_owned())
}

fn claims(token: &str) -> Result<Value> {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Result<Value> {
    let part = token.trim().split('.').nth(index).context("no token")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}

fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str> {
    object
        .get(name)
        .and_then(Value::as_str)
        .with_context(|| format!("no {name}"))
}
