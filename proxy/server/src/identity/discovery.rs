//! Where an issuer's keys are, and fetching them (OpenID Connect Discovery 1.0).

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use serde::Deserialize;

use super::keyset::{KeySet, KeySetError};
use crate::plan::{Issuer, KeySource};

/// Longest document, in bytes.
const DOCUMENT: usize = 1 << 20;
/// Longest time for one request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The request failed.
    #[error("{0}")]
    Request(#[from] reqwest::Error),
    /// The answer was not a success.
    #[error("{0} answers with status {1}")]
    Status(String, u16),
    /// The answer is too long.
    #[error("{0} answers with more than {DOCUMENT} bytes")]
    TooLong(String),
    /// The discovery document is no such.
    #[error("not a discovery document: {0}")]
    Discovery(String),
    /// The document belongs to somebody else (section 4.3).
    #[error("the discovery document is of the issuer {0}")]
    OtherIssuer(String),
    /// The keys are somewhere that cannot be trusted.
    #[error("the keys are at {0}, which is neither https nor on this machine")]
    Insecure(String),
    /// The key set is no such.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

/// The part of a discovery document that matters here.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// A client for issuers: bounded in time, without redirects, since those could
/// lead a request for keys anywhere. With `ca` only the authorities in it are
/// trusted, in PEM, instead of the public ones.
pub(super) fn client(ca: Option<&[u8]>) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder().timeout(TIMEOUT).redirect(Policy::none());
    if let Some(pem) = ca {
        builder = builder.tls_built_in_root_certs(false);
        for certificate in Certificate::from_pem_bundle(pem)? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder.build()
}

/// Fetches an issuer's keys.
pub(super) async fn fetch(public: &Client, issuer: &Issuer) -> Result<KeySet, FetchError> {
    let own = issuer
        .ca
        .as_deref()
        .map(|ca| client(Some(ca)))
        .transpose()?;
    let client = own.as_ref().unwrap_or(public);
    let document = match &issuer.keys {
        KeySource::Document(document) => return Ok(KeySet::parse(document)?),
        KeySource::Url(url) => get(client, url).await?,
        KeySource::Discovery => {
            let text = get(client, &Issuer::configuration(&issuer.url)).await?;
            let found: Discovery = serde_json::from_str(&text)
                .map_err(|error| FetchError::Discovery(error.to_string()))?;
            if found.issuer != issuer.url {
                return Err(FetchError::OtherIssuer(found.issuer));
            }
            get(client, &found.jwks_uri).await?
        }
    };
    Ok(KeySet::parse(&document)?)
}

/// A document's text.
async fn get(client: &Client, url: &str) -> Result<String, FetchError> {
    if !trustworthy(url) {
        return Err(FetchError::Insecure(url.to_owned()));
    }
    let mut answer = client
        .get(url)
        .header("accept", "application/json")
        .send()
        .await?;
    if !answer.status().is_success() {
        return Err(FetchError::Status(url.to_owned(), answer.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > DOCUMENT {
            return Err(FetchError::TooLong(url.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| FetchError::Discovery("not UTF-8".to_owned()))
}

/// True for https, and for http that stays on this machine.
pub(crate) fn trustworthy(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_https_or_from_this_machine() {
        for good in [
            "https://id.example.com/keys",
            "http://127.0.0.1:1/",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert!(trustworthy(good), "{good}");
        }
        for bad in [
            "http://id.example.com/keys",
            "http://10.0.0.1/",
            "file:///etc/passwd",
            "x",
        ] {
            assert!(!trustworthy(bad), "{bad}");
        }
    }
}
