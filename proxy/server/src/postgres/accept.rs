//! The opening of a connection: encryption, and what the client wants.
//!
//! SSLRequest and GSSENCRequest come in either order, each answered once; TLS
//! may also begin directly. Whatever a client sends before it has its answer is
//! an attack and ends the connection (CVE-2021-23214).

use bytes::BytesMut;
use narrowgate_codec::postgres::Error as CodecError;
use narrowgate_codec::postgres::startup::{
    self, CancelRequest, EncryptionAnswer, Startup, StartupMessage,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::wire::{Wire, WireError};
use crate::net::{Prefixed, Stream};
use crate::plan::Listener;

/// Packets that a client may send before it says what it wants.
const PACKETS: usize = 4;

/// The ALPN name of the protocol, mandatory where TLS begins directly.
pub const ALPN: &str = "postgresql";

/// What a client wants.
pub(super) enum Opening {
    /// A session.
    Session(Wire, StartupMessage),
    /// Something cancelled. There is no answer to it.
    Cancel(CancelRequest),
}

/// Why a connection does not open.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpeningError {
    /// The peer cannot be talked to.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// TLS failed.
    #[error("the TLS handshake failed: {0}")]
    Tls(std::io::Error),
    /// TLS began directly without naming the protocol.
    #[error("direct TLS without the ALPN protocol {ALPN}")]
    Alpn,
    /// TLS began directly where there is none.
    #[error("TLS on a listener without TLS")]
    NoTls,
    /// Too many packets.
    #[error("too many requests before the session")]
    Packets,
}

impl From<std::io::Error> for OpeningError {
    fn from(error: std::io::Error) -> Self {
        Self::Wire(error.into())
    }
}

impl From<CodecError> for OpeningError {
    fn from(error: CodecError) -> Self {
        Self::Wire(error.into())
    }
}

/// Negotiates encryption and reads what the client wants.
pub(super) async fn negotiate(
    mut tcp: TcpStream,
    listener: &Listener,
) -> Result<Opening, OpeningError> {
    let mut buffer = BytesMut::new();
    for _ in 0..PACKETS {
        match next(&mut tcp, &mut buffer).await? {
            Startup::SslRequest => match &listener.tls {
                Some(tls) => {
                    if !buffer.is_empty() {
                        return Err(CodecError::EarlyData.into());
                    }
                    answer(&mut tcp, EncryptionAnswer::Accepted).await?;
                    return encrypted(tcp, buffer, tls.clone(), false).await;
                }
                None => answer(&mut tcp, EncryptionAnswer::Refused).await?,
            },
            Startup::GssEncRequest => answer(&mut tcp, EncryptionAnswer::Refused).await?,
            Startup::DirectTls => {
                let tls = listener.tls.clone().ok_or(OpeningError::NoTls)?;
                return encrypted(tcp, buffer, tls, true).await;
            }
            Startup::CancelRequest(request) => return Ok(Opening::Cancel(request)),
            Startup::StartupMessage(message) => {
                let stream = Stream::Plain(Prefixed::new(buffer, tcp));
                return Ok(Opening::Session(Wire::new(stream), message));
            }
        }
    }
    Err(OpeningError::Packets)
}

/// Shakes hands; `direct` asks for the protocol's name in ALPN.
async fn encrypted(
    tcp: TcpStream,
    buffer: BytesMut,
    tls: std::sync::Arc<rustls::ServerConfig>,
    direct: bool,
) -> Result<Opening, OpeningError> {
    let stream = TlsAcceptor::from(tls)
        .accept(Prefixed::new(buffer, tcp))
        .await
        .map_err(OpeningError::Tls)?;
    if direct && stream.get_ref().1.alpn_protocol() != Some(ALPN.as_bytes()) {
        return Err(OpeningError::Alpn);
    }
    let mut wire = Wire::new(Stream::Server(Box::new(stream)));
    // libpq asks for GSSAPI encryption before TLS, never within it; a second
    // SSLRequest is as wrong.
    match next(&mut wire.stream, &mut wire.buffer).await? {
        Startup::StartupMessage(message) => Ok(Opening::Session(wire, message)),
        Startup::CancelRequest(request) => Ok(Opening::Cancel(request)),
        _ => Err(OpeningError::Packets),
    }
}

/// The next packet.
async fn next(
    stream: &mut (impl tokio::io::AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<Startup, OpeningError> {
    loop {
        if let Some(packet) = startup::decode(buffer)? {
            return Ok(packet);
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(WireError::Closed.into());
        }
    }
}

/// Answers a request for encryption.
async fn answer(tcp: &mut TcpStream, answer: EncryptionAnswer) -> Result<(), OpeningError> {
    let mut out = BytesMut::new();
    answer.encode(&mut out);
    tcp.write_all(&out).await?;
    Ok(())
}
