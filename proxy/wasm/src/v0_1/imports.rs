//! The imports: what a guest may ask while it is being called.

use std::time::{SystemTime, UNIX_EPOCH};

use narrowgate_chain::Detail;
use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use super::bindings::narrowgate::filter::{
    clock, log, operations, postgres, sessions, tokens, types,
};
use super::convert;
use super::data::{Data, Operation, Session};
use crate::{Grant, TokenFault};

/// Longest line of a filter's log, in bytes.
const LINE: usize = 1024;

impl types::Host for Data {}
impl sessions::Host for Data {}
impl operations::Host for Data {}

impl Data {
    /// The session of the call; a guest that kept a handle beyond it is at fault.
    fn lent(&self) -> Result<&narrowgate_chain::Session> {
        match &self.session {
            Some(session) => Ok(session),
            None => bail!("a session is asked outside of a call"),
        }
    }

    /// The operation of the call.
    fn lent_operation(&self) -> Result<&narrowgate_chain::Operation> {
        match &self.operation {
            Some(operation) => Ok(operation),
            None => bail!("an operation is asked outside of a call"),
        }
    }

    /// What the grant is asked for.
    fn need(&self, grant: Grant) -> Result<()> {
        match self.grants.has(grant) {
            true => Ok(()),
            false => bail!("this needs the grant {}", grant.as_str()),
        }
    }
}

impl sessions::HostSession for Data {
    fn id(&mut self, _: Resource<Session>) -> Result<String> {
        Ok(self.lent()?.start.id.clone())
    }

    fn listener(&mut self, _: Resource<Session>) -> Result<String> {
        Ok(self.lent()?.start.listener.clone())
    }

    fn protocol(&mut self, _: Resource<Session>) -> Result<String> {
        Ok(self.lent()?.start.protocol.to_owned())
    }

    fn target(&mut self, _: Resource<Session>) -> Result<String> {
        Ok(self.lent()?.start.target.clone())
    }

    fn client(&mut self, _: Resource<Session>) -> Result<String> {
        Ok(self.lent()?.start.client.clone())
    }

    fn user(&mut self, _: Resource<Session>) -> Result<String> {
        Ok(self.lent()?.start.user.clone())
    }

    fn encrypted(&mut self, _: Resource<Session>) -> Result<bool> {
        Ok(self.lent()?.start.encrypted)
    }

    fn identity(&mut self, _: Resource<Session>) -> Result<Option<types::Identity>> {
        let identity = self.lent()?.identity();
        let seen = identity.filter(|_| self.grants.has(Grant::Identity));
        Ok(seen.as_deref().map(convert::identity_out))
    }

    fn attribute(
        &mut self,
        _: Resource<Session>,
        name: String,
    ) -> Result<Option<types::ValueResult>> {
        Ok(self.lent()?.attribute(&name).map(convert::value_out))
    }

    fn drop(&mut self, _: Resource<Session>) -> Result<()> {
        Ok(())
    }
}

impl operations::HostOperation for Data {
    fn text(&mut self, _: Resource<Operation>) -> Result<Option<String>> {
        let operation = self.lent_operation()?;
        Ok(self
            .grants
            .has(Grant::Text)
            .then(|| operation.text.to_string()))
    }

    fn parameters(&mut self, _: Resource<Operation>) -> Result<Option<Vec<Option<Vec<u8>>>>> {
        let operation = self.lent_operation()?;
        let parameters = || {
            operation
                .parameters
                .iter()
                .map(|p| p.as_ref().map(|p| p.to_vec()))
        };
        Ok(self
            .grants
            .has(Grant::Parameters)
            .then(|| parameters().collect()))
    }

    fn attribute(
        &mut self,
        _: Resource<Operation>,
        name: String,
    ) -> Result<Option<Vec<(String, types::ValueResult)>>> {
        let operation = self.lent_operation()?;
        let found = operation.attributes.iter().find(|(key, _)| *key == name);
        Ok(found.map(|(key, value)| vec![(key.to_string(), convert::value_out(value.clone()))]))
    }

    fn drop(&mut self, _: Resource<Operation>) -> Result<()> {
        Ok(())
    }
}

impl postgres::Host for Data {
    fn origins(&mut self, _: Resource<Operation>) -> Result<Option<Vec<postgres::Origin>>> {
        let Detail::Postgres(detail) = &self.lent_operation()?.detail else {
            return Ok(None);
        };
        Ok(detail.origins.as_ref().map(|origins| {
            origins
                .iter()
                .map(|origin| postgres::Origin {
                    name: origin.name.clone(),
                    known: origin.known,
                    direct: origin.direct,
                    columns: origin.columns.clone(),
                })
                .collect()
        }))
    }

    fn predicates(&mut self, _: Resource<Operation>) -> Result<Vec<postgres::Predicate>> {
        let Detail::Postgres(detail) = &self.lent_operation()?.detail else {
            return Ok(Vec::new());
        };
        Ok(detail
            .predicates
            .iter()
            .map(|predicate| postgres::Predicate {
                column: predicate.column.clone(),
                equality: predicate.equality,
            })
            .collect())
    }

    fn flows(&mut self, _: Resource<Operation>) -> Result<Vec<postgres::Flow>> {
        let Detail::Postgres(detail) = &self.lent_operation()?.detail else {
            return Ok(Vec::new());
        };
        Ok(detail
            .flows
            .iter()
            .map(|flow| postgres::Flow {
                known: flow.known,
                columns: flow.columns.clone(),
                into_kind: flow.into_kind.to_owned(),
                into: flow.into.clone(),
            })
            .collect())
    }

    fn reach(&mut self, _: Resource<Operation>) -> Result<Vec<String>> {
        let Detail::Postgres(detail) = &self.lent_operation()?.detail else {
            return Ok(Vec::new());
        };
        Ok(detail.reach.clone())
    }
}

impl tokens::Host for Data {
    fn verify(&mut self, token: String) -> Result<Result<tokens::Verified, tokens::Fault>> {
        self.need(Grant::Credentials)?;
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

impl clock::Host for Data {
    fn now(&mut self) -> Result<u64> {
        self.need(Grant::Clock)?;
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn offset(&mut self) -> Result<i32> {
        self.need(Grant::Clock)?;
        Ok(self.services.offset_minutes)
    }
}

impl log::Host for Data {
    fn write(&mut self, level: log::Level, mut message: String) -> Result<()> {
        if !self.may_log() {
            return Ok(());
        }
        let mut end = LINE.min(message.len());
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
        let filter = self.name.as_str();
        match level {
            log::Level::Debug => tracing::debug!(filter, message),
            log::Level::Info => tracing::info!(filter, message),
            log::Level::Warn => tracing::warn!(filter, message),
            log::Level::Error => tracing::error!(filter, message),
        }
        Ok(())
    }
}
