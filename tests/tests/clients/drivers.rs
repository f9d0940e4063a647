//! Ordinary drivers, every way of logging in at the database, and large results.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use narrowgate_tests::certs::Authority;
use narrowgate_tests::postgres::{Auth, Postgres, Stop};
use narrowgate_tests::process::Signal;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::{CANCEL_REQUEST, SSL_REQUEST, Wire, sqlstate};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{Kind, Type};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use tokio_rustls::TlsConnector;

const TYPES: &str = include_str!("../../python/clients_types.py");
const PSYCOPG: &str = include_str!("../../python/clients_psycopg.py");
const ASYNCPG: &str = include_str!("../../python/clients_asyncpg.py");
const COUNT: &str = "SELECT count(*) FROM customers";
const SLEEPERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";

pub(crate) fn sleeping() -> Setting {
    Setting::default()
        .rule("{ name: sleeps, groups: [insights], allow: [{ functions: [pg_catalog.pg_sleep] }] }")
}

/// Somebody who sleeps, listens and tells.
pub(crate) fn talkative() -> Setting {
    sleeping().rule("{ name: talks, groups: [insights], allow: [{ actions: [listen, notify] }] }")
}

pub(crate) fn wait_for_sleepers(stage: &Stage, count: &str) -> Result<()> {
    wait::until(&format!("{count} sleeping statements"), SOON, || {
        Ok((stage.database.sql(SLEEPERS)? == count).then_some(()))
    })
}

/// Types and a table of the database's own, which clients have to ask the catalog about.
pub(crate) const ANSWERS: &str = "CREATE TYPE mood AS ENUM ('sad', 'fine');
    CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN age AS int CHECK (VALUE >= 0);
    CREATE TABLE answers (id int, mood mood, moods mood[], pair pair, age age, span int4range);
    INSERT INTO answers VALUES (1, 'sad', '{sad,fine}', '(7,seven)', 41, '[1,5)');
    GRANT SELECT ON answers TO gateway";

