//! Contract 0.1.0: the guest's exports, the host's imports, and the way between
//! the contract's types and the chain's.

mod bindings;
mod calls;
mod convert;
mod data;
mod imports;
mod summary;

use std::sync::Arc;
use std::time::{Duration, Instant};

use narrowgate_chain::{Events, Fault, FaultKind};
use wasmtime::component::{InstancePre, Linker};
use wasmtime::{Store, UpdateDeadline};

use self::bindings::exports::narrowgate::filter as events;
use crate::configured::Configured;
use crate::engine::MAX_MEMORY;
use crate::fault::{failed, fault};
use crate::instance::{Instance, epochs};
use crate::load::{Description, LoadError};
use crate::{Engine, Grants, HostServices, TokenFault, Tokens, Verified};

pub(crate) use self::calls::{
    Answer, batch, begin, close, connect, decide, discard, end, inspect, message, renew, size,
};
pub(crate) use self::data::Data;

/// How long making and configuring an instance may take.
const INSTANTIATE: Duration = Duration::from_secs(2);
/// Times that a filter which is not ours gives way and goes on as soon as nobody
/// else is ready.
const BRISK: u32 = 10;
/// How long it is paused each time after that: a filter that takes so long may
/// never answer, and those who come in between must not wait for it.
const PAUSE: Duration = Duration::from_millis(3);
/// Bytes that a description, or what is wrong with a configuration, may have.
const DESCRIPTION: usize = 4 << 20;

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
    /// What a component exports. An interface that is there has to be whole: a
    /// filter that is never asked would allow what it was written to deny.
    pub(crate) fn of(pre: &InstancePre<Data>) -> Result<Self, LoadError> {
        let link = |error: wasmtime::Error| LoadError::Link(format!("{error:#}"));
        macro_rules! event {
            ($name:ident, $interface:literal) => {
                match pre.component().get_export_index(None, $interface) {
                    Some(_) => Some(events::$name::GuestIndices::new(pre).map_err(link)?),
                    None => None,
                }
            };
        }
        Ok(Self {
            descriptor: events::descriptor::GuestIndices::new(pre).map_err(link)?,
            connect: event!(on_connect, "narrowgate:filter/on-connect@0.1.0"),
            renew: event!(on_renew, "narrowgate:filter/on-renew@0.1.0"),
            operation: event!(on_operation, "narrowgate:filter/on-operation@0.1.0"),
            message: event!(on_message, "narrowgate:filter/on-message@0.1.0"),
            close: event!(on_close, "narrowgate:filter/on-close@0.1.0"),
        })
    }

    /// The events among them.
    pub(crate) fn events(&self) -> Events {
        Events {
            connect: self.connect.is_some(),
            renew: self.renew.is_some(),
            operation: self.operation.is_some(),
            message: self.message.is_some(),
            close: self.close.is_some(),
        }
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
        tokens: Arc::new(NoTokens),
        offset_minutes: || 0,
    };
    let data = Data::new("", Grants::default(), services, MAX_MEMORY, Arc::default());
    let mut store = store(engine, data, true);
    let instance = pre.instantiate(&mut store).map_err(failed)?;
    // All of them, so that one of another shape is found now.
    let guests = exports.load(&mut store, &instance).map_err(failed)?;
    let describe = guests.descriptor.func_describe();
    let (description,) = describe.call(&mut store, ()).map_err(failed)?;
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
    let mut store = store(&configured.module.engine, data(configured), true);
    let asked = configured
        .module
        .pre
        .instantiate(&mut store)
        .and_then(|instance| {
            let guests = configured.module.exports.load(&mut store, &instance)?;
            let configure = guests.descriptor.func_configure();
            configure.call(&mut store, (&configured.setup.config,))
        });
    match asked {
        Ok((errors,)) => errors.into_iter().map(|e| (e.pointer, e.message)).collect(),
        Err(error) => vec![(
            String::new(),
            format!("the filter cannot be configured: {error:#}"),
        )],
    }
}

/// A configured instance.
pub(crate) async fn instantiate(configured: &Configured) -> Result<Instance, Fault> {
    let engine = &configured.module.engine;
    let none = || {
        fault(
            configured,
            FaultKind::Instances,
            "there is no place for one more instance",
        )
    };
    let trusted = configured.setup.trusted;
    let place = match trusted {
        true => None,
        false => Some(engine.foreign().ok_or_else(none)?),
    };
    let mut store = store(engine, data(configured), trusted);
    let made = async {
        let instance = configured.module.pre.instantiate_async(&mut store).await?;
        let guests = configured.module.exports.load(&mut store, &instance)?;
        let configure = guests.descriptor.func_configure();
        let (errors,) = configure
            .call_async(&mut store, (&configured.setup.config,))
            .await?;
        Ok((guests, errors))
    };
    let made: wasmtime::Result<_> = made.await;
    match made {
        Ok((guests, errors)) if errors.is_empty() => Ok(Instance {
            store,
            guests,
            trusted,
            _place: place,
        }),
        Ok(_) => {
            let message = "it no longer takes its configuration";
            Err(fault(configured, FaultKind::Answer, message))
        }
        Err(error) if error.is::<wasmtime::PoolConcurrencyLimitError>() => Err(none()),
        Err(error) => {
            let exceeded = store.data().memory.exceeded;
            Err(failed(configured, &error, exceeded))
        }
    }
}

/// A store for an instance, ready for it to be made and configured. One that is
/// trusted is stopped when its time is over; any other gives way at every epoch,
/// to the event loop too, and is stopped then.
fn store(engine: &Engine, data: Data, trusted: bool) -> Store<Data> {
    let mut store = Store::new(engine.inner(), data);
    store.limiter(|data| &mut data.memory);
    store.set_hostcall_fuel(DESCRIPTION);
    store.data_mut().until = Instant::now() + INSTANTIATE;
    if trusted {
        store.epoch_deadline_trap();
        store.set_epoch_deadline(epochs(INSTANTIATE));
    } else {
        store.epoch_deadline_callback(|mut context| {
            let data = context.data_mut();
            if Instant::now() >= data.until {
                return Ok(UpdateDeadline::Interrupt);
            }
            data.yields = data.yields.saturating_add(1);
            Ok(match data.yields <= BRISK {
                true => UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())),
                false => UpdateDeadline::YieldCustom(1, Box::pin(tokio::time::sleep(PAUSE))),
            })
        });
        store.set_epoch_deadline(1);
    }
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
        configured.lines.clone(),
    )
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
