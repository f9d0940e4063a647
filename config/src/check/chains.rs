//! Chains: somebody says who it is, something can say no, and what is pinned
//! or granted makes sense.

use super::names::unique;
use crate::fault::Faults;
use crate::model::{Chain, Config, FilterEntry};
use crate::pointer;
use crate::value::FilterRef;

pub(super) fn check(config: &Config, faults: &mut Faults) {
    for (name, chain) in &config.chains {
        if !chain.open {
            closed(name, chain, faults);
        }
        for (index, entry) in chain.filters.iter().enumerate() {
            filter(entry, &chain.filter_pointer(name, index), faults);
        }
    }
}

/// A chain that does not say that it is open needs a filter that identifies and
/// one that denies. What a user's filter does is not known here, so it counts
/// as one that denies; only `auth` identifies.
fn closed(name: &str, chain: &Chain, faults: &mut Faults) {
    let has = |name: &str| chain.filters.iter().any(|entry| entry.filter.is(name));
    let users = chain
        .filters
        .iter()
        .any(|entry| matches!(entry.filter, FilterRef::File(_)));
    let lacks = match (has("auth"), has("policy") || has("approval") || users) {
        (true, true) => return,
        (false, _) => "says who a client is",
        (true, false) => "can deny an operation",
    };
    let suggestion = match has("auth") {
        true => "add `policy`, or write it as { open: true, filters: [ … ] }",
        false => "add `auth`, or write it as { open: true, filters: [ … ] }",
    };
    let message = format!("nothing in the chain `{name}` {lacks}");
    faults.value(
        pointer::child("/chains", name),
        message,
        Some(suggestion.to_owned()),
    );
}

fn filter(entry: &FilterEntry, at: &str, faults: &mut Faults) {
    if let FilterRef::BuiltIn(name) = entry.filter {
        let given = [
            ("digest", entry.digest.is_some()),
            ("grants", !entry.grants.is_empty()),
            ("shared", entry.shared),
        ];
        for (key, _) in given.iter().filter(|(_, given)| *given) {
            let message =
                format!("`{key}` is for filters in files; `{name}` comes with the gateway");
            faults.key(
                format!("{at}/{key}"),
                message,
                Some("take it out".to_owned()),
            );
        }
    }
    let grants = entry.grants.iter().enumerate();
    unique(
        grants.map(|(i, grant)| (format!("{at}/grants/{i}"), grant.as_str())),
        |grant| format!("the grant `{grant}` is given twice"),
        faults,
    );
}
