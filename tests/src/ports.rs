//! Loopback ports that nobody else gets.
//!
//! Asking the kernel for port 0 and using the number later is not enough: an
//! outgoing connection may take it in between, and two gateways that bind with
//! SO_REUSEPORT would share a port without an error. So ports come from below the
//! ephemeral range, and each is held by a file lock for the life of the process.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use rand::Rng;

/// Below Linux' default `ip_local_port_range`, above the well-known ports.
const RANGE: std::ops::Range<u16> = 20_000..32_000;
const TRIES: usize = 1_000;

/// The locks of the ports handed out; the kernel drops them with the process.
static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A free port on 127.0.0.1, ours until this process ends.
///
/// # Errors
/// When none is found, or the temporary folder cannot be written.
pub fn free() -> Result<u16> {
    let locks = std::env::temp_dir().join(format!(
        "narrowgate-ports-{}",
        rustix::process::getuid().as_raw()
    ));
    fs::create_dir_all(&locks).with_context(|| locks.display().to_string())?;
    for _ in 0..TRIES {
        let port = rand::rng().random_range(RANGE);
        let lock = File::create(locks.join(port.to_string()))?;
        if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
            held.push(lock);
            return Ok(port);
        }
    }
    bail!("no free port in {RANGE:?} after {TRIES} tries")
}

/// 127.0.0.1 with a [`free`] port.
///
/// # Errors
/// As [`free`].
pub fn free_address() -> Result<SocketAddr> {
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, free()?)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::TcpListener;

    #[test]
    fn no_port_is_handed_out_twice_and_each_can_be_bound() {
        let ports: HashSet<u16> = (0..200).map(|_| super::free().unwrap()).collect();
        assert_eq!(ports.len(), 200);
        for port in ports {
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }
}
