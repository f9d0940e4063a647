//! Contract 0.1.0: the guest's exports, the host's imports, and the way between
//! the contract's types and the chain's.

mod bindings;
mod calls;
mod convert;
mod data;
mod imports;

use narrowgate_chain::{Fault, FaultKind};
use wasmtime::Store;
use wasmtime::component::{InstancePre, Linker};

use self::bindings::exports::narrowgate::filter as events;
use crate::configured::Configured;
use crate::instance::{INSTANTIATE, Instance, Memory, fault};
use crate::load::{Description, LoadError};
use crate::{Engine, Grants, HostServices, TokenFault, Tokens, Verified};

pub(crate) use self::calls::{batch, begin, close, connect, decide, end, inspect, message, renew};
pub(crate) use self::data::Data;

/// Interfaces that a guest of this contract may import.
pub(crate) const IMPORTS: [&str; 7] = [
    "narrowgate:filter/types@0.1.0",
    "narrowgate:filter/sessions@0.1.0",
    "narrowgate:filter/operations@0.1.0",
    "narrowgate:filter/postgres@0.1.0",
    "narrowgate:filter/tokens@0.1.0",
    "narrowgate:filter/clock@0.1.0",
    "narrowgate:filter/log@0.1.0",
];

/// What a component exports: the descriptor, and those events that are there.
pub(crate) struct Exports {
    descriptor: events::descriptor::GuestIndices,
    connect: Option<events::on_connect::GuestIndices>,
    renew: Option<events::on_renew::GuestIndices>,
    operation: Option<events::on_operation::GuestIndices>,
    message: Option<events::on_message::GuestIndices>,
    close: Option<events::on_close::GuestIndices>,
}

/// The same of one instance.
pub(crate) struct Guests {
    descriptor: events::descriptor::Guest,
    connect: Option<events::on_connect::Guest>,
    renew: Option<events::on_renew::Guest>,
    operation: Option<events::on_operation::Guest>,
    message: Option<events::on_message::Guest>,
    close: Option<events::on_close::Guest>,
}

impl Exports {
    /// What a component exports; `None` when it lacks the descriptor.
    pub(crate) fn of(pre: &InstancePre<Data>) -> Option<Self> {
        Some(Self {
            descriptor: events::descriptor::GuestIndices::new(pre).ok()?,
            connect: events::on_connect::GuestIndices::new(pre).ok(),
            renew: events::on_renew::GuestIndices::new(pre).ok(),
            operation: events::on_operation::GuestIndices::new(pre).ok(),
            message: events::on_message::GuestIndices::new(pre).ok(),
            close: events::on_close::GuestIndices::new(pre).ok(),
        })
    }

    pub(crate) fn connect(&self) -> bool {
        self.connect.is_some()
    }

    pub(crate) fn renew(&self) -> bool {
        self.renew.is_some()
    }

    pub(crate) fn operation(&self) -> bool {
        self.operation.is_some()
    }

    pub(crate) fn message(&self) -> bool {
        self.message.is_some()
    }

    pub(crate) fn close(&self) -> bool {
        self.close.is_some()
    }

    /// The exports of an instance.
    fn load(
        &self,
        store: &mut Store<Data>,
        instance: &wasmtime::component::Instance,
    ) -> wasmtime::Result<Guests> {
        macro_rules! event {
            ($of:expr) => {
                match &$of {
                    Some(indices) => Some(indices.load(&mut *store, instance)?),
                    None => None,
                }
            };
        }
        Ok(Guests {
            descriptor: self.descriptor.load(&mut *store, instance)?,
            connect: event!(self.connect),
            renew: event!(self.renew),
            operation: event!(self.operation),
            message: event!(self.message),
            close: event!(self.close),
        })
    }
}

/// A linker with the imports of this contract.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Data>> {
    let mut linker = Linker::new(engine.inner());
    bindings::Filter::add_to_linker::<Data, wasmtime::component::HasSelf<Data>>(
        &mut linker,
        |data| data,
    )?;
    Ok(linker)
}

