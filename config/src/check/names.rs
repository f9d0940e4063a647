//! Names that are given twice, and names that lead nowhere.

use std::collections::HashMap;
use std::hash::Hash;

use crate::fault::Faults;
use crate::suggest::did_you_mean;

/// Reports each item whose key an earlier one has: `(pointer, key)`, and what
/// to say of it.
pub(super) fn unique<K: Eq + Hash>(
    items: impl IntoIterator<Item = (String, K)>,
    message: impl Fn(&K) -> String,
    faults: &mut Faults,
) {
    let mut seen: HashMap<K, String> = HashMap::new();
    for (pointer, key) in items {
        match seen.get(&key) {
            Some(first) => faults.conflict(pointer, first, message(&key)),
            None => {
                seen.insert(key, pointer);
            }
        }
    }
}

/// Reports a name that none of the `known` ones is: "there is no `kind` `name`".
pub(super) fn dangling<'a>(
    kind: &str,
    name: &str,
    pointer: String,
    known: impl Iterator<Item = &'a str> + Clone,
    faults: &mut Faults,
) {
    if !known.clone().any(|known| known == name) {
        let suggestion = did_you_mean(name, known.clone()).or_else(|| {
            known
                .clone()
                .next()
                .is_none()
                .then(|| format!("there is no {kind} at all"))
        });
        faults.value(pointer, format!("there is no {kind} `{name}`"), suggestion);
    }
}
