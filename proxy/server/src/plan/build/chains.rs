//! Chains: filters loaded, configured, and able to do together what a chain is
//! for.

use std::collections::HashMap;
use std::sync::Arc;

use narrowgate_config::{Config, FilterRef, pointer_child};
use narrowgate_wasm::Configured;

use super::faults::Faults;
use super::files::Files;
use super::filters::{self, Filters, Place};
use super::names::Names;
use crate::plan::ChainPlan;

/// All chains by name.
pub(super) fn chains(
    config: &Config,
    loaded: &mut Filters,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> HashMap<String, Arc<ChainPlan>> {
    let names = Names::of(config);
    let mut chains = HashMap::new();
    for (name, chain) in &config.chains {
        let mut made: Vec<Arc<Configured>> = Vec::new();
        let mut used: Vec<String> = Vec::new();
        for (index, entry) in chain.filters.iter().enumerate() {
            let place = Place {
                filter: chain.filter_pointer(name, index),
                config: chain.config_pointer(name, index),
                name: unused(filters::name(entry), &used),
            };
            used.push(place.name.clone());
            if matches!(entry.filter, FilterRef::BuiltIn(_)) {
                names.check(&entry.config.0, &place.config, faults);
            }
            made.extend(loaded.filter(entry, &place, files, faults));
        }
        // What could not be made may be what the chain lacks; that is said.
        if made.len() == chain.filters.len() && !chain.open {
            closed(name, &made, faults);
        }
        let plan = ChainPlan {
            name: name.to_string(),
            records: chain
                .filters
                .iter()
                .any(|entry| entry.filter.is("recording")),
            filters: made,
        };
        chains.insert(plan.name.clone(), Arc::new(plan));
    }
    chains
}

/// A name that no filter before has: what belongs to a filter, such as attributes of
/// sessions and requests for consent, goes by its name in the chain.
fn unused(name: String, used: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone())
        .chain(numbered)
        .find(|name| !used.contains(name))
        .unwrap_or(name)
}

/// A chain that does not say that it is open has a filter that can set an
/// identity and one that can deny an operation, as they themselves say.
fn closed(name: &str, filters: &[Arc<Configured>], faults: &mut Faults<'_>) {
    let wants = |filter: &Configured, event: &str| {
        filter
            .module()
            .description
            .events
            .iter()
            .any(|wanted| wanted == event)
    };
    let identifies = filters
        .iter()
        .any(|filter| filter.can("identify") && wants(filter, "connect"));
    let denies = filters
        .iter()
        .any(|filter| (filter.can("deny") || filter.can("hold")) && wants(filter, "operation"));
    let lacks = match (identifies, denies) {
        (true, true) => return,
        (false, _) => "can say who a client is",
        (true, false) => "can deny an operation",
    };
    faults.add(
        &pointer_child("/chains", name),
        format!("nothing in the chain `{name}` {lacks}"),
        Some("add a filter that can, or write the chain as { open: true, filters: [ … ] }".into()),
    );
}
