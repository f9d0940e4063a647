//! The administrative port: approvers are people, and their tokens are not sent
//! in the clear.

use super::names::dangling;
use crate::fault::Faults;
use crate::model::{Admin, Config};

pub(super) fn check(config: &Config, faults: &mut Faults) {
    let Some(Admin { bind, tls, issuers }) = &config.admin else {
        return;
    };
    if tls.is_none() && !bind.is_loopback() {
        let message = "approvers' tokens would be sent in the clear to this address";
        let suggestion = "give `admin` `tls`, or bind it to a loopback address such as 127.0.0.1";
        faults.value("/admin/bind", message, Some(suggestion.to_owned()));
    }
    for (index, name) in issuers.iter().enumerate() {
        let at = format!("/admin/issuers/{index}");
        match config.issuers.iter().find(|issuer| issuer.name == *name) {
            Some(issuer) if issuer.people => {}
            Some(_) => {
                let message =
                    format!("the issuer `{name}` is not of people, and only people approve");
                faults.value(
                    at,
                    message,
                    Some("say `people: true` there, if it is".to_owned()),
                );
            }
            None => {
                let known = config.issuers.iter().map(|issuer| issuer.name.as_str());
                dangling("issuer", name, at, known, faults);
            }
        }
    }
}
