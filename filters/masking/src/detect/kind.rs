//! The detectors there are, under the names that the configuration uses.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    api_key, assignment, aws_key, card, email, iban, ipv4, jwt, phone, private_key, ssn,
    url_password,
};

/// What a detector finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Private keys in PEM, from the first line to the last.
    PrivateKey,
    /// JSON Web Tokens.
    Jwt,
    /// Access key identifiers of AWS.
    AwsKey,
    /// Keys of GitHub, GitLab, Slack, Google, Stripe, npm and others.
    ApiKey,
    /// Passwords inside URLs.
    UrlPassword,
    /// Email addresses.
    Email,
    /// Payment card numbers with a known prefix and a right check digit.
    Card,
    /// Bank account numbers with the right length and check digits.
    Iban,
    /// Social security numbers of the United States, written with separators.
    Ssn,
    /// Telephone numbers, international with `+` or North American.
    Phone,
    /// What is assigned to a name like `password` or `api_key`.
    Secret,
    /// Addresses of version 4 of the Internet protocol.
    Ipv4,
}

impl Kind {
    /// Every detector. The order is the order in which they are asked at the
    /// same place.
    pub(crate) const ALL: [Self; 12] = [
        Self::PrivateKey,
        Self::Jwt,
        Self::AwsKey,
        Self::ApiKey,
        Self::UrlPassword,
        Self::Email,
        Self::Card,
        Self::Iban,
        Self::Ssn,
        Self::Phone,
        Self::Secret,
        Self::Ipv4,
    ];

    /// What stands in place of something that was found.
    pub(crate) fn placeholder(self) -> &'static str {
        match self {
            Self::PrivateKey => "[private_key]",
            Self::Jwt => "[jwt]",
            Self::AwsKey => "[aws_key]",
            Self::ApiKey => "[api_key]",
            Self::UrlPassword => "[password]",
            Self::Email => "[email]",
            Self::Card => "[card]",
            Self::Iban => "[iban]",
            Self::Ssn => "[ssn]",
            Self::Phone => "[phone]",
            Self::Secret => "[secret]",
            Self::Ipv4 => "[ipv4]",
        }
    }

    /// Bytes without which there is nothing to find.
    pub(super) fn anchors(self) -> &'static [u8] {
        match self {
            Self::PrivateKey => b"-",
            Self::Jwt => b"J",
            Self::AwsKey => b"A",
            Self::ApiKey => b"-_z",
            Self::UrlPassword => b":",
            Self::Email => b"@",
            Self::Card | Self::Iban | Self::Ssn | Self::Ipv4 => b"0123456789",
            Self::Phone => b"+(0123456789",
            Self::Secret => b":=",
        }
    }

    /// What is found around an anchor. The range is within the text, not empty
    /// and contains or follows the anchor.
    pub(super) fn find(self, text: &[u8], anchor: usize) -> Option<Range<usize>> {
        match self {
            Self::PrivateKey => private_key::find(text, anchor),
            Self::Jwt => jwt::find(text, anchor),
            Self::AwsKey => aws_key::find(text, anchor),
            Self::ApiKey => api_key::find(text, anchor),
            Self::UrlPassword => url_password::find(text, anchor),
            Self::Email => email::find(text, anchor),
            Self::Card => card::find(text, anchor),
            Self::Iban => iban::find(text, anchor),
            Self::Ssn => ssn::find(text, anchor),
            Self::Phone => phone::find(text, anchor),
            Self::Secret => assignment::find(text, anchor),
            Self::Ipv4 => ipv4::find(text, anchor),
        }
    }

    /// The bit of this detector in a set of them.
    pub(super) fn bit(self) -> u16 {
        1 << self as u16
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Tables of texts for the detectors' tests.

    use super::Kind;

    /// What one detector finds in a text, in order.
    pub(in super::super) fn found(kind: Kind, text: &str) -> Vec<&str> {
        let detectors = super::super::Detectors::new([(kind, crate::strategy::Strategy::Redact)]);
        let mut hits = Vec::new();
        detectors.find(text.as_bytes(), &mut hits);
        hits.iter()
            .map(|hit| text.get(hit.range.clone()).expect("whole characters"))
            .collect()
    }

    /// Every text has to yield exactly what stands beside it.
    pub(in super::super) fn table(kind: Kind, rows: &[(&str, &[&str])]) {
        for (text, expected) in rows {
            assert_eq!(found(kind, text), *expected, "{kind:?} in {text:?}");
        }
    }
}
