//! The operation that is being decided.

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::Grant;
use crate::v0_1::bindings::narrowgate::filter::{operations, types};
use crate::v0_1::convert;
use crate::v0_1::data::{Data, Operation};

impl operations::Host for Data {}

impl operations::HostOperation for Data {
    fn text(&mut self, _: Resource<Operation>) -> Result<Option<String>> {
        self.particular = true;
        let operation = self.lent_operation()?;
        Ok(self
            .grants
            .has(Grant::Text)
            .then(|| operation.text.to_string()))
    }

    fn parameters(&mut self, _: Resource<Operation>) -> Result<Option<Vec<Option<Vec<u8>>>>> {
        self.particular = true;
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
        let mut all = operation.attributes.iter().chain(&operation.further);
        let found = all.find(|(key, _)| *key == name);
        Ok(found.map(|(key, value)| vec![(key.to_string(), convert::value_out(value.clone()))]))
    }

    fn drop(&mut self, _: Resource<Operation>) -> Result<()> {
        Ok(())
    }
}
