//! Who is asking: the rules a token has to meet.
//!
//! The host finds the issuer, fetches its keys and checks the signature; what
//! a token has to say is decided here (RFC 7519, RFC 8725, RFC 9068).

mod claims;
mod config;

use narrowgate_sdk::prelude::*;
use narrowgate_sdk::{Credential, IssuerRules, TokenFault, now};

pub use config::Config;

/// The filter.
pub struct Auth {
    config: Config,
}

impl Filter for Auth {
    type Config = Config;
    const DESCRIPTION: Description = Description::new("auth")
        .events(&[Event::Connect, Event::Renew])
        .grants(&["credentials", "identity", "identify", "clock"])
        .powers(&[Power::Identify, Power::Deny]);

    fn new(config: Config) -> Result<Self, Vec<ConfigError>> {
        let errors = config.check();
        if errors.is_empty() {
            Ok(Self { config })
        } else {
            Err(errors)
        }
    }

    fn connect(&self, _: &Session, credential: Option<&Credential>) -> Connection {
        let credential = match credential {
            Some(credential) if !credential.value.is_empty() => credential,
            _ => return denied("no token was presented").into(),
        };
        if !matches!(credential.kind.as_str(), "bearer" | "password") {
            return denied("only a token is accepted as a credential").into();
        }
        let verified = match credential.verify() {
            Ok(verified) => verified,
            Err(TokenFault::KeysMissing(keys)) => {
                return Connection {
                    verdict: Verdict::Wait(vec![keys]),
                    ..Connection::proceed()
                };
            }
            Err(fault) => return refused(&fault).into(),
        };
        if !self.config.issuers.contains(&verified.issuer) {
            return denied("the token is of an issuer that this chain does not accept").into();
        }
        let Some(rules) = IssuerRules::of(&verified.issuer) else {
            return denied("the issuer of the token is no longer configured").into();
        };
        match claims::judge(&verified, &rules, &self.config, now() / 1000) {
            Ok(identity) => Connection::identified(identity),
            Err(denial) => denial.into(),
        }
    }

    fn renew(&self, session: &Session) -> Verdict {
        let Some(identity) = session.identity() else {
            return denied("nobody is known in this session").into();
        };
        let rules = IssuerRules::of(&identity.issuer);
        let Some(rules) = rules.filter(|_| self.config.issuers.contains(&identity.issuer)) else {
            return denied("the issuer of the token is no longer accepted").into();
        };
        match claims::judge_again(identity, &rules, &self.config, now() / 1000) {
            Ok(()) => Verdict::Proceed,
            Err(denial) => denial.into(),
        }
    }
}

/// A denial for a token that is not good.
fn denied(message: &str) -> Denial {
    Denial::new("unauthenticated", message)
        .rule("auth")
        .hint("Send a fresh access token of a configured issuer as the password.")
}

/// What the host said of a token that it could not verify.
fn refused(fault: &TokenFault) -> Denial {
    match fault {
        TokenFault::Malformed(what) => denied(&format!("the token is not accepted: {what}")),
        TokenFault::UnknownIssuer => denied("the token is of an unknown issuer"),
        TokenFault::UnknownKey => {
            denied("the token is signed with a key that its issuer does not have")
        }
        TokenFault::BadSignature => denied("the signature of the token is wrong"),
        TokenFault::Unavailable | TokenFault::KeysMissing(_) => Denial::new(
            "unavailable",
            "the keys of the token's issuer cannot be had",
        )
        .rule("auth")
        .hint("Try again in a moment; if it stays so, the issuer may be down."),
    }
}

narrowgate_sdk::export!(Auth);

#[cfg(test)]
mod tests;
