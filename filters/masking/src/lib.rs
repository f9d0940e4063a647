//! Which values an agent must not see.
//!
//! The path of an operation: the rules that hold for its session
//! ([`scope`]), what the statement may do and where its result comes from
//! ([`statement`]), and the result on its way ([`exchange`]), where values are
//! replaced by their type ([`value`]), inside JSON ([`json`]) or by what they
//! look like ([`detect`]).

mod audience;
mod config;
mod detect;
mod exchange;
mod filter;
mod json;
mod message;
mod rules;
mod scope;
mod statement;
mod strategy;
mod value;

pub use config::{
    ColumnRule, Config, DetectorRule, DetectorWith, Exempt, Notifications, Predicates,
};
pub use detect::Kind;
pub use filter::Masking;
pub use strategy::Strategy;

narrowgate_sdk::export!(Masking);
