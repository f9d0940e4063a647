//! The HTTP client of webhooks: bounded in time, and it goes nowhere but where
//! the configuration says.

use std::time::Duration;

use narrowgate_config::Secret;
use reqwest::redirect::Policy;

/// Longest time of a delivery.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Posts messages.
#[derive(Clone)]
pub struct Client(reqwest::Client);

/// Why a message was not delivered. Never tells the URL, which may be secret.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The address is none.
    #[error("its address is not a URL")]
    Url,
    /// The request failed.
    #[error("{0}")]
    Request(reqwest::Error),
    /// The receiver did not take it. Redirects are not followed.
    #[error("it answers with status {0}")]
    Status(u16),
}

impl Client {
    /// A client.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .user_agent(concat!("narrowgate/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    /// Posts JSON with these further headers.
    pub async fn post(
        &self,
        url: &Secret,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<(), DeliveryError> {
        let url = url.expose_str().ok_or(DeliveryError::Url)?;
        let mut request = self.0.post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request
            .body(body)
            .send()
            .await
            .map_err(|error| DeliveryError::Request(error.without_url()))?;
        // The body is not read: nothing in it matters, and it may be endless.
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(DeliveryError::Status(status.as_u16())),
        }
    }
}