/// Logs in over TLS, as a client with a TLS library of its own does.
async fn connect_over_tls(stage: &Stage, token: &str) -> Result<tokio_postgres::Client> {
    let mut tcp = TcpStream::connect(stage.tls()).await?;
    let mut request = vec![0, 0, 0, 8];
    request.extend(SSL_REQUEST.to_be_bytes());
    tcp.write_all(&request).await?;
    assert_eq!(tcp.read_u8().await?, b'S');
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(stage.authority())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = TlsConnector::from(Arc::new(config))
        .connect("localhost".try_into()?, tcp)
        .await?;
    let (client, connection) = tokio_postgres::Config::new()
        .user("insights-bot")
        .password(token)
        .dbname("billing")
        .ssl_mode(SslMode::Disable)
        .connect_raw(tls, NoTls)
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

#[test]
fn every_type_comes_and_goes_as_the_database_has_it() -> Result<()> {
    types_at(Database::shared()?)
}

/// Every type comes and goes as the database has it, whichever it is.
pub(crate) fn types_at(database: Database) -> Result<()> {
    let setting = Setting::default().rule(
        "{ name: types, groups: [insights], allow: [{ select: [public.everything], copy: [public.everything] }] }",
    );
    let stage = Stage::on(database, setting)?;
    let server = stage.database.server();
    let direct = format!(
        "host={} port={} user=postgres dbname={}",
        server.socket_folder().display(),
        server.port(),
        stage.database.name()
    );
    let token = stage.token(&["insights"])?;
    let script = stage.python(&token, TYPES).env("DIRECT", direct);
    assert_eq!(script.run()?.ok()?, "69 types, 103500 values\n");
    Ok(())
}

#[test]
fn psycopg_is_served_as_by_the_database() -> Result<()> {
    psycopg_at(Database::shared()?)
}

/// psycopg is served as by the database, whichever it is.
pub(crate) fn psycopg_at(database: Database) -> Result<()> {
    let stage = Stage::on(database, Setting::default())?;
    let token = stage.token(&["insights", "clerks"])?;
    let printed = stage.python(&token, PSYCOPG).run()?.ok()?;
    let expected = "\
scrolled [(1,), (2,)] [(1,), (2,), (3,)]
held ('Ada Lindgren',)
between 1 ('Bela Okafor',)
fetch [(1001,), (1002,)] MOVE 1 []
described 1 23 b'name' 25
executed [b'Ada Lindgren', b'Chen Moreau']
by SQL [('Bela Okafor',)]
again b'42P05'
gone b'26000'
failed 22012 None None
before (1,)
after (0,)
stays 1
unique invoices_pkey INTRANS
outer only [(10,)]
read only 25006 INERROR
copied 300
given up 0
refused 22P02
out [('100', 0), ('101', 1000)]
empty True
empty True
empty True
several [[(1,)], [(2, 'two')], 'SET']
null and empty (None, '', 9)
stream [1, 2, 3]
";
    assert_eq!(printed, expected);
    Ok(())
}

#[test]
fn asyncpg_is_served_as_by_the_database() -> Result<()> {
    asyncpg_at(Database::shared()?)
}

/// asyncpg is served as by the database, whichever it is.
pub(crate) fn asyncpg_at(database: Database) -> Result<()> {
    database.sql(ANSWERS)?;
    let setting = talkative()
        .rule("{ name: answers, groups: [insights], allow: [{ select: [public.answers] }] }");
    let stage = Stage::on(database, setting)?;
    let token = stage.token(&["insights", "clerks"])?;
    let printed = stage.python(&token, ASYNCPG).run()?.ok()?;
    let expected = "\
types sad ['sad', 'fine'] (7, 'seven') 41 <Range [1, 5)>
by enum [1]
codec 8
parameters ['int4', 'text']
attributes [('name', 'text'), ('remark', 'text')]
rows [('Ada Lindgren', None), ('Bela Okafor', '')]
error 22012
denied No rule allows it.
cursor [1, 2] 1
each [1, 2, 3]
unique invoices_pkey
many 100
COPY 500
COPY 2
COPY 2 b'900,\\n901,csv\\n'
COPY 605 605
heard news
cancelled 1
pool 435
";
    assert_eq!(printed, expected);
    Ok(())
}

#[tokio::test]
async fn tokio_postgres_prepares_pipelines_and_streams() -> Result<()> {
    let database = Database::shared()?;
    database.sql(ANSWERS)?;
    let setting = Setting::default()
        .rule("{ name: answers, groups: [insights], allow: [{ select: [public.answers] }] }");
    let stage = Stage::on(database, setting)?;
    let mut client = connect_over_tls(&stage, &stage.token(&["insights", "clerks"])?).await?;
    let named = client
        .prepare("SELECT name, email FROM customers WHERE id = $1")
        .await?;
    for _ in 0..3 {
        let row = client.query_one(&named, &[&2_i32]).await?;
        assert_eq!(row.get::<_, &str>("name"), "Bela Okafor");
        assert_eq!(row.get::<_, &str>("email"), "b***@o***.example");
    }
    let (one, two) = tokio::join!(
        client.query_one("SELECT 1 + $1::int4", &[&1_i32]),
        client.query_one("SELECT 2 + $1::int4", &[&1_i32]),
    );
    assert_eq!((one?.get::<_, i32>(0), two?.get::<_, i32>(0)), (2, 3));

    let transaction = client.transaction().await?;
    let insert = "INSERT INTO invoices VALUES ($1, 1, 1, $2)";
    transaction
        .execute(insert, &[&1_i32, &None::<&str>])
        .await?;
    transaction.execute(insert, &[&2_i32, &Some("")]).await?;
    let portal = transaction
        .bind("SELECT id, note FROM invoices ORDER BY id", &[])
        .await?;
    let first = transaction.query_portal(&portal, 2).await?;
    assert_eq!(first.len(), 2);
    assert_eq!(first[0].get::<_, Option<&str>>(1), None);
    assert_eq!(first[1].get::<_, Option<&str>>(1), Some(""));
    assert_eq!(transaction.query_portal(&portal, 0).await?.len(), 3);
    transaction.commit().await?;

    let answers = client
        .prepare("SELECT mood, pair, age, span FROM answers")
        .await?;
    let kind = |at: usize| {
        answers
            .columns()
            .get(at)
            .map(|column| column.type_().kind())
    };
    let moods = Kind::Enum(vec!["sad".to_owned(), "fine".to_owned()]);
    assert_eq!(kind(0), Some(&moods));
    assert!(matches!(kind(1), Some(Kind::Composite(fields)) if fields.len() == 2));
    assert_eq!(kind(3), Some(&Kind::Range(Type::INT4)));
    let values = "SELECT $1::bool, $2::int2, $3::int8, $4::float8, $5::bytea, $6::text[], $7::inet, $8::timestamptz";
    let (bytes, texts) = (vec![0_u8, 255], vec![Some("a,b".to_owned()), None]);
    let (address, time) = (
        IpAddr::from([192, 0, 2, 1]),
        UNIX_EPOCH + Duration::from_secs(1_767_225_600),
    );
    let row = client
        .query_one(
            values,
            &[
                &true,
                &-7_i16,
                &i64::MIN,
                &0.1_f64,
                &bytes,
                &texts,
                &address,
                &time,
            ],
        )
        .await?;
    assert_eq!(
        (
            row.get::<_, bool>(0),
            row.get::<_, i16>(1),
            row.get::<_, i64>(2)
        ),
        (true, -7, i64::MIN)
    );
    assert_eq!(
        (row.get::<_, f64>(3), row.get::<_, Vec<u8>>(4)),
        (0.1, bytes)
    );
    assert_eq!(row.get::<_, Vec<Option<String>>>(5), texts);
    assert_eq!(
        (row.get::<_, IpAddr>(6), row.get::<_, SystemTime>(7)),
        (address, time)
    );
    let simple = client
        .simple_query("SELECT name, email FROM customers WHERE id = 1; SELECT 1 WHERE false")
        .await?;
    let told: Vec<String> = simple
        .iter()
        .map(|message| match message {
            SimpleQueryMessage::Row(row) => format!("{:?} {:?}", row.get(0), row.get("email")),
            SimpleQueryMessage::CommandComplete(rows) => rows.to_string(),
            _ => "columns".to_owned(),
        })
        .collect();
    let expected = [
        "columns",
        r#"Some("Ada Lindgren") Some("a***@e***.com")"#,
        "1",
        "columns",
        "0",
    ];
    assert_eq!(told, expected);

    let denied = client
        .query("SELECT * FROM payroll", &[])
        .await
        .err()
        .context("not denied")?;
    let error = denied.as_db_error().context("not the server's")?;
    assert_eq!(error.code().code(), "42501");
    assert!(error.detail().is_some() && error.hint().is_some());
    assert_eq!(client.query_one(COUNT, &[]).await?.get::<_, i64>(0), 3);
    Ok(())
}

#[test]
fn every_password_method_of_the_database_works() -> Result<()> {
    for auth in [Auth::ScramSha256, Auth::Md5, Auth::Password, Auth::Trust] {
        let database = Database::own(Postgres::builder().auth(auth))?;
        let stage = Stage::on(database, Setting::default())?;
        assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3", "{auth:?}");
    }
    Ok(())
}

#[test]
fn the_database_s_certificate_is_verified() -> Result<()> {
    let database = Database::own(Postgres::builder().tls())?;
    let ca = database.server().authority_file().display().to_string();
    let stranger = tempfile::tempdir()?;
    let other = stranger.path().join("other.crt");
    std::fs::write(&other, Authority::new()?.certificate())?;
    let other = other.display().to_string();
    let mut stage = Stage::on(
        database,
        Setting {
            target_tls: format!("{{ mode: verify-full, ca: \"file:{ca}\" }}"),
            ..Setting::default()
        },
    )?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    for (tls, good) in [
        (
            format!("{{ mode: verify-full, ca: \"file:{other}\" }}"),
            false,
        ),
        (
            format!("{{ mode: verify-ca, ca: \"file:{other}\" }}"),
            false,
        ),
        (
            format!("{{ mode: verify-full, ca: \"file:{ca}\", server_name: elsewhere }}"),
            false,
        ),
        (format!("{{ mode: verify-ca, ca: \"file:{ca}\" }}"), true),
        ("{ mode: require }".to_owned(), true),
        ("{ mode: disable }".to_owned(), false),
        (
            format!("{{ mode: verify-full, ca: \"file:{ca}\", server_name: localhost }}"),
            true,
        ),
    ] {
        stage.edit(|setting| setting.target_tls = tls.clone())?;
        let answer = stage.agent(&["insights"])?.run(&[COUNT])?;
        assert_eq!(
            answer.success(),
            good,
            "{tls}: {}{}",
            answer.stdout,
            answer.stderr
        );
    }
    Ok(())
}

#[test]
fn a_client_certificate_logs_the_gateway_in() -> Result<()> {
    let authority = Authority::new()?;
    let folder = tempfile::tempdir()?;
    let client = authority
        .client("gateway")?
        .write(folder.path(), "client")?;
    let database = Database::own(
        Postgres::builder()
            .auth(Auth::Certificate)
            .tls_from(authority),
    )?;
    let ca = database.server().authority_file();
    let stage = Stage::on(
        database,
        Setting {
            target_tls: format!(
                "{{ mode: verify-full, ca: \"file:{}\", client_cert: \"file:{}\", client_key: \"file:{}\" }}",
                ca.display(),
                client.certificate.display(),
                client.key.display()
            ),
            credential: "{ username: gateway }".to_owned(),
            ..Setting::default()
        },
    )?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn a_powerful_login_is_refused_unless_the_configuration_says_so() -> Result<()> {
    let database = Database::own(
        Postgres::builder().sql("CREATE ROLE root LOGIN SUPERUSER PASSWORD 'the-real-password'"),
    )?;
    let credential = "{ username: root, password: file:gateway.password }".to_owned();
    let mut stage = Stage::on(
        database,
        Setting {
            credential,
            ..Setting::default()
        },
    )?;
    says(
        &stage.agent(&["insights"])?.error(COUNT)?,
        &["FATAL", "more powerful"],
    );
    stage.edit(|setting| setting.target.push("allow_privileged: true".to_owned()))?;
    // Only the gateway stands in the way now, and it holds.
    let agent = stage.agent(&["insights"])?;
    assert_eq!(agent.query(COUNT)?, "3");
    for statement in [
        "SELECT * FROM payroll",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY invoices TO PROGRAM 'cat'",
        "COPY payroll TO STDOUT",
        "SELECT rolpassword FROM pg_authid",
        "SET ROLE gateway",
        "ALTER SYSTEM SET archive_command = 'true'",
        "SELECT lo_export(1, '/tmp/x')",
        "CREATE EXTENSION dblink",
    ] {
        says(&agent.error(statement)?, &["42501"]);
    }
    Ok(())
}

#[test]
fn ctrl_c_reaches_the_database_with_tls_and_without() -> Result<()> {
    let stage = Stage::with(sleeping())?;
    let token = stage.token(&["insights"])?;
    for psql in [stage.psql(&token), stage.plain_psql(&token)] {
        let mut client = psql.arg("-At").spawn()?;
        client.write("SELECT pg_sleep(60);\n")?;
        wait_for_sleepers(&stage, "1")?;
        client.signal(Signal::INT)?;
        client.wait_for("ERROR:  57014: ", SOON)?;
        // A script ends there, as psql has it.
        client.wait(SOON)?;
        wait_for_sleepers(&stage, "0")?;
    }
    Ok(())
}

#[test]
fn a_cancel_key_is_the_gateway_s_own() -> Result<()> {
    let stage = Stage::with(sleeping())?;
    let mut wire = Wire::connect(stage.plain())?;
    wire.startup(3 << 16, &[("user", "agent"), ("database", "billing")])?;
    wire.message()?;
    wire.password(&stage.token(&["insights"])?)?;
    let opening = wire.until('Z')?;
    let key = opening
        .iter()
        .find(|message| message.tag == 'K')
        .context("no key")?
        .body
        .clone();
    wire.query("SELECT pg_sleep(60)")?;
    wait_for_sleepers(&stage, "1")?;
    // A key that is off by a bit cancels nothing.
    let mut wrong = key.clone();
    if let Some(last) = wrong.last_mut() {
        *last ^= 1;
    }
    Wire::connect(stage.plain())?.packet(CANCEL_REQUEST, &wrong)?;
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(stage.database.sql(SLEEPERS)?, "1");
    Wire::connect(stage.plain())?.packet(CANCEL_REQUEST, &key)?;
    assert_eq!(sqlstate(&wire.until('Z')?).as_deref(), Some("57014"));
    wait_for_sleepers(&stage, "0")?;
    // The session goes on, and a cancel that comes late cancels nothing.
    Wire::connect(stage.plain())?.packet(CANCEL_REQUEST, &key)?;
    std::thread::sleep(Duration::from_millis(200));
    wire.query(COUNT)?;
    assert_eq!(sqlstate(&wire.until('Z')?), None);
    Ok(())
}

#[test]
fn a_client_that_goes_away_leaves_nothing_running() -> Result<()> {
    let stage = Stage::with(sleeping())?;
    let mut client = stage.agent(&["insights"])?.spawn()?;
    client.write("SELECT pg_sleep(60);\n")?;
    wait_for_sleepers(&stage, "1")?;
    client.signal(Signal::KILL)?;
    wait_for_sleepers(&stage, "0")
}

#[test]
fn a_large_result_streams_with_flat_memory() -> Result<()> {
    let mut stage = Stage::start()?;
    stage.database.sql(
        "INSERT INTO archive SELECT n, 1, n, repeat('x', 100) FROM generate_series(1, 300000) n",
    )?;
    let script = r#"
import os, psycopg
with psycopg.connect(os.environ["DSN"]) as connection:
    with connection.cursor() as cursor:
        count = 0
        for row in cursor.stream("SELECT id, amount, note FROM archive"):
            count += 1
        print(count)
        with connection.cursor(name="slowly") as cursor:
            cursor.itersize = 1000
            cursor.execute("SELECT id, note FROM archive")
            print(sum(1 for _ in cursor))
"#;
    let token = stage.token(&["insights"])?;
    stage.agent(&["insights"])?.query(COUNT)?;
    let before = stage.gateway().resident_bytes()?;
    let mut client = stage.python(&token, script).spawn()?;
    let mut most = before;
    while client.is_running() {
        most = most.max(stage.gateway().resident_bytes()?);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(client.wait(SOON)?.ok()?, "300001\n300001\n");
    let grown = (most - before) >> 20;
    assert!(grown < 64, "grew by {grown} MiB");
    Ok(())
}

#[test]
fn a_slow_reader_holds_the_database_up_and_not_the_gateway_s_memory() -> Result<()> {
    let mut stage = Stage::start()?;
    stage.database.sql(
        "INSERT INTO archive SELECT n, 1, n, repeat('x', 1000) FROM generate_series(1, 100000) n",
    )?;
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    let before = stage.gateway().resident_bytes()?;
    wire.query("SELECT * FROM archive")?;
    std::thread::sleep(Duration::from_secs(2));
    let grown = stage.gateway().resident_bytes()?.saturating_sub(before) >> 20;
    assert!(grown < 64, "grew by {grown} MiB");
    // Somebody else is served meanwhile.
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    let rows = wire
        .until('Z')?
        .iter()
        .filter(|message| message.tag == 'D')
        .count();
    assert_eq!(rows, 100_001);
    Ok(())
}

#[test]
fn the_database_may_go_and_come_back() -> Result<()> {
    let database = Database::own(Postgres::builder())?;
    let mut stage = Stage::on(database, sleeping())?;
    for how in [Stop::Fast, Stop::Immediate] {
        let token = stage.token(&["insights"])?;
        let mut idle = Wire::login(stage.plain(), "billing", &token)?;
        idle.query("SELECT 1")?;
        idle.until('Z')?;
        let mut running = Wire::login(stage.plain(), "billing", &token)?;
        running.query("SELECT pg_sleep(60)")?;
        wait_for_sleepers(&stage, "1")?;
        stage.database.server_mut().context("shared")?.stop(how)?;
        // Both are told that it is over, and why, before they are cut off.
        for wire in [&mut idle, &mut running] {
            let last = wire.until('E')?;
            let error = last.last().context("nothing")?;
            assert_eq!(error.field('V').as_deref(), Some("FATAL"), "{how:?}");
            let state = sqlstate(&last).unwrap_or_default();
            assert!(
                ["57P01", "57P02", "08006"].contains(&state.as_str()),
                "{how:?}: {state}"
            );
            // Of more than one last word, each is one.
            while let Ok(message) = wire.message() {
                assert_eq!(message.field('V').as_deref(), Some("FATAL"));
            }
        }
        says(
            &stage.agent(&["insights"])?.error(COUNT)?,
            &["FATAL", "billing", "cannot be reached"],
        );
        assert!(stage.gateway().is_running());
        stage
            .database
            .server_mut()
            .context("shared")?
            .start_again()?;
        wait::until("the database to be back", SOON, || {
            Ok(stage.agent(&["insights"])?.query(COUNT).ok())
        })?;
    }
    Ok(())
}
