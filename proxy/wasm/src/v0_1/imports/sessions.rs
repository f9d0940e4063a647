//! The session an event belongs to.

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::Grant;
use crate::v0_1::bindings::narrowgate::filter::{sessions, types};
use crate::v0_1::convert;
use crate::v0_1::data::{Data, Session};

impl sessions::Host for Data {}

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
