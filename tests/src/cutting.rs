//! A way to a server that breaks off: it passes on so many bytes, and not one more.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};

/// Longest start-up message that is looked at, in bytes.
const STARTUP: usize = 16 * 1024;

/// Where connections are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    Nowhere,
    /// After so many bytes of the server.
    Down(usize),
    /// After so many bytes to the server.
    Up(usize),
}

/// A listener that passes on to a PostgreSQL server without TLS. It lives as long as
/// the test's process.
#[derive(Debug, Clone)]
pub struct Cutting {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    cut: Cut,
    /// What went up and down the last connection that was looked at.
    up: Vec<u8>,
    down: Vec<u8>,
}

impl Cutting {
    /// A way to `server` which cuts those whose start-up message holds `mark`; others
    /// pass.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(server: SocketAddr, mark: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let way = Self {
            address: listener.local_addr()?,
            state: Arc::new(Mutex::new(State {
                cut: Cut::Nowhere,
                up: Vec::new(),
                down: Vec::new(),
            })),
        };
        let accepting = way.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let way = accepting.clone();
                // One that cannot be passed on is closed.
                thread::spawn(move || way.pass(client, server, mark).ok());
            }
        });
        Ok(way)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the connections that come from now on are cut.
    pub fn cut(&self, cut: Cut) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.cut, state.up, state.down) = (cut, Vec::new(), Vec::new());
    }

    /// What went up and down since.
    pub fn seen(&self) -> (Vec<u8>, Vec<u8>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.up.clone(), state.down.clone())
    }

    fn pass(&self, mut client: TcpStream, server: SocketAddr, mark: &str) -> Result<()> {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let rest = usize::try_from(u32::from_be_bytes(length))?.saturating_sub(4);
        let mut startup = length.to_vec();
        startup.resize(4 + rest.min(STARTUP), 0);
        client.read_exact(startup.get_mut(4..).context("no room")?)?;
        let marked = startup
            .windows(mark.len())
            .any(|part| part == mark.as_bytes());
        let cut = match marked {
            true => {
                self.state
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .cut
            }
            false => Cut::Nowhere,
        };
        let (up, down) = match cut {
            Cut::Nowhere => (usize::MAX, usize::MAX),
            Cut::Down(bytes) => (usize::MAX, bytes),
            Cut::Up(bytes) => (bytes, usize::MAX),
        };
        let mut server = TcpStream::connect(server)?;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
        }
        let (from_server, to_client) = (server.try_clone()?, client.try_clone()?);
        let way = marked.then(|| self.clone());
        let other = way.clone();
        let downwards = thread::spawn(move || {
            copy(from_server, to_client, down, |bytes| {
                if let Some(way) = &other {
                    let mut state = way.state.lock().unwrap_or_else(PoisonError::into_inner);
                    state.down.extend_from_slice(bytes);
                }
            })
        });
        let first = startup.get(..up.min(startup.len())).unwrap_or_default();
        server.write_all(first)?;
        let keep = |bytes: &[u8]| {
            if let Some(way) = &way {
                let mut state = way.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.up.extend_from_slice(bytes);
            }
        };
        keep(first);
        copy(client, server, up.saturating_sub(startup.len()), keep);
        let _ended = downwards.join();
        Ok(())
    }
}

/// Passes on at most so many bytes, and then ends both connections.
fn copy(mut from: TcpStream, mut to: TcpStream, most: usize, keep: impl Fn(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    let mut left = most;
    while left > 0 {
        let Ok(count @ 1..) = from.read(&mut buffer) else {
            break;
        };
        let bytes = buffer.get(..count.min(left)).unwrap_or_default();
        keep(bytes);
        if to.write_all(bytes).is_err() {
            break;
        }
        left = left.saturating_sub(bytes.len());
    }
    for stream in [&from, &to] {
        // It may have ended by itself.
        let _ended = stream.shutdown(Shutdown::Both);
    }
}
