//! Between the contract's types and the chain's.

use std::borrow::Cow;

use narrowgate_chain::{
    Access, Attributes, Denial, Direction, Effect, Hold, Identity, Message, MessageOutcome,
    Operation, Phase, Session, Value, Verdict,
};

use super::bindings::narrowgate::filter::types;

/// An identity for a guest.
pub(super) fn identity_out(identity: &Identity) -> types::Identity {
    types::Identity {
        issuer: identity.issuer.clone(),
        subject: identity.subject.clone(),
        groups: identity.groups.clone(),
        expires: identity.expires,
        claims: identity.claims.clone(),
    }
}

/// An identity from a guest.
pub(super) fn identity_in(identity: types::Identity) -> Identity {
    Identity {
        issuer: identity.issuer,
        subject: identity.subject,
        groups: identity.groups,
        expires: identity.expires,
        claims: identity.claims,
    }
}

/// A value for a guest, given away.
pub(super) fn value_out(value: Value) -> types::ValueResult {
    match value {
        Value::Text(text) => types::ValueResult::Text(text),
        Value::Integer(number) => types::ValueResult::Integer(number),
        Value::Real(number) => types::ValueResult::Real(number),
        Value::Boolean(truth) => types::ValueResult::Boolean(truth),
        Value::Bytes(bytes) => types::ValueResult::Bytes(bytes),
        Value::Texts(texts) => types::ValueResult::Texts(texts),
    }
}

/// A value from a guest.
fn value_in(value: types::ValueResult) -> Value {
    match value {
        types::ValueResult::Text(text) => Value::Text(text),
        types::ValueResult::Integer(number) => Value::Integer(number),
        types::ValueResult::Real(number) => Value::Real(number),
        types::ValueResult::Boolean(truth) => Value::Boolean(truth),
        types::ValueResult::Bytes(bytes) => Value::Bytes(bytes),
        types::ValueResult::Texts(texts) => Value::Texts(texts),
    }
}

/// Texts, borrowed.
pub(super) fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Attributes for a guest, borrowed. `lists` holds what texts borrow from: see
/// [`text_lists`].
pub(super) fn attributes_out<'a>(
    attributes: &'a Attributes,
    lists: &'a [Vec<&'a str>],
) -> Vec<(&'a str, types::ValueParam<'a>)> {
    let mut lists = lists.iter();
    attributes
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => types::ValueParam::Text(text),
                Value::Integer(number) => types::ValueParam::Integer(*number),
                Value::Real(number) => types::ValueParam::Real(*number),
                Value::Boolean(truth) => types::ValueParam::Boolean(*truth),
                Value::Bytes(bytes) => types::ValueParam::Bytes(bytes),
                Value::Texts(_) => {
                    types::ValueParam::Texts(lists.next().map_or(&[], Vec::as_slice))
                }
            };
            (&**name, value)
        })
        .collect()
}

/// The lists of texts among attributes, in order.
pub(super) fn text_lists(attributes: &Attributes) -> Vec<Vec<&str>> {
    attributes
        .iter()
        .filter_map(|(_, value)| match value {
            Value::Texts(list) => Some(texts(list)),
            _ => None,
        })
        .collect()
}

/// Attributes from a guest.
fn attributes_in(attributes: Vec<(String, types::ValueResult)>) -> Attributes {
    attributes
        .into_iter()
        .map(|(name, value)| (Cow::Owned(name), value_in(value)))
        .collect()
}

/// A verdict from a guest.
pub(super) fn verdict(verdict: types::Verdict) -> Verdict {
    match verdict {
        types::Verdict::Proceed => Verdict::Proceed,
        types::Verdict::Deny(denial) => Verdict::Deny(self::denial(denial)),
        types::Verdict::Hold(hold) => Verdict::Hold(Hold {
            rule: hold.rule,
            reason: hold.reason,
            approvers: hold.approvers,
            quorum: hold.quorum,
            wait: hold.wait,
            grant: hold.grant,
            attributes: attributes_in(hold.attributes),
        }),
        types::Verdict::Wait(keys) => Verdict::Wait(keys),
        types::Verdict::Rewrite(text) => Verdict::Rewrite(text),
    }
}

