//! The time.

use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::Result;

use crate::Grant;
use crate::v0_1::bindings::narrowgate::filter::clock;
use crate::v0_1::data::Data;

impl clock::Host for Data {
    fn now(&mut self) -> Result<u64> {
        self.particular = true;
        self.need(Grant::Clock)?;
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn offset(&mut self) -> Result<i32> {
        self.particular = true;
        self.need(Grant::Clock)?;
        Ok((self.services.offset_minutes)())
    }
}
