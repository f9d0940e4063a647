//! What counts as this machine.

use url::{Host, Url};

/// The host is this machine by its address, or `localhost` (RFC 6761, section
/// 6.3).
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// An https URL, or an http URL of this machine, without user information.
pub(super) fn protected(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("is http on another machine, where anybody between can change it"),
        _ => return Err("is not an https URL"),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("is a URL without a host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("is a URL with a user name or password in it");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine() {
        for text in [
            "https://id.example.com",
            "http://127.0.0.1:8080/x",
            "http://[::1]/",
            "http://localhost:1",
        ] {
            assert!(protected(text).is_ok(), "{text}");
        }
        for text in [
            "http://id.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "id.example.com",
            "https://user@id.example.com",
            "https://",
        ] {
            assert!(protected(text).is_err(), "{text}");
        }
    }
}
