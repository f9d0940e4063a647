//! Between the contract's types and the chain's.

use std::borrow::Cow;

use narrowgate_chain::{
    Access, Attributes, Denial, Direction, Effect, Hold, Identity, Message, MessageOutcome, Value,
    Verdict,
};

use smallvec::SmallVec;

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
pub(super) fn fields(message: &Message) -> SmallVec<[(&str, &str); 16]> {
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
