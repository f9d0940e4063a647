//! Between the generated bindings and the SDK's own types; what
//! [`export!`](crate::export) expands to uses it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::bindings::exports::narrowgate::filter as events;
use crate::bindings::narrowgate::filter as wit;
use crate::known::Known;
use crate::session::Inner;
use crate::{
    Access, Attributes, Batch, BatchOutcome, Column, Connection, Credential, Decision, Denial,
    Direction, Effect, Exchange, Filter, Identity, Interest, Message, MessageOutcome, Object,
    Operation, Phase, Session, Shape, Value, Verdict, config,
};

thread_local! {
    /// What is known of sessions.
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// What the filter says about itself.
pub fn describe<F: Filter>() -> events::descriptor::Description {
    let description = F::DESCRIPTION;
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    events::descriptor::Description {
        name: description.name.to_owned(),
        version: description.version.to_owned(),
        schema: schema::<F>(),
        events: description
            .events
            .iter()
            .map(|event| event.as_str().to_owned())
            .collect(),
        grants: owned(description.grants),
        powers: description
            .powers
            .iter()
            .map(|power| power.as_str().to_owned())
            .collect(),
        secrets: owned(description.secrets),
    }
}

/// The JSON Schema of the configuration.
pub fn schema<F: Filter>() -> String {
    serde_json::to_string(&schemars::schema_for!(F::Config)).unwrap_or_default()
}

/// Makes the filter, or says what is wrong with its configuration.
pub fn configure<F: Filter>(
    place: &OnceCell<F>,
    json: &str,
) -> Vec<events::descriptor::ConfigError> {
    let made = config::read::<F::Config>(json).and_then(F::new);
    match made {
        Ok(filter) => {
            // A second configuration of one instance does not happen, and would
            // change nothing.
            let _first_one_counts = place.set(filter);
            Vec::new()
        }
        Err(errors) => errors
            .into_iter()
            .map(|error| events::descriptor::ConfigError {
                pointer: error.pointer,
                message: error.message,
            })
            .collect(),
    }
}

/// The session of an event that carries no key: read anew.
pub fn session(handle: &wit::sessions::Session) -> Session<'_> {
    Session {
        inner: Rc::new(read(handle, 0, 0)),
        handle: Some(handle),
    }
}

/// The session of an operation: what is known of it, or read.
pub fn known<'a>(handle: &'a wit::sessions::Session, summary: &wit::types::Summary) -> Session<'a> {
    let (number, revision) = (summary.session, summary.revision);
    let inner = KNOWN.with_borrow_mut(|known| {
        if let Some(inner) = known.get(number, revision) {
            return inner;
        }
        let inner = Rc::new(read(handle, number, revision));
        known.keep(inner.clone());
        inner
    });
    Session {
        inner,
        handle: Some(handle),
    }
}

/// Everything about a session.
fn read(handle: &wit::sessions::Session, number: u64, revision: u32) -> Inner {
    Inner {
        number,
        revision,
        id: handle.id(),
        listener: handle.listener(),
        protocol: handle.protocol(),
        target: handle.target(),
        client: handle.client(),
        user: handle.user(),
        encrypted: handle.encrypted(),
        identity: handle.identity().map(|identity| Identity {
            issuer: identity.issuer,
            subject: identity.subject,
            groups: identity.groups,
            expires: identity.expires,
            claims: identity.claims,
        }),
        attributes: Vec::new(),
    }
}

/// A credential.
pub fn credential(credential: events::on_connect::Credential) -> Credential {
    Credential {
        kind: credential.kind,
        value: credential.value,
    }
}

/// An operation.
pub fn operation(
    handle: &wit::operations::Operation,
    summary: wit::types::Summary,
) -> Operation<'_> {
    Operation {
        id: summary.id,
        phase: match summary.phase {
            wit::types::Phase::Prepare => Phase::Prepare,
            wit::types::Phase::Execute => Phase::Execute,
        },
        action: summary.action,
        actions: summary.actions,
        objects: summary.objects.into_iter().map(object).collect(),
        unresolved: summary.unresolved,
        fingerprint: summary.fingerprint,
        attributes: attributes(summary.attributes),
        handle: Some(handle),
        ..Operation::default()
    }
}

fn object(object: wit::types::Object) -> Object {
    let access = object.access;
    Object {
        kind: object.kind,
        name: object.name,
        access: Access {
            read: access.contains(wit::types::Access::READ),
            write: access.contains(wit::types::Access::WRITE),
            call: access.contains(wit::types::Access::CALL),
            define: access.contains(wit::types::Access::DEFINE),
        },
        reads: object.reads,
        writes: object.writes,
    }
}

