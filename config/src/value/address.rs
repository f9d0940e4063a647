//! Addresses: where the gateway listens, and where targets are.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::text::{Refused, Text, text_value};

/// Where the gateway listens: an IP address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bind(SocketAddr);

impl Bind {
    /// The address itself.
    pub const fn get(self) -> SocketAddr {
        self.0
    }

    /// Only this machine can reach it.
    pub fn is_loopback(self) -> bool {
        self.0.ip().to_canonical().is_loopback()
    }
}

impl Text for Bind {
    const FORMAT: &'static str = "bind-address";
    const EXPECTED: &'static str = "an IP address with its port, such as 127.0.0.1:6432";

    fn parse(text: &str) -> Result<Self, Refused> {
        text.parse().map(Self).map_err(|_| {
            Refused::hint(
                "is not an IP address with a port",
                "write one such as 127.0.0.1:6432 or [::1]:6432",
            )
        })
    }
}

text_value!(
    Bind,
    "An IP address with its port: `127.0.0.1:6432`, `[::1]:6432`."
);

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a target is: a host name or IP address, and a port.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// Host name or IP address, without brackets.
    host: String,
    /// Port, never 0.
    port: u16,
}

impl HostPort {
    /// Host name or IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, never 0.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Text for HostPort {
    const FORMAT: &'static str = "host-port";
    const EXPECTED: &'static str = "a host with its port, such as db.example.com:5432";

    fn parse(text: &str) -> Result<Self, Refused> {
        let refused = || {
            Refused::hint(
                "is not a host with a port",
                "write one such as db.example.com:5432",
            )
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(refused)?;
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port
            .parse::<u16>()
            .ok()
            .filter(|port| digits && *port != 0)
            .ok_or_else(refused)?;
        let host = match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(address) => match address.parse() {
                Ok(IpAddr::V6(_)) => address,
                _ => return Err(refused()),
            },
            None => host,
        };
        let is_name = |host: &str| {
            (1..=253).contains(&host.len())
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        if !is_name(host) && host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(refused());
        }
        // An IPv6 address without brackets could be read in two ways.
        if host.contains(':') && !text.starts_with('[') {
            return Err(refused());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

text_value!(
    HostPort,
    "A host name or IP address with its port: `db.example.com:5432`, `[::1]:5432`."
);

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Debug for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for text in ["db.example.com:5432", "127.0.0.1:1", "[::1]:5432"] {
            assert_eq!(HostPort::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "db", "db:", "db:0", "db:+1", "db:65536", ":5432", "::1:5432", "[db]:1", "a b:1",
            "/run/x:1",
        ] {
            assert!(HostPort::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_in_both_families() {
        for (text, loopback) in [
            ("127.0.0.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
        ] {
            assert_eq!(Bind::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
        assert!(Bind::parse("localhost:1").is_err());
    }
}
