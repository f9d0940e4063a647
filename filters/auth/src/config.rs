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
        let mut errors = Vec::new();
        if self.issuers.is_empty() {
            errors.push(ConfigError::new(
                "/issuers",
                "at least one issuer has to be named",
            ));
        }
        for (name, wanted) in &self.required_claims {
            // Nothing is one of no values: every token would be refused.
            if matches!(wanted, OneOrMany::Many(values) if values.is_empty()) {
                let name = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("/required_claims/{name}");
                errors.push(ConfigError::new(
                    pointer,
                    "at least one value has to be named",
                ));
            }
        }
        errors
    }
}
