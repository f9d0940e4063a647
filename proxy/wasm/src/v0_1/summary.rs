//! An operation for a guest, borrowed from what the analysis left. This is the
//! way of every statement through every filter: ordinary ones take no memory
//! from the allocator.

use narrowgate_chain::{Attributes, Operation, Phase, Session, Value};
use smallvec::SmallVec;

use super::bindings::narrowgate::filter::types;
use super::convert;

/// All lists of texts of an operation, one behind the other.
type Words<'a> = SmallVec<[&'a str; 32]>;
/// Its objects.
type Objects<'a> = SmallVec<[types::Object<'a>; 4]>;
/// Attributes.
pub(super) type Borrowed<'a> = SmallVec<[(&'a str, types::ValueParam<'a>); 8]>;

/// Calls `with` with the operation for a guest.
pub(super) async fn lower<T>(
    session: &Session,
    operation: &Operation,
    with: impl AsyncFnOnce(types::Summary<'_>) -> T,
) -> T {
    let mut words = Words::new();
    for object in &operation.objects {
        words.extend(object.reads.iter().map(String::as_str));
        words.extend(object.writes.iter().map(String::as_str));
    }
    words.extend(operation.actions.iter().map(String::as_str));
    words.extend(operation.unresolved.iter().map(String::as_str));
    lists(&operation.attributes, &mut words);

    let mut rest = Rest(&words);
    let objects: Objects<'_> = operation
        .objects
        .iter()
        .map(|object| types::Object {
            kind: &object.kind,
            name: &object.name,
            access: convert::access(object.access),
            reads: rest.take(object.reads.len()),
            writes: rest.take(object.writes.len()),
        })
        .collect();
    let actions = rest.take(operation.actions.len());
    let unresolved = rest.take(operation.unresolved.len());
    let attributes = rest.attributes(&operation.attributes);
    with(types::Summary {
        id: operation.id,
        session: session.start.number,
        revision: session.revision(),
        phase: match operation.phase {
            Phase::Prepare => types::Phase::Prepare,
            Phase::Execute => types::Phase::Execute,
        },
        action: &operation.action,
        actions,
        objects: &objects,
        unresolved,
        fingerprint: &operation.fingerprint,
        attributes: &attributes,
    })
    .await
}

/// Calls `with` with attributes for a guest.
pub(super) async fn attributes<T>(
    attributes: &Attributes,
    with: impl AsyncFnOnce(&[(&str, types::ValueParam<'_>)]) -> T,
) -> T {
    let mut words = Words::new();
    lists(attributes, &mut words);
    with(&Rest(&words).attributes(attributes)).await
}

/// The lists of texts among attributes, one behind the other.
fn lists<'a>(attributes: &'a Attributes, words: &mut Words<'a>) {
    for (_, value) in attributes {
        if let Value::Texts(texts) = value {
            words.extend(texts.iter().map(String::as_str));
        }
    }
}

/// Words that have not been given out yet, in the order in which they went in.
struct Rest<'w, 'a>(&'w [&'a str]);

impl<'w, 'a: 'w> Rest<'w, 'a> {
    fn take(&mut self, count: usize) -> &'w [&'a str] {
        let (taken, rest) = self.0.split_at_checked(count).unwrap_or_default();
        self.0 = rest;
        taken
    }

    fn attributes(&mut self, attributes: &'a Attributes) -> Borrowed<'w> {
        attributes
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::Text(text) => types::ValueParam::Text(text),
                    Value::Integer(number) => types::ValueParam::Integer(*number),
                    Value::Real(number) => types::ValueParam::Real(*number),
                    Value::Boolean(truth) => types::ValueParam::Boolean(*truth),
                    Value::Bytes(bytes) => types::ValueParam::Bytes(bytes),
                    Value::Texts(texts) => types::ValueParam::Texts(self.take(texts.len())),
                };
                (&**name, value)
            })
            .collect()
    }
}
