//! Connections to targets: TLS, login, start-up.

mod login;

use std::io;

use narrowgate_codec::postgres::backend::{Message, ParameterStatus, field};
use narrowgate_codec::postgres::startup::{
    CancelRequest, EncryptionAnswer, SslRequest, StartupMessage,
};
use narrowgate_codec::postgres::{Limits, ProtocolVersion, SecretKey, Text};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::wire::{Wire, WireError, said};
use crate::net::{Prefixed, Stream};
use crate::plan::{Target, TargetCredential, TargetTls};

/// Longest message before a session is ready, in bytes.
const MESSAGE: u32 = 64 * 1024;
/// Messages before a session is ready.
const MESSAGES: usize = 256;

/// Why a target cannot be used. For the log: clients are told less.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    /// It cannot be connected to.
    #[error("{address}: {error}")]
    Connect {
        /// Where.
        address: String,
        /// Why.
        error: io::Error,
    },
    /// It took too long.
    #[error("no session within the connect timeout")]
    Timeout,
    /// It has no TLS although the configuration asks for it.
    #[error("the server does not offer TLS")]
    NoTls,
    /// TLS failed.
    #[error("TLS: {0}")]
    Tls(io::Error),
    /// The peer cannot be talked to.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// It wants a kind of login that is not supported.
    #[error("the server asks for the unsupported authentication {0}")]
    Authentication(String),
    /// It wants a password, and none is configured.
    #[error("the server asks for a password, and none is configured")]
    NoPassword,
    /// It does not prove that the connection is with itself.
    #[error("the server does not bind the login to the TLS connection, as `channel_binding` asks")]
    Unbound,
    /// The login failed on our side: a server that does not know the password.
    #[error("SCRAM: {0}")]
    Scram(io::Error),
    /// The server refused.
    #[error("the server says {sqlstate}: {message}")]
    Refused {
        /// SQLSTATE.
        sqlstate: String,
        /// Message.
        message: String,
    },
    /// A message that has no place here.
    #[error("an unexpected message during start-up")]
    Unexpected,
}

impl From<narrowgate_codec::postgres::Error> for DialError {
    fn from(error: narrowgate_codec::postgres::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// A session at a target, ready for its first query.
pub(super) struct Upstream {
    /// The connection.
    pub(super) wire: Wire,
    /// Settings that the server has reported.
    pub(super) parameters: Vec<ParameterStatus>,
    /// What to cancel it by, if the server said so.
    pub(super) cancel: Option<CancelRequest>,
}

/// Opens a session.
pub(super) async fn dial(
    target: &Target,
    credential: &TargetCredential,
    database: &str,
    settings: &[(String, String)],
) -> Result<Upstream, DialError> {
    let session = async {
        let stream = connect(target).await?;
        let login = login::Login::new(credential, target.channel_binding);
        start(Wire::new(stream), login, database, settings).await
    };
    tokio::time::timeout(target.connect_timeout, session)
        .await
        .map_err(|_| DialError::Timeout)?
}

/// Asks a target to cancel what a session of ours runs. Nobody answers.
pub(super) async fn cancel(target: &Target, request: &CancelRequest) -> Result<(), DialError> {
    let sending = async {
        let mut wire = Wire::new(connect(target).await?);
        request.encode(&mut wire.out)?;
        wire.send().await?;
        // The server closes when it has passed the signal on.
        let _closed = wire.fill().await;
        Ok(())
    };
    tokio::time::timeout(target.connect_timeout, sending)
        .await
        .map_err(|_| DialError::Timeout)?
}

/// Connects, with TLS where it is configured.
async fn connect(target: &Target) -> Result<Stream, DialError> {
    let address = target.address.clone();
    let tcp = TcpStream::connect(&address)
        .await
        .and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp))
        .map_err(|error| DialError::Connect { address, error })?;
    let mut wire = Wire::new(Stream::Plain(Prefixed::new(Default::default(), tcp)));
    let TargetTls::Required(config, name) = &target.tls else {
        return Ok(wire.stream);
    };
    SslRequest.encode(&mut wire.out);
    wire.send().await?;
    let answer = loop {
        if let Some(answer) = EncryptionAnswer::decode(&mut wire.buffer)? {
            break answer;
        }
        wire.fill().await?;
    };
    if answer != EncryptionAnswer::Accepted {
        return Err(DialError::NoTls);
    }
    let Stream::Plain(plain) = wire.stream else {
        return Err(DialError::Unexpected);
    };
    let tls = TlsConnector::from(config.clone())
        .connect(name.clone(), plain.into_inner())
        .await
        .map_err(DialError::Tls)?;
    Ok(Stream::Client(Box::new(tls)))
}

/// Start-up and login, until the server is ready.
async fn start(
    mut wire: Wire,
    mut login: login::Login<'_>,
    database: &str,
    settings: &[(String, String)],
) -> Result<Upstream, DialError> {
    let mut startup = StartupMessage::new(
        ProtocolVersion::V3_2,
        Text::from(login.username().to_owned()),
    )
    .with("database", database.to_owned())
    .with("client_encoding", "UTF8")
    .with("standard_conforming_strings", "on");
    for (name, value) in settings {
        startup = startup.with(name.clone(), value.clone());
    }
    startup.encode(&mut wire.out)?;
    wire.send().await?;
    let limits = Limits::backend(MESSAGE)
        .with(b'R', MESSAGE)
        .with(b'v', MESSAGE);
    let mut parameters = Vec::new();
    let mut cancel = None;
    for _ in 0..MESSAGES {
        let frame = wire.frame(&limits).await?;
        match Message::decode(&frame)? {
            Message::Authentication(request) => {
                login.answer(request, &wire.stream, &mut wire.out)?;
                wire.send().await?;
            }
            // An older server tells that it speaks 3.0 only: the same to us.
            Message::NegotiateProtocolVersion(_) | Message::NoticeResponse(_) => {}
            Message::ParameterStatus(parameter) => parameters.push(parameter),
            Message::BackendKeyData(key) => {
                cancel =
                    SecretKey::new(key.secret_key.as_bytes().to_vec())
                        .ok()
                        .map(|secret_key| CancelRequest {
                            process_id: key.process_id,
                            secret_key,
                        });
            }
            Message::ReadyForQuery(_) if login.is_done() => {
                return Ok(Upstream {
                    wire,
                    parameters,
                    cancel,
                });
            }
            Message::ErrorResponse(error) => {
                return Err(DialError::Refused {
                    sqlstate: said(&error.fields, field::CODE),
                    message: said(&error.fields, field::MESSAGE),
                });
            }
            _ => return Err(DialError::Unexpected),
        }
    }
    Err(DialError::Unexpected)
}