/// Asks a component what it is. It gets no grant and little time for it.
pub(crate) fn describe(
    engine: &Engine,
    pre: &InstancePre<Data>,
    exports: &Exports,
) -> Result<Description, LoadError> {
    let failed = |error: wasmtime::Error| LoadError::Describe(format!("{error:#}"));
    let services = HostServices {
        tokens: std::sync::Arc::new(NoTokens),
        offset_minutes: 0,
    };
    let data = Data::new("", Grants::default(), services, crate::engine::MAX_MEMORY);
    let mut store = store(engine, data);
    store.set_epoch_deadline(deadline());
    let instance = pre.instantiate(&mut store).map_err(failed)?;
    let guest = exports
        .descriptor
        .load(&mut store, &instance)
        .map_err(failed)?;
    let (description,) = guest.func_describe().call(&mut store, ()).map_err(failed)?;
    Ok(Description {
        name: description.name,
        version: description.version,
        schema: description.schema,
        events: description.events,
        grants: description.grants,
        powers: description.powers,
        secrets: description.secrets,
    })
}

/// Configures one instance, to see whether the configuration is good.
pub(crate) fn try_configure(configured: &Configured) -> Vec<(String, String)> {
    let failed = |error: wasmtime::Error| {
        vec![(
            String::new(),
            format!("the filter cannot be configured: {error:#}"),
        )]
    };
    let mut store = store(&configured.module.engine, data(configured));
    store.set_epoch_deadline(deadline());
    let asked = configured
        .module
        .pre
        .instantiate(&mut store)
        .and_then(|instance| {
            let guest = configured
                .module
                .exports
                .descriptor
                .load(&mut store, &instance)?;
            guest
                .func_configure()
                .call(&mut store, (&configured.setup.config,))
        });
    match asked {
        Ok((errors,)) => errors.into_iter().map(|e| (e.pointer, e.message)).collect(),
        Err(error) => failed(error),
    }
}

/// A configured instance.
pub(crate) async fn instantiate(configured: &Configured) -> Result<Instance, Fault> {
    let failed = |error: wasmtime::Error| {
        fault(
            configured,
            FaultKind::Instances,
            format!("no instance can be made: {error:#}"),
        )
    };
    let mut store = store(&configured.module.engine, data(configured));
    store.set_epoch_deadline(deadline());
    let instance = configured
        .module
        .pre
        .instantiate_async(&mut store)
        .await
        .map_err(failed)?;
    let guests = configured
        .module
        .exports
        .load(&mut store, &instance)
        .map_err(failed)?;
    let configure = guests.descriptor.func_configure();
    let (errors,) = configure
        .call_async(&mut store, (&configured.setup.config,))
        .await
        .map_err(failed)?;
    if !errors.is_empty() {
        return Err(fault(
            configured,
            FaultKind::Answer,
            "it no longer takes its configuration",
        ));
    }
    if !configured.setup.trusted {
        store.epoch_deadline_async_yield_and_update(1);
    }
    Ok(Instance {
        store,
        guests,
        trusted: configured.setup.trusted,
        garbage: Vec::new(),
    })
}

/// A store for an instance.
fn store(engine: &Engine, data: Data) -> Store<Data> {
    let mut store = Store::new(engine.inner(), data);
    store.limiter(|data| &mut data.memory);
    store.epoch_deadline_trap();
    store
}

/// What an instance of a filter is given.
fn data(configured: &Configured) -> Data {
    let setup = &configured.setup;
    Data::new(
        &setup.name,
        setup.grants,
        setup.services.clone(),
        setup.limits.memory,
    )
}

/// Epochs for making and configuring an instance.
fn deadline() -> u64 {
    u64::try_from(INSTANTIATE.as_millis() / crate::engine::EPOCH.as_millis()).unwrap_or(u64::MAX)
}

/// Tokens for a component that is only being described.
struct NoTokens;

impl Tokens for NoTokens {
    fn verify(&self, _token: &str) -> Result<Verified, TokenFault> {
        Err(TokenFault::Unavailable)
    }

    fn issuer(&self, _name: &str) -> Option<crate::IssuerRules> {
        None
    }
}

impl Memory {
    fn new(most: usize) -> Self {
        Self {
            most,
            exceeded: false,
        }
    }
}
