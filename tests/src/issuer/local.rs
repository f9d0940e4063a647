//! An issuer inside the test: discovery and JWKS over HTTP, any token for the asking.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{Key, Token};

/// A request head is a few hundred bytes; more is cut off.
const HEAD_BOUND: u64 = 16 * 1024;
/// How long a connection may take to ask, and how long [`Trouble::Silent`] is silent.
const PATIENCE: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(30);

/// The issuer. Its server thread ends with it.
#[derive(Debug)]
pub struct Local {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// `None` once it is joined.
    server: Option<JoinHandle<()>>,
}

/// How an issuer can fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Every connection is closed without an answer.
    Closed,
    /// Connections are taken and then nothing comes.
    Silent,
    /// This status with an empty body.
    Status(u16),
    /// 200 and this text, whatever was asked for.
    Nonsense(String),
}

/// What the server thread and the test both see.
#[derive(Default)]
struct Shared {
    /// Published keys, the signing one first.
    keys: Mutex<Vec<Key>>,
    /// `None` while all is well.
    trouble: Mutex<Option<Trouble>>,
    /// Requests by path, also those that met trouble after they were read.
    requests: Mutex<HashMap<String, usize>>,
    ended: AtomicBool,
}

impl Local {
    /// An issuer that signs with ES256.
    ///
    /// # Errors
    /// When no port or key is to be had.
    pub fn start() -> Result<Self> {
        Self::start_with(Algorithm::ES256)
    }

    /// An issuer that signs with RS256, ES256 or EdDSA.
    ///
    /// # Errors
    /// When no port or key is to be had.
    pub fn start_with(algorithm: Algorithm) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        lock(&shared.keys).push(Key::generate(algorithm)?);
        let server = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || serve(&listener, address, &shared))
        };
        Ok(Self {
            address,
            shared,
            server: Some(server),
        })
    }

    /// The issuer's identifier, which is also where its discovery document is.
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// A good token for `subject`, to be changed as wanted and then signed.
    ///
    /// # Errors
    /// When the issuer has no key left.
    pub fn token(&self, subject: &str) -> Result<Token> {
        let newest = lock(&self.shared.keys).first().cloned();
        Ok(Token::new(
            &self.url(),
            subject,
            newest.context("the issuer has no key")?,
        ))
    }

    /// The JWKS as it is published now; also good as a JWKS file.
    pub fn jwks(&self) -> Value {
        jwks(&lock(&self.shared.keys))
    }

    /// Makes a key that signs from now on. The older ones stay published.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self, algorithm: Algorithm) -> Result<Key> {
        let key = Key::generate(algorithm)?;
        lock(&self.shared.keys).insert(0, key.clone());
        Ok(key)
    }

    /// Takes all keys but the newest out of the JWKS.
    pub fn retire(&self) {
        lock(&self.shared.keys).truncate(1);
    }

    /// Lets it fail in this way until [`Local::recover`].
    pub fn fail(&self, how: Trouble) {
        *lock(&self.shared.trouble) = Some(how);
    }

    pub fn recover(&self) {
        *lock(&self.shared.trouble) = None;
    }

    /// How often `/jwks` was asked for.
    pub fn jwks_requests(&self) -> usize {
        self.requests("/jwks")
    }

    /// How often a path was asked for.
    pub fn requests(&self, path: &str) -> usize {
        lock(&self.shared.requests)
            .get(path)
            .copied()
            .unwrap_or_default()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // One more connection wakes the server so that it sees the end.
        if TcpStream::connect(self.address).is_ok()
            && let Some(server) = self.server.take()
        {
            let _ = server.join();
        }
    }
}

/// Takes connections until the issuer has ended. Each gets a thread, so that a
/// silent one holds up nobody.
fn serve(listener: &TcpListener, address: SocketAddr, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.ended.load(Ordering::Relaxed) {
            return;
        }
        let shared = Arc::clone(shared);
        // A client that goes away in the middle is no error of the issuer.
        thread::spawn(move || answer(&stream, address, &shared).ok());
    }
}

/// Reads one request, answers it and closes.
fn answer(stream: &TcpStream, address: SocketAddr, shared: &Shared) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let path = read_path(stream)?;
    *lock(&shared.requests).entry(path.clone()).or_default() += 1;

    let trouble = lock(&shared.trouble).clone();
    let (status, body) = match trouble {
        Some(Trouble::Closed) => return Ok(()),
        Some(Trouble::Silent) => {
            thread::sleep(SILENCE);
            return Ok(());
        }
        Some(Trouble::Status(status)) => (status, String::new()),
        Some(Trouble::Nonsense(text)) => (200, text),
        None => match path.as_str() {
            "/.well-known/openid-configuration" => (200, discovery(address).to_string()),
            "/jwks" => (200, jwks(&lock(&shared.keys)).to_string()),
            _ => (404, String::new()),
        },
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n");
    let mut stream = stream;
    write!(
        stream,
        "{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    Ok(())
}

/// The path of a GET, once its head has come whole.
fn read_path(stream: &TcpStream) -> Result<String> {
    let mut head = BufReader::new(stream.take(HEAD_BOUND));
    let mut first = String::new();
    head.read_line(&mut first)?;
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).context("no request line")?;
    Ok(path.to_owned())
}

/// What OpenID Connect Discovery 1.0, section 3, requires, as far as there is any of it here.
fn discovery(address: SocketAddr) -> Value {
    let url = url(address);
    json!({
        "issuer": url,
        "jwks_uri": format!("{url}/jwks"),
        "authorization_endpoint": format!("{url}/auth"),
        "token_endpoint": format!("{url}/token"),
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
    })
}

fn jwks(keys: &[Key]) -> Value {
    json!({ "keys": keys.iter().map(Key::jwk).collect::<Vec<_>>() })
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// A test that panicked elsewhere must not hide its message behind a poisoned lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<String> = lock(&self.keys).iter().map(|key| key.id.clone()).collect();
        out.debug_struct("Shared")
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}
