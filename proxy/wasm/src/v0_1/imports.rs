//! The imports: what a guest may ask while it is being called. None of them
//! waits.

mod clock;
mod log;
mod operations;
mod postgres;
mod sessions;
mod tokens;

use wasmtime::Result;

use super::bindings::narrowgate::filter::types;
use super::data::Data;
use crate::Grant;
use crate::fault::Refused;

impl types::Host for Data {}

impl Data {
    /// The session of the call. Every call after `configure` has one, and before
    /// that a guest has no handle to ask with.
    fn lent(&self) -> Result<&narrowgate_chain::Session> {
        self.session
            .as_deref()
            .ok_or_else(|| Refused::Outside.into())
    }

    /// The operation of the call.
    fn lent_operation(&self) -> Result<&narrowgate_chain::Operation> {
        self.operation
            .as_deref()
            .ok_or_else(|| Refused::Outside.into())
    }

    /// What the grant is asked for.
    fn need(&self, grant: Grant) -> Result<()> {
        match self.grants.has(grant) {
            true => Ok(()),
            false => Err(Refused::Grant(grant.as_str()).into()),
        }
    }
}
