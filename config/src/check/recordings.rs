//! A chain that records needs a place to record to.

use crate::fault::Faults;
use crate::model::Config;

pub(super) fn check(config: &Config, faults: &mut Faults) {
    if config.recordings.is_some() {
        return;
    }
    for (name, chain) in &config.chains {
        for (index, entry) in chain.filters.iter().enumerate() {
            if entry.filter.is("recording") {
                let pointer = format!("{}/filter", chain.filter_pointer(name, index));
                let suggestion =
                    Some("add `recordings` with a directory and a signing key".to_owned());
                faults.value(pointer, "there is no place to record to", suggestion);
            }
        }
    }
}