pub(crate) fn value(value: wit::types::Value) -> Value {
    match value {
        wit::types::Value::Text(text) => Value::Text(text),
        wit::types::Value::Integer(number) => Value::Integer(number),
        wit::types::Value::Real(number) => Value::Real(number),
        wit::types::Value::Boolean(truth) => Value::Boolean(truth),
        wit::types::Value::Bytes(bytes) => Value::Bytes(bytes),
        wit::types::Value::Texts(texts) => Value::Texts(texts),
    }
}

fn value_out(value: Value) -> wit::types::Value {
    match value {
        Value::Text(text) => wit::types::Value::Text(text),
        Value::Integer(number) => wit::types::Value::Integer(number),
        Value::Real(number) => wit::types::Value::Real(number),
        Value::Boolean(truth) => wit::types::Value::Boolean(truth),
        Value::Bytes(bytes) => wit::types::Value::Bytes(bytes),
        Value::Texts(texts) => wit::types::Value::Texts(texts),
    }
}

fn attributes(attributes: Vec<(String, wit::types::Value)>) -> Attributes {
    attributes
        .into_iter()
        .map(|(name, given)| (name, value(given)))
        .collect()
}

fn attributes_out(attributes: Attributes) -> Vec<(String, wit::types::Value)> {
    attributes
        .into_iter()
        .map(|(name, value)| (name, value_out(value)))
        .collect()
}

/// Effects for the host.
pub fn effects(effects: Vec<Effect>) -> Vec<wit::types::Effect> {
    effects
        .into_iter()
        .map(|effect| wit::types::Effect {
            name: effect.name,
            attributes: attributes_out(effect.attributes),
        })
        .collect()
}

fn denial(denial: Denial) -> wit::types::Denial {
    wit::types::Denial {
        code: denial.code,
        message: denial.message,
        rule: denial.rule,
        hint: denial.hint,
    }
}

/// A verdict for the host.
pub fn verdict(verdict: Verdict) -> wit::types::Verdict {
    match verdict {
        Verdict::Proceed => wit::types::Verdict::Proceed,
        Verdict::Deny(refusal) => wit::types::Verdict::Deny(denial(refusal)),
        Verdict::Hold(hold) => wit::types::Verdict::Hold(wit::types::Hold {
            rule: hold.rule,
            reason: hold.reason,
            approvers: hold.approvers,
            quorum: hold.quorum,
            wait: hold.wait,
            grant: hold.grant,
            attributes: attributes_out(hold.attributes),
        }),
        Verdict::Wait(keys) => wit::types::Verdict::Wait(keys),
        Verdict::Rewrite(text) => wit::types::Verdict::Rewrite(text),
    }
}

/// The answer to `connect` for the host.
pub fn connection(connection: Connection) -> events::on_connect::Decision {
    events::on_connect::Decision {
        verdict: verdict(connection.verdict),
        identity: connection.identity.map(|identity| wit::types::Identity {
            issuer: identity.issuer,
            subject: identity.subject,
            groups: identity.groups,
            expires: identity.expires,
            claims: identity.claims,
        }),
        effects: effects(connection.effects),
    }
}

/// The answer to `operation` for the host.
pub fn decision(decision: Decision) -> events::on_operation::Decision {
    events::on_operation::Decision {
        verdict: verdict(decision.verdict),
        effects: effects(decision.effects),
        exchange: decision
            .exchange
            .map(|exchange| events::on_operation::Exchange::new(Handle(RefCell::new(exchange)))),
    }
}

/// A message.
pub fn message(message: wit::types::Message) -> Message {
    Message {
        kind: message.kind,
        direction: direction(message.direction),
        fields: message.fields,
    }
}

/// What becomes of a message, for the host.
pub fn outcome(outcome: MessageOutcome) -> wit::types::MessageOutcome {
    match outcome {
        MessageOutcome::Pass => wit::types::MessageOutcome::Pass,
        MessageOutcome::Replace(fields) => wit::types::MessageOutcome::Replace(fields),
        MessageOutcome::Drop => wit::types::MessageOutcome::Drop,
    }
}

fn direction(direction: wit::types::Direction) -> Direction {
    match direction {
        wit::types::Direction::ToClient => Direction::ToClient,
        wit::types::Direction::ToTarget => Direction::ToTarget,
    }
}

/// An exchange, as the bindings hold it.
pub struct Handle(RefCell<Box<dyn Exchange>>);

