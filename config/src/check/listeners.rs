//! Listeners: their chains and issuers exist, their addresses are free, and no token comes
//! in the clear from another machine.

use std::net::SocketAddr;

use super::names::{dangling, unique};
use crate::fault::Faults;
use crate::model::{Config, Listener};

pub(super) fn check(config: &Config, faults: &mut Faults) {
    let listeners = || config.listeners.iter().enumerate();
    unique(
        listeners().map(|(i, listener)| (format!("/listeners/{i}/name"), listener.name.as_str())),
        |name| format!("the listener `{name}` is given twice"),
        faults,
    );
    addresses(config, faults);
    for (index, listener) in listeners() {
        let at = format!("/listeners/{index}");
        let known = config.chains.keys().map(|name| name.as_str());
        dangling(
            "chain",
            &listener.chain,
            format!("{at}/chain"),
            known,
            faults,
        );
        cleartext(listener, &at, faults);
        if let Some(oauth) = &listener.oauth {
            let known = config.issuers.iter().map(|issuer| issuer.name.as_str());
            let at = format!("{at}/oauth/issuer");
            dangling("issuer", &oauth.issuer, at, known, faults);
        }
    }
}

/// No two ports at one address; the unspecified address is every address.
fn addresses(config: &Config, faults: &mut Faults) {
    let listeners = config.listeners.iter().enumerate();
    let listeners = listeners.map(|(i, listener)| (format!("/listeners/{i}/bind"), listener.bind));
    let admin = config
        .admin
        .iter()
        .map(|admin| ("/admin/bind".to_owned(), admin.bind));
    let mut taken: Vec<(String, SocketAddr)> = Vec::new();
    for (pointer, bind) in listeners.chain(admin) {
        let bind = bind.get();
        match taken.iter().find(|(_, other)| overlap(bind, *other)) {
            Some((first, _)) => {
                faults.conflict(pointer, first, format!("the address {bind} is taken"));
            }
            None => taken.push((pointer, bind)),
        }
    }
}

/// Both addresses take the same connections. Port 0 is another port each time.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let same_address = one.ip() == other.ip();
    let any = |address: SocketAddr| {
        // `::` takes IPv4 connections as well.
        address.ip().is_unspecified() && (address.is_ipv6() || (one.is_ipv4() && other.is_ipv4()))
    };
    one.port() != 0 && one.port() == other.port() && (same_address || any(one) || any(other))
}

fn cleartext(listener: &Listener, at: &str, faults: &mut Faults) {
    let loopback = listener.bind.is_loopback();
    if listener.allow_cleartext && !loopback {
        let message = "`allow_cleartext` is for loopback addresses only: others could read tokens";
        faults.value(format!("{at}/allow_cleartext"), message, None);
    } else if listener.tls.is_none() && !listener.allow_cleartext {
        let mut suggestion = "give it `tls`".to_owned();
        if loopback {
            suggestion += ", or say `allow_cleartext: true`, since only this machine can reach it";
        }
        let message = format!("the listener `{}` has no TLS for its tokens", listener.name);
        faults.value(at, message, Some(suggestion));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_overlap() {
        for (one, other, expected) in [
            ("127.0.0.1:1", "127.0.0.1:1", true),
            ("127.0.0.1:1", "127.0.0.1:2", false),
            ("127.0.0.1:1", "0.0.0.0:1", true),
            ("127.0.0.1:1", "[::]:1", true),
            ("[::1]:1", "0.0.0.0:1", false),
            ("[::1]:1", "[::]:1", true),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(overlap(one, other), expected, "{one} {other}");
            assert_eq!(overlap(other, one), expected, "{other} {one}");
        }
    }
}
