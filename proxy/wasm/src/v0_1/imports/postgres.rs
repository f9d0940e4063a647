//! What PostgreSQL statements have beyond the summary.

use narrowgate_chain::{Detail, PostgresDetail};
use wasmtime::Result;
use wasmtime::component::Resource;

use crate::v0_1::bindings::narrowgate::filter::postgres;
use crate::v0_1::data::{Data, Operation};

impl Data {
    /// The detail of the operation, if it is one of PostgreSQL.
    fn detail(&self) -> Result<Option<&PostgresDetail>> {
        Ok(match &self.lent_operation()?.detail {
            Detail::Postgres(detail) => Some(detail),
            Detail::None => None,
        })
    }
}

impl postgres::Host for Data {
    fn origins(&mut self, _: Resource<Operation>) -> Result<Option<Vec<postgres::Origin>>> {
        let Some(detail) = self.detail()? else {
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
        let Some(detail) = self.detail()? else {
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
        let Some(detail) = self.detail()? else {
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
        let Some(detail) = self.detail()? else {
            return Ok(Vec::new());
        };
        Ok(detail.reach.clone())
    }
}