impl events::on_operation::GuestExchange for Handle {
    fn begin(&self, shape: events::on_operation::Shape) -> events::on_operation::Interest {
        let shape = Shape {
            direction: direction(shape.direction),
            content: shape.content,
            columns: shape
                .columns
                .into_iter()
                .map(|column| Column {
                    name: column.name,
                    type_name: column.type_,
                    binary: column.binary,
                })
                .collect(),
            attributes: attributes(shape.attributes),
        };
        match self.0.borrow_mut().begin(&shape) {
            Interest::Nothing => events::on_operation::Interest::Nothing,
            Interest::Columns(columns) => events::on_operation::Interest::Columns(columns),
            Interest::Everything => events::on_operation::Interest::Everything,
        }
    }

    fn batch(&self, batch: events::on_operation::Batch) -> events::on_operation::BatchOutcome {
        let batch = Batch {
            direction: direction(batch.direction),
            sequence: batch.sequence,
            last: batch.last,
            rows: batch.rows,
            lengths: batch.lengths,
            data: batch.data,
            fragment: batch.fragment,
        };
        match self.0.borrow_mut().batch(&batch) {
            BatchOutcome::Pass => events::on_operation::BatchOutcome::Pass,
            BatchOutcome::Edit(edits) => {
                events::on_operation::BatchOutcome::Edit(events::on_operation::Edits {
                    cells: edits.cells,
                    lengths: edits.lengths,
                    data: edits.data,
                })
            }
            BatchOutcome::Deny(refusal) => {
                events::on_operation::BatchOutcome::Deny(denial(refusal))
            }
        }
    }

    fn message(&self, given: wit::types::Message) -> wit::types::MessageOutcome {
        outcome(self.0.borrow_mut().message(&message(given)))
    }

    fn end(&self, outcome: Vec<(String, wit::types::Value)>) -> Vec<wit::types::Effect> {
        effects(self.0.borrow_mut().end(&attributes(outcome)))
    }
}

/// Makes a filter the one that a component exports.
#[macro_export]
macro_rules! export {
    ($filter:ty) => {
        const _: () = {
            use $crate::bindings::exports::narrowgate::filter as events;
            use $crate::bindings::narrowgate::filter as wit;
            use $crate::{Filter, glue};

            #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
            struct Component;

            ::std::thread_local! {
                static FILTER: ::std::cell::OnceCell<$filter> = const { ::std::cell::OnceCell::new() };
            }

            /// Has the filter answer; the host configures before it asks.
            #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
            fn ask<T>(answer: impl FnOnce(&$filter) -> T) -> T {
                FILTER.with(|place| match place.get() {
                    Some(filter) => answer(filter),
                    None => ::std::process::abort(),
                })
            }

            impl events::descriptor::Guest for Component {
                fn describe() -> events::descriptor::Description {
                    glue::describe::<$filter>()
                }

                fn configure(config: String) -> Vec<events::descriptor::ConfigError> {
                    FILTER.with(|place| glue::configure::<$filter>(place, &config))
                }
            }

            impl events::on_connect::Guest for Component {
                fn connect(
                    session: &wit::sessions::Session,
                    credential: Option<events::on_connect::Credential>,
                ) -> events::on_connect::Decision {
                    let credential = credential.map(glue::credential);
                    let session = glue::session(session);
                    glue::connection(ask(|filter| filter.connect(&session, credential.as_ref())))
                }
            }

            impl events::on_renew::Guest for Component {
                fn renew(session: &wit::sessions::Session) -> wit::types::Verdict {
                    glue::verdict(ask(|filter| filter.renew(&glue::session(session))))
                }
            }

            impl events::on_operation::Guest for Component {
                type Exchange = glue::Handle;

                fn decide(
                    session: &wit::sessions::Session,
                    operation: &wit::operations::Operation,
                    summary: wit::types::Summary,
                ) -> events::on_operation::Decision {
                    let session = glue::known(session, &summary);
                    let operation = glue::operation(operation, summary);
                    glue::decision(ask(|filter| filter.operation(&session, &operation)))
                }
            }

            impl events::on_message::Guest for Component {
                fn inspect(
                    session: &wit::sessions::Session,
                    message: wit::types::Message,
                ) -> wit::types::MessageOutcome {
                    let message = glue::message(message);
                    glue::outcome(ask(|filter| filter.message(&glue::session(session), &message)))
                }
            }

            impl events::on_close::Guest for Component {
                fn close(session: &wit::sessions::Session, reason: String) -> Vec<wit::types::Effect> {
                    glue::effects(ask(|filter| filter.close(&glue::session(session), &reason)))
                }
            }

            // The names of a component's exports are none that a native linker takes.
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::export_bindings!(Component with_types_in $crate::bindings);
        };
    };
}
