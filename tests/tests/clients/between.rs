//! Somebody between the gateway and the database, who ends TLS on both sides: certificates are
//! not verified here, so that it is the login alone which keeps them out (RFC 5802, section 6).

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use narrowgate_tests::certs::Authority;
use narrowgate_tests::postgres::{Auth, Postgres};
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, PASSWORD, Setting, Stage};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const COUNT: &str = "SELECT count(*) FROM customers";

/// What they do to the login.
#[derive(Clone, Copy)]
enum Trick {
    /// They pass on what is said.
    Listen,
    /// They take the mechanism that binds off the server's list.
    Unbind,
    /// They ask for the password itself.
    AskPassword,
}

/// What they have on both sides.
#[derive(Clone)]
struct Between {
    server: SocketAddr,
    towards_gateway: TlsAcceptor,
    towards_server: TlsConnector,
    trick: Trick,
    /// Passwords that they were told.
    told: UnboundedSender<String>,
}

impl Between {
    /// Where they listen, and what they are told.
    async fn start(
        server: &Postgres,
        trick: Trick,
    ) -> Result<(SocketAddr, UnboundedReceiver<String>)> {
        let own = Authority::new()?.loopback()?;
        let certificate = CertificateDer::from_pem_slice(own.certificate.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes())?;
        let provider = || Arc::new(ring::default_provider());
        let accept = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(server.authority_file())?)?;
        let connect = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (told, heard) = unbounded_channel();
        let between = Self {
            server: server.address(),
            towards_gateway: TlsAcceptor::from(Arc::new(accept)),
            towards_server: TlsConnector::from(Arc::new(connect)),
            trick,
            told,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                let between = between.clone();
                // A connection that breaks is what the tests are about.
                tokio::spawn(async move { between.pass(gateway).await.ok() });
            }
        });
        Ok((address, heard))
    }

    async fn pass(&self, mut gateway: TcpStream) -> Result<()> {
        let mut request = [0; 8];
        gateway.read_exact(&mut request).await?;
        gateway.write_all(b"S").await?;
        let mut gateway = self.towards_gateway.accept(gateway).await?;
        let startup = packet(&mut gateway).await?;
        // The gateway asks for protocol 3.2.
        assert_eq!(startup.get(4..8), Some(&[0, 3, 0, 2][..]));
        if let Trick::AskPassword = self.trick {
            gateway.write_all(b"R\0\0\0\x08\0\0\0\x03").await?;
            gateway.flush().await?;
            assert_eq!(gateway.read_u8().await?, b'p');
            let password = packet(&mut gateway).await?;
            let password = password.get(4..).unwrap_or_default();
            self.told
                .send(String::from_utf8_lossy(password).into_owned())?;
            return Ok(());
        }
        let mut server = TcpStream::connect(self.server).await?;
        server.write_all(&request).await?;
        assert_eq!(server.read_u8().await?, b'S');
        let mut server = self
            .towards_server
            .connect("localhost".try_into()?, server)
            .await?;
        server.write_all(&startup).await?;
        server.flush().await?;
        if let Trick::Unbind = self.trick {
            loop {
                let tag = server.read_u8().await?;
                let body = packet(&mut server).await?;
                if tag == b'R' {
                    assert!(body.windows(5).any(|part| part == b"-PLUS"));
                    gateway
                        .write_all(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0")
                        .await?;
                    break;
                }
                gateway.write_u8(tag).await?;
                gateway.write_all(&body).await?;
            }
            gateway.flush().await?;
        }
        copy_bidirectional(&mut gateway, &mut server).await?;
        Ok(())
    }
}

/// A length and what it is of.
async fn packet(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    let mut packet = length.to_be_bytes().to_vec();
    packet.resize(usize::try_from(length)?.max(4), 0);
    stream
        .read_exact(packet.get_mut(4..).context("no length")?)
        .await?;
    Ok(packet)
}

/// A server with TLS, and the gateway that comes to it by somebody in between.
async fn stage(auth: Auth, trick: Trick, tls: &str) -> Result<(Stage, UnboundedReceiver<String>)> {
    let database = Database::own(Postgres::builder().auth(auth).tls())?;
    let (address, heard) = Between::start(database.server(), trick).await?;
    let setting = Setting {
        server: Some(address),
        target_tls: tls.to_owned(),
        ..Setting::default()
    };
    Ok((Stage::on(database, setting)?, heard))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_bound_to_its_own_tls_connection() -> Result<()> {
    // Where nothing binds, they hear everything: what is below is not for want of trying.
    let (open, _) = stage(Auth::Md5, Trick::Listen, "{ mode: require }").await?;
    assert_eq!(open.agent(&["insights"])?.query(COUNT)?, "3");

    let (bound, _) = stage(Auth::ScramSha256, Trick::Listen, "{ mode: require }").await?;
    says(
        &bound.agent(&["insights"])?.error(COUNT)?,
        &["cannot be reached"],
    );
    says(
        &bound.database.server().log(),
        &["channel binding check failed"],
    );

    let (unbound, _) = stage(Auth::ScramSha256, Trick::Unbind, "{ mode: require }").await?;
    says(
        &unbound.agent(&["insights"])?.error(COUNT)?,
        &["cannot be reached"],
    );
    says(
        &unbound.database.server().log(),
        &["thinks the server does not"],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_has_to_be_bound_tells_its_password_to_nobody() -> Result<()> {
    let require = "{ mode: require }";
    let (mut stage, mut heard) = stage(Auth::ScramSha256, Trick::AskPassword, require).await?;
    assert!(!stage.agent(&["insights"])?.run(&[COUNT])?.success());
    assert_eq!(
        heard.recv().await.as_deref(),
        Some(format!("{PASSWORD}\0").as_str())
    );

    let bind = "{ mode: require, channel_binding: true }";
    stage.edit(|setting| setting.target_tls = bind.to_owned())?;
    while heard.try_recv().is_ok() {}
    says(
        &stage.agent(&["insights"])?.error(COUNT)?,
        &["cannot be reached"],
    );
    says(&stage.gateway().log(), &["channel_binding"]);
    assert!(heard.try_recv().is_err());
    // The server itself binds; with any weaker login it is not one to talk to.
    stage.edit(|setting| setting.server = None)?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn a_login_is_bound_to_certificates_of_other_hashes_too() -> Result<()> {
    let stage = Stage::on(
        Database::own(Postgres::builder().tls_from(Authority::sha384()?))?,
        Setting {
            target_tls: "{ mode: require, channel_binding: true }".to_owned(),
            ..Setting::default()
        },
    )?;
    assert_eq!(stage.agent(&["insights"])?.query(COUNT)?, "3");
    Ok(())
}

#[test]
fn a_server_that_does_not_bind_is_refused_where_it_has_to() -> Result<()> {
    for auth in [Auth::Md5, Auth::Password, Auth::Trust] {
        let stage = Stage::on(
            Database::own(Postgres::builder().auth(auth).tls())?,
            Setting {
                target_tls: "{ mode: require, channel_binding: true }".to_owned(),
                ..Setting::default()
            },
        )?;
        says(
            &stage.agent(&["insights"])?.error(COUNT)?,
            &["cannot be reached"],
        );
    }
    Ok(())
}
