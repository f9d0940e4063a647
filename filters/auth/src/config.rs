//! The configuration of the filter.

use std::collections::BTreeMap;

use narrowgate_sdk::ConfigError;
use narrowgate_sdk::matcher::OneOrMany;
use schemars::JsonSchema;
use serde::Deserialize;

/// Which tokens are accepted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Names of issuers, from the `issuers` of the configuration.
    pub issuers: Vec<String>,
    /// Claims that a token has to have, with one of these values.
    #[serde(default)]
    pub required_claims: BTreeMap<String, OneOrMany>,
}

impl Config {
    /// What is wrong with it.
    pub(crate) fn check(&self) -> Vec<ConfigError> {
        match self.issuers.is_empty() {
            true => vec![ConfigError::new("/issuers", "at least one issuer has to be named")],
            false => Vec::new(),
        }
    }
}
