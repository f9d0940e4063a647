//! What is asked of the host during an event. Natively there is no host: tests
//! give what is needed beforehand (see [`testing`](crate::testing)), and what
//! they did not give is not there.

use std::cell::RefCell;

use crate::bindings::narrowgate::filter as wit;
use crate::{IssuerRules, TokenFault, Verified};

/// Whether there is a host.
const WASM: bool = cfg!(target_arch = "wasm32");

thread_local! {
    /// What a test says that the host knows.
    pub(crate) static TEST: RefCell<TestHost> = RefCell::default();
}

/// What a test says that the host knows.
#[derive(Default)]
pub(crate) struct TestHost {
    pub(crate) now: u64,
    pub(crate) offset: i32,
    pub(crate) tokens: Vec<(String, Result<Verified, TokenFault>)>,
    pub(crate) issuers: Vec<(String, IssuerRules)>,
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For whoever writes the filter.
    Debug,
    /// For whoever runs the gateway.
    Info,
    /// Something is wrong and the filter goes on.
    Warn,
    /// Something is wrong and the filter denies for it.
    Error,
}

/// Writes a line to the gateway's log.
pub fn log(level: Level, message: &str) {
    if WASM {
        let level = match level {
            Level::Debug => wit::log::Level::Debug,
            Level::Info => wit::log::Level::Info,
            Level::Warn => wit::log::Level::Warn,
            Level::Error => wit::log::Level::Error,
        };
        wit::log::write(level, message);
    }
}

/// Milliseconds since 1970-01-01 UTC. Needs the grant `clock`.
pub fn now() -> u64 {
    if WASM {
        wit::clock::now()
    } else {
        TEST.with_borrow(|test| test.now)
    }
}

/// Minutes that the gateway's time zone is ahead of UTC. Needs the grant `clock`.
pub fn utc_offset_minutes() -> i32 {
    if WASM {
        wit::clock::offset()
    } else {
        TEST.with_borrow(|test| test.offset)
    }
}

pub(crate) fn verify(token: &str) -> Result<Verified, TokenFault> {
    if !WASM {
        return TEST.with_borrow(|test| {
            let known = test.tokens.iter().find(|(known, _)| known == token);
            known.map_or(Err(TokenFault::BadSignature), |(_, verified)| {
                verified.clone()
            })
        });
    }
    match wit::tokens::verify(token) {
        Ok(verified) => Ok(Verified {
            issuer: verified.issuer,
            algorithm: verified.algorithm,
            claims: verified.claims,
            header: verified.header,
        }),
        Err(fault) => Err(match fault {
            wit::tokens::Fault::Malformed(what) => TokenFault::Malformed(what),
            wit::tokens::Fault::UnknownIssuer => TokenFault::UnknownIssuer,
            wit::tokens::Fault::KeysMissing(key) => TokenFault::KeysMissing(key),
            wit::tokens::Fault::UnknownKey => TokenFault::UnknownKey,
            wit::tokens::Fault::BadSignature => TokenFault::BadSignature,
            wit::tokens::Fault::Unavailable => TokenFault::Unavailable,
        }),
    }
}

pub(crate) fn issuer(name: &str) -> Option<IssuerRules> {
    if !WASM {
        return TEST.with_borrow(|test| {
            test.issuers
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, rules)| rules.clone())
        });
    }
    wit::tokens::issuer(name).map(|rules| IssuerRules {
        audiences: rules.audiences,
        groups_claim: rules.groups_claim,
        subject_claim: rules.subject_claim,
        groups: rules.groups,
        clock_skew: rules.clock_skew,
        lifetime: rules.lifetime,
    })
}
