//! What an operation does, in the words of rules.

use narrowgate_sdk::{Object, Operation};

/// Actions that write rows.
const WRITES: &[&str] = &[
    "insert", "update", "delete", "merge", "truncate", "copy", "lock",
];

/// What reaches beyond the objects that a statement names, with the attribute
/// that tells it: each takes a rule that names it among its actions.
pub(crate) const POWERS: &[(&str, &str)] = &[
    ("server_file", "narrowgate.postgres.server_file"),
    ("server_program", "narrowgate.postgres.server_program"),
    ("changes_role", "narrowgate.postgres.changes_role"),
    ("lasting_setting", "narrowgate.postgres.lasting_setting"),
    ("creates_code", "narrowgate.postgres.creates_code"),
];

/// True when an operation is of an action, or uses a power of that name.
pub(crate) fn does(operation: &Operation, action: &str) -> bool {
    operation.actions.iter().any(|known| known == action)
        || POWERS
            .iter()
            .any(|(power, attribute)| *power == action && operation.is(attribute))
}

/// How the objects that an operation writes to are written. Which of several
/// actions writes which object is not told, so that it may be any of them.
pub(crate) fn writes(operation: &Operation) -> impl Iterator<Item = &'static str> {
    let done = |write: &&&str| operation.actions.iter().any(|action| action == **write);
    // What copies into a relation inserts.
    let as_written = |write: &'static str| if write == "copy" { "insert" } else { write };
    // Rows that are only locked are `update`.
    let locks = operation.is("narrowgate.postgres.locks_rows") || !WRITES.iter().any(|w| done(&w));
    let named = WRITES
        .iter()
        .filter(done)
        .map(move |write| as_written(write));
    named.chain(locks.then_some("update"))
}

/// True for an object that rules are asked about: a harmless function is free,
/// and what a view or parent is made of is decided with it.
pub(crate) fn counts(object: &Object) -> bool {
    object.kind != "builtin" && !object.kind.starts_with("base:")
}
