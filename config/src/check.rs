//! What no single value can tell: names that lead nowhere, things that are
//! given twice, parts that do not go together.

mod admin;
mod chains;
mod issuers;
mod listeners;
mod names;
mod recordings;
mod targets;

use crate::fault::Faults;
use crate::model::Config;

/// Everything that is wrong with a configuration of the right shape.
pub(crate) fn check(config: &Config) -> Faults {
    let mut faults = Faults::default();
    issuers::check(config, &mut faults);
    listeners::check(config, &mut faults);
    targets::check(config, &mut faults);
    chains::check(config, &mut faults);
    recordings::check(config, &mut faults);
    admin::check(config, &mut faults);
    faults
}
