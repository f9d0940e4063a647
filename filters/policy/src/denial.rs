//! Denials, in words.

use narrowgate_sdk::{Access, Denial, Object};

/// What a client can do about it.
const HINT: &str = "Ask whoever runs the gateway for a rule that allows it.";

/// What is said of a relation that no rule lets a session see at all: the same as
/// of one that is not there, so that nobody can find out which there are.
fn absent(name: &str) -> String {
    format!("{name}{ABSENT}")
}

/// How the analysis ends what it says of a name that it does not find.
const ABSENT: &str = " is not allowed, or does not exist";

/// Nothing allows what is done with an object; `hidden`: nothing at all.
pub(crate) fn object(verb: &str, object: &Object, columns: &[&str], hidden: bool) -> Denial {
    let what = plain(&object.kind);
    let name = &object.name;
    let message = match columns {
        [] if hidden => absent(name.rsplit('.').next().unwrap_or(name)),
        [] => format!("{verb} {what} {name} is not allowed"),
        [column] => format!("{verb} the column {column} of {what} {name} is not allowed"),
        several => {
            format!(
                "{verb} the columns {} of {what} {name} is not allowed",
                several.join(", ")
            )
        }
    };
    Denial::forbidden(message).hint(HINT)
}

/// Nothing allows an action.
pub(crate) fn action(action: &str) -> Denial {
    Denial::forbidden(format!("the action {action} is not allowed")).hint(HINT)
}

/// A setting that may not be touched.
pub(crate) fn setting(verb: &str, name: &str) -> Denial {
    Denial::forbidden(format!("{verb} the setting {name} is not allowed"))
        .hint("Leave it as the gateway has set it.")
}

/// A rule denies it.
pub(crate) fn explicit(rule: &str, what: &str) -> Denial {
    Denial::forbidden(format!("{what} is denied"))
        .rule(rule)
        .hint("No other rule lifts a denial.")
}

/// Something could not be understood. The words do not tell what is forbidden
/// from what does not exist.
pub(crate) fn unresolved(why: &str) -> Denial {
    if why.ends_with(ABSENT) {
        return Denial::forbidden(why).hint(HINT);
    }
    Denial::new("unresolved", format!("the statement is not allowed: {why}"))
        .hint("Check the names, and whether you may use them.")
}

/// What is done with an object, as a word.
pub(crate) fn verb(access: Access) -> &'static str {
    match access {
        Access { define: true, .. } => "changing",
        Access { write: true, .. } => "writing to",
        Access { call: true, .. } => "calling",
        Access { .. } => "reading",
    }
}

/// A kind as people say it.
fn plain(kind: &str) -> &str {
    match kind {
        "catalog" | "secret-catalog" => "the catalog relation",
        "catalog-function" | "builtin" | "function" => "the function",
        "table" => "the table",
        "view" => "the view",
        kind => kind,
    }
}
