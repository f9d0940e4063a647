//! An issuer identifier (OpenID Connect Core 1.0, section 2).

use std::fmt;
use std::ops::Deref;

use super::loopback::protected;
use super::text::{Refused, Text, text_value};

/// An issuer identifier, compared as it is written: `iss` must be equal to it
/// to the letter (OpenID Connect Core 1.0, section 3.1.3.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IssuerUrl(String);

impl Text for IssuerUrl {
    const FORMAT: &'static str = "issuer-url";
    const EXPECTED: &'static str = "an https URL";

    fn parse(text: &str) -> Result<Self, Refused> {
        let url = protected(text)
            .map_err(|message| Refused::hint(message, "write the issuer's https URL"))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Refused::new(
                "is an issuer with a query or fragment, which none has",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

text_value!(
    IssuerUrl,
    "An issuer identifier: an https URL without query or fragment, equal to the tokens' `iss` to \
     the letter. http is accepted for this machine only."
);

impl Deref for IssuerUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_as_written() {
        assert_eq!(
            &*IssuerUrl::parse("https://id.example.com").unwrap(),
            "https://id.example.com"
        );
        assert!(IssuerUrl::parse("https://id.example.com/?a").is_err());
    }
}
