//! What an approval is bound to, and its fingerprint.
//!
//! Anything that could make the executed operation another one than the
//! approved one is in here. The encoding prefixes every string and every list
//! with its length, so no two subjects share one.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::value::Value;

/// Separates this use of SHA-256 from every other.
const DOMAIN: &[u8] = b"narrowgate-approval-v1";

/// One operation by one identity on one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Issuer of the requester's token.
    pub issuer: String,
    /// The requester within that issuer.
    pub subject: String,
    /// Name of the target in the configuration.
    pub target: String,
    /// Protocol of the target, such as `postgres`.
    pub protocol: String,
    /// The action, such as `drop`.
    pub action: String,
    /// The exact text that would go upstream.
    pub text: String,
    /// Parameters in the order of their positions.
    pub parameters: Vec<Parameter>,
    /// Identities of the objects that the text names, as resolved when it was
    /// analysed, such as `public.customers#16402`: a name that has come to
    /// mean another object is another operation.
    pub objects: Vec<String>,
}

/// One parameter of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its type as the protocol names it, such as `int4`; empty when unknown.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Its value.
    pub value: Value,
    /// The same in words, where the value itself does not read well. It is made
    /// of type and value and no part of the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
}

/// The SHA-256 of `subject` in lower-case hexadecimal.
pub fn digest(subject: &Subject) -> String {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    for text in [
        &subject.issuer,
        &subject.subject,
        &subject.target,
        &subject.protocol,
        &subject.action,
        &subject.text,
    ] {
        put(&mut hash, text.as_bytes());
    }
    put_len(&mut hash, subject.parameters.len());
    for parameter in &subject.parameters {
        put(&mut hash, parameter.kind.as_bytes());
        match &parameter.value {
            Value::Null => hash.update([0]),
            Value::Text(text) => {
                hash.update([1]);
                put(&mut hash, text.as_bytes());
            }
            Value::Bytes(bytes) => {
                hash.update([2]);
                put(&mut hash, bytes);
            }
        }
    }
    put_len(&mut hash, subject.objects.len());
    for object in &subject.objects {
        put(&mut hash, object.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// Feeds one length-prefixed byte string.
pub(super) fn put(hash: &mut Sha256, bytes: &[u8]) {
    put_len(hash, bytes.len());
    hash.update(bytes);
}

/// Feeds one length.
pub(super) fn put_len(hash: &mut Sha256, len: usize) {
    hash.update(u64::try_from(len).unwrap_or(u64::MAX).to_be_bytes());
}

impl Subject {
    /// Bytes that a request for this subject makes the store keep.
    pub(super) fn size(&self) -> usize {
        let parameters: usize = self
            .parameters
            .iter()
            .map(|parameter| {
                let shown = parameter.shown.as_ref().map_or(0, String::len);
                parameter.kind.len() + parameter.value.len() + shown + 16
            })
            .sum();
        let objects: usize = self.objects.iter().map(|object| object.len() + 4).sum();
        self.issuer.len()
            + self.subject.len()
            + self.target.len()
            + self.protocol.len()
            + self.action.len()
            + self.text.len()
            + parameters
            + objects
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameter, Subject, digest};
    use crate::value::Value;

    fn subject() -> Subject {
        Subject {
            issuer: "agents".into(),
            subject: "bot".into(),
            target: "billing".into(),
            protocol: "postgres".into(),
            action: "drop".into(),
            text: "DROP TABLE t".into(),
            parameters: vec![Parameter {
                kind: "int4".into(),
                value: Value::Text("1".into()),
                shown: None,
            }],
            objects: vec!["public.t#1".into()],
        }
    }

    #[test]
    fn every_field_counts() {
        let base = digest(&subject());
        assert_eq!(base, digest(&subject()));
        assert_eq!(base.len(), 64);
        type Edit = fn(&mut Subject);
        let edits: [Edit; 14] = [
            |s| s.issuer.push('x'),
            |s| s.subject.push('x'),
            |s| s.target.push('x'),
            |s| s.protocol.push('x'),
            |s| s.action.push('x'),
            |s| s.text.push(' '),
            |s| s.parameters.clear(),
            |s| s.parameters[0].kind = "int8".into(),
            |s| s.parameters[0].value = Value::Null,
            |s| s.parameters[0].value = Value::Bytes(b"1".to_vec()),
            |s| s.objects.clear(),
            |s| s.objects[0].push('2'),
            |s| s.objects.push(String::new()),
            // Moving a character between neighbours is a change as well.
            |s| {
                s.issuer = "agent".into();
                s.subject = "sbot".into();
            },
        ];
        for (index, edit) in edits.iter().enumerate() {
            let mut changed = subject();
            edit(&mut changed);
            assert_ne!(base, digest(&changed), "edit {index}");
        }
    }
}
