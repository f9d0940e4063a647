//! The events, called.
//!
//! Each function expects an instance that has been armed and lent its session.
//! A filter of ours is called on this stack; any other on a stack of its own,
//! since it gives way in the middle.

use narrowgate_chain::{
    Attributes, Batch, BatchOutcome, Connection, Credential, Edits, Effect, Interest, Message,
    MessageOutcome, Operation, Session, Shape, Verdict,
};
use smallvec::SmallVec;
use wasmtime::component::{Resource, ResourceAny};
use wasmtime::{Result, bail};

use super::bindings::exports::narrowgate::filter::{on_connect, on_operation};
use super::bindings::narrowgate::filter::types;
use super::{convert, summary};
use crate::instance::Instance;

/// What a guest decides about an operation.
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) effects: Vec<Effect>,
    pub(crate) exchange: Option<ResourceAny>,
    /// It is the same for every operation with this summary.
    pub(crate) stands: bool,
}

/// The effect by which a guest says that its answer stands.
const STANDS: &str = "stands";

/// The handle of what is lent: there is one session and one operation to a call.
fn lent<T: 'static>() -> Resource<T> {
    Resource::new_borrow(0)
}

/// The event of a guest, which is known to be there.
macro_rules! event {
    ($instance:expr, $event:ident) => {
        match &$instance.guests.$event {
            Some(guest) => guest,
            None => bail!("an event that the filter does not export"),
        }
    };
}

/// Calls a function of the guest.
macro_rules! invoke {
    ($instance:expr, $function:expr, $parameters:expr) => {{
        let function = $function;
        let (answer,) = match $instance.trusted {
            true => function.call(&mut $instance.store, $parameters)?,
            false => {
                function
                    .call_async(&mut $instance.store, $parameters)
                    .await?
            }
        };
        answer
    }};
}

pub(crate) async fn connect(
    instance: &mut Instance,
    credential: Option<&Credential>,
    sees: bool,
) -> Result<Connection> {
    let credential = credential.map(|credential| on_connect::Credential {
        kind: credential.kind,
        value: if sees { &credential.value } else { "" },
    });
    let connect = event!(instance, connect).func_connect();
    let answer = invoke!(instance, connect, (lent(), credential));
    Ok(Connection {
        verdict: convert::verdict(answer.verdict),
        identity: answer.identity.map(convert::identity_in),
        effects: convert::effects(answer.effects),
    })
}

pub(crate) async fn renew(instance: &mut Instance) -> Result<Verdict> {
    let renew = event!(instance, renew).func_renew();
    Ok(convert::verdict(invoke!(instance, renew, (lent(),))))
}

pub(crate) async fn decide(
    instance: &mut Instance,
    session: &Session,
    operation: &Operation,
) -> Result<Answer> {
    let decide = event!(instance, operation).func_decide();
    summary::lower(session, operation, async |summary| {
        let mut answer = invoke!(instance, decide, (lent(), lent(), summary));
        let all = answer.effects.len();
        answer.effects.retain(|effect| effect.name != STANDS);
        Ok(Answer {
            stands: answer.effects.len() < all && !instance.store.data().particular,
            verdict: convert::verdict(answer.verdict),
            effects: convert::effects(answer.effects),
            exchange: answer.exchange,
        })
    })
    .await
}

/// Drops an exchange.
pub(crate) async fn discard(instance: &mut Instance, exchange: ResourceAny) -> Result<()> {
    match instance.trusted {
        true => exchange.resource_drop(&mut instance.store),
        false => exchange.resource_drop_async(&mut instance.store).await,
    }
}

pub(crate) async fn inspect(instance: &mut Instance, message: &Message) -> Result<MessageOutcome> {
    let fields = convert::fields(message);
    let inspect = event!(instance, message).func_inspect();
    let message = self::lower(message, &fields);
    Ok(convert::outcome(invoke!(
        instance,
        inspect,
        (lent(), message)
    )))
}

pub(crate) async fn close(instance: &mut Instance, reason: &str) -> Result<Vec<Effect>> {
    let close = event!(instance, close).func_close();
    Ok(convert::effects(invoke!(instance, close, (lent(), reason))))
}

pub(crate) async fn begin(
    instance: &mut Instance,
    exchange: ResourceAny,
    shape: &Shape,
) -> Result<Interest> {
    let columns: SmallVec<[_; 16]> = shape
        .columns
        .iter()
        .map(|column| on_operation::Column {
            name: &column.name,
            type_: &column.type_name,
            binary: column.binary,
        })
        .collect();
    let exchanges = event!(instance, operation).exchange();
    let begin = exchanges.func_begin();
    summary::attributes(&shape.attributes, async |attributes| {
        let shape = on_operation::Shape {
            direction: convert::direction(shape.direction),
            content: shape.content,
            columns: &columns,
            attributes,
        };
        Ok(match invoke!(instance, begin, (exchange, shape)) {
            on_operation::Interest::Nothing => Interest::Nothing,
            on_operation::Interest::Columns(columns) => Interest::Columns(columns),
            on_operation::Interest::Everything => Interest::Everything,
        })
    })
    .await
}

pub(crate) async fn batch(
    instance: &mut Instance,
    exchange: ResourceAny,
    batch: &Batch<'_>,
) -> Result<BatchOutcome> {
    let batch = on_operation::Batch {
        direction: convert::direction(batch.direction),
        sequence: batch.sequence,
        last: batch.last,
        rows: batch.rows,
        lengths: batch.lengths,
        data: batch.data,
        fragment: batch.fragment,
    };
    let exchanges = event!(instance, operation).exchange();
    let function = exchanges.func_batch();
    Ok(match invoke!(instance, function, (exchange, batch)) {
        on_operation::BatchOutcome::Pass => BatchOutcome::Pass,
        on_operation::BatchOutcome::Edit(edits) => BatchOutcome::Edit(Edits {
            cells: edits.cells,
            lengths: edits.lengths,
            data: edits.data,
        }),
        on_operation::BatchOutcome::Deny(denial) => BatchOutcome::Deny(convert::denial(denial)),
    })
}

pub(crate) async fn message(
    instance: &mut Instance,
    exchange: ResourceAny,
    message: &Message,
) -> Result<MessageOutcome> {
    let fields = convert::fields(message);
    let exchanges = event!(instance, operation).exchange();
    let function = exchanges.func_message();
    let message = self::lower(message, &fields);
    Ok(convert::outcome(invoke!(
        instance,
        function,
        (exchange, message)
    )))
}

pub(crate) async fn end(
    instance: &mut Instance,
    exchange: ResourceAny,
    outcome: &Attributes,
) -> Result<Vec<Effect>> {
    let exchanges = event!(instance, operation).exchange();
    let end = exchanges.func_end();
    let effects: Result<_> = summary::attributes(outcome, async |outcome| {
        Ok(invoke!(instance, end, (exchange, outcome)))
    })
    .await;
    discard(instance, exchange).await?;
    Ok(convert::effects(effects?))
}

/// Bytes of a message.
pub(crate) fn size(message: &Message) -> usize {
    let texts = message
        .fields
        .iter()
        .map(|(name, text)| name.len() + text.len());
    texts.sum()
}

/// A message for a guest.
fn lower<'a>(message: &Message, fields: &'a [(&'a str, &'a str)]) -> types::Message<'a> {
    types::Message {
        kind: message.kind,
        direction: convert::direction(message.direction),
        fields,
    }
}
