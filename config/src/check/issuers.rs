//! Issuers: each `iss` once, each group from one issuer.

use super::names::unique;
use crate::fault::Faults;
use crate::model::Config;

pub(super) fn check(config: &Config, faults: &mut Faults) {
    let issuers = || config.issuers.iter().enumerate();
    unique(
        issuers().map(|(i, issuer)| (format!("/issuers/{i}/name"), issuer.name.as_str())),
        |name| format!("the issuer `{name}` is given twice"),
        faults,
    );
    unique(
        issuers().map(|(i, issuer)| (format!("/issuers/{i}/url"), &*issuer.url)),
        |url| format!("the issuer of `{url}` is given twice"),
        faults,
    );
    // A group that two issuers assert is a right that the weaker one can give.
    unique(
        issuers().flat_map(|(i, issuer)| {
            let groups = issuer.groups.iter().enumerate();
            groups.map(move |(g, group)| (format!("/issuers/{i}/groups/{g}"), group.as_str()))
        }),
        |group| format!("the group `{group}` is asserted twice"),
        faults,
    );
}
