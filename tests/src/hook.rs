//! Somebody who is told by webhook: keeps every delivery as it came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::stage::SOON;
use crate::wait;
use anyhow::Result;

/// A listener on a loopback port that takes every delivery.
pub struct Hook {
    address: SocketAddr,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

/// A POST as it came.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub head: String,
    body: String,
}

impl Hook {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let deliveries: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let kept = deliveries.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Ok(delivery) = take(stream) {
                    kept.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(delivery);
                }
            }
        });
        Ok(Self {
            address,
            deliveries,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Waits for the delivery about a request that names a state.
    pub fn wait_for(&self, id: &str, state: &str) -> Result<Delivery> {
        wait::until(&format!("{state} of {id}"), SOON, || {
            let deliveries = self
                .deliveries
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let told = |delivery: &&Delivery| {
                delivery.body.contains(id) && delivery.body.contains(&format!("\"{state}\""))
            };
            Ok(deliveries.iter().find(told).cloned())
        })
    }
}

fn take(mut stream: TcpStream) -> Result<Delivery> {
    stream.set_read_timeout(Some(SOON))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head)?;
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")?;
    Ok(Delivery {
        head,
        body: String::from_utf8(body)?,
    })
}

impl Delivery {
    /// Whether `Narrowgate-Signature: t=…,v1=…` is the HMAC-SHA-256 of `t.body`.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let signature = self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("narrowgate-signature")
                .then(|| value.trim())
        });
        let Some((time, hex)) =
            signature.and_then(|text| text.strip_prefix("t=")?.split_once(",v1="))
        else {
            return false;
        };
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        let signed = format!("{time}.{}", self.body);
        let made =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
        made.is_ok_and(|made| decode(&made).is_some_and(|made| made == hex))
    }
}

/// From URL-safe base64 to hexadecimal.
fn decode(base64: &str) -> Option<String> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(base64)
        .ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
