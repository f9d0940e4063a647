//! Tokens, verified by the host.

use wasmtime::Result;

use crate::v0_1::bindings::narrowgate::filter::tokens;
use crate::v0_1::data::Data;
use crate::{Grant, TokenFault};

/// Longest token that is looked at, in bytes.
const TOKEN: usize = 64 << 10;

impl tokens::Host for Data {
    fn verify(&mut self, token: String) -> Result<Result<tokens::Verified, tokens::Fault>> {
        self.particular = true;
        self.need(Grant::Credentials)?;
        if token.len() > TOKEN {
            let what = format!("it is longer than {TOKEN} bytes");
            return Ok(Err(tokens::Fault::Malformed(what)));
        }
        Ok(match self.services.tokens.verify(&token) {
            Ok(verified) => Ok(tokens::Verified {
                issuer: verified.issuer,
                algorithm: verified.algorithm,
                claims: verified.claims,
                header: verified.header,
            }),
            Err(fault) => Err(match fault {
                TokenFault::Malformed(what) => tokens::Fault::Malformed(what),
                TokenFault::UnknownIssuer => tokens::Fault::UnknownIssuer,
                TokenFault::KeysMissing(key) => tokens::Fault::KeysMissing(key),
                TokenFault::UnknownKey => tokens::Fault::UnknownKey,
                TokenFault::BadSignature => tokens::Fault::BadSignature,
                TokenFault::Unavailable => tokens::Fault::Unavailable,
            }),
        })
    }

    fn issuer(&mut self, name: String) -> Result<Option<tokens::Rules>> {
        self.particular = true;
        self.need(Grant::Credentials)?;
        Ok(self
            .services
            .tokens
            .issuer(&name)
            .map(|rules| tokens::Rules {
                audiences: rules.audiences,
                groups_claim: rules.groups_claim,
                subject_claim: rules.subject_claim,
                groups: rules.groups,
                clock_skew: rules.clock_skew,
                lifetime: rules.lifetime,
            }))
    }
}