/// A denial from a guest.
pub(super) fn denial(denial: types::Denial) -> Denial {
    Denial {
        code: denial.code,
        message: denial.message,
        rule: denial.rule,
        hint: denial.hint,
    }
}

/// Effects from a guest.
pub(super) fn effects(effects: Vec<types::Effect>) -> Vec<Effect> {
    effects
        .into_iter()
        .map(|effect| Effect {
            name: effect.name,
            attributes: attributes_in(effect.attributes),
        })
        .collect()
}

/// A direction.
pub(super) fn direction(direction: Direction) -> types::Direction {
    match direction {
        Direction::ToClient => types::Direction::ToClient,
        Direction::ToTarget => types::Direction::ToTarget,
    }
}

/// The fields of a message, borrowed.
pub(super) fn fields(message: &Message) -> Vec<(&str, &str)> {
    message
        .fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect()
}

/// What becomes of a message.
pub(super) fn outcome(outcome: types::MessageOutcome) -> MessageOutcome {
    match outcome {
        types::MessageOutcome::Pass => MessageOutcome::Pass,
        types::MessageOutcome::Replace(fields) => MessageOutcome::Replace(fields),
        types::MessageOutcome::Drop => MessageOutcome::Drop,
    }
}

/// What is done with an object.
pub(super) fn access(access: Access) -> types::Access {
    let none = types::Access::empty();
    let flag = |set: bool, flag: types::Access| if set { flag } else { none };
    flag(access.read, types::Access::READ)
        | flag(access.write, types::Access::WRITE)
        | flag(access.call, types::Access::CALL)
        | flag(access.define, types::Access::DEFINE)
}

/// Borrowed lists that a summary refers to.
pub(super) struct Lists<'a> {
    /// Parts of each object that are read, and that are written.
    parts: Vec<(Vec<&'a str>, Vec<&'a str>)>,
    /// Actions.
    actions: Vec<&'a str>,
    /// What is unresolved.
    unresolved: Vec<&'a str>,
    /// Lists of texts among the attributes.
    texts: Vec<Vec<&'a str>>,
}

impl<'a> Lists<'a> {
    /// The lists of an operation.
    pub(super) fn of(operation: &'a Operation) -> Self {
        Self {
            parts: operation
                .objects
                .iter()
                .map(|o| (texts(&o.reads), texts(&o.writes)))
                .collect(),
            actions: texts(&operation.actions),
            unresolved: texts(&operation.unresolved),
            texts: text_lists(&operation.attributes),
        }
    }

    /// The objects of the operation.
    pub(super) fn objects(&'a self, operation: &'a Operation) -> Vec<types::Object<'a>> {
        let objects = operation.objects.iter().zip(&self.parts);
        objects
            .map(|(object, (reads, writes))| types::Object {
                kind: &object.kind,
                name: &object.name,
                access: access(object.access),
                reads,
                writes,
            })
            .collect()
    }

    /// Its attributes.
    pub(super) fn attributes(
        &'a self,
        operation: &'a Operation,
    ) -> Vec<(&'a str, types::ValueParam<'a>)> {
        attributes_out(&operation.attributes, &self.texts)
    }

    /// The operation for a guest.
    pub(super) fn summary(
        &'a self,
        session: &Session,
        operation: &'a Operation,
        objects: &'a [types::Object<'a>],
        attributes: &'a [(&'a str, types::ValueParam<'a>)],
    ) -> types::Summary<'a> {
        types::Summary {
            id: operation.id,
            session: session.start.number,
            revision: session.revision(),
            phase: match operation.phase {
                Phase::Prepare => types::Phase::Prepare,
                Phase::Execute => types::Phase::Execute,
            },
            action: &operation.action,
            actions: &self.actions,
            objects,
            unresolved: &self.unresolved,
            fingerprint: &operation.fingerprint,
            attributes,
        }
    }
}
