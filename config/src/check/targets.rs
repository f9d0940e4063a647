//! Targets: their names are theirs alone, their logins can be reached and are
//! for groups that there are, their TLS is consistent.

use super::names::{dangling, unique};
use crate::fault::Faults;
use crate::model::{Config, Target, TlsMode};

pub(super) fn check(config: &Config, faults: &mut Faults) {
    let targets = || config.targets.iter().enumerate();
    unique(
        targets().map(|(i, target)| (format!("/targets/{i}/name"), target.name.as_str())),
        |name| format!("the target `{name}` is given twice"),
        faults,
    );
    for (index, target) in targets() {
        let at = format!("/targets/{index}");
        databases(target, &at, faults);
        credentials(config, target, &at, faults);
        tls(target, &at, faults);
    }
}

fn databases(target: &Target, at: &str, faults: &mut Faults) {
    let databases = target.databases.iter().enumerate();
    unique(
        databases.map(|(i, database)| (format!("{at}/databases/{i}"), database.as_str())),
        |database| format!("the database `{database}` is given twice"),
        faults,
    );
}

fn credentials(config: &Config, target: &Target, at: &str, faults: &mut Faults) {
    let groups = config
        .issuers
        .iter()
        .flat_map(|issuer| issuer.groups.iter());
    let groups = groups.map(|group| group.as_str());
    let mut for_all: Option<String> = None;
    for (index, credential) in target.credentials.iter().enumerate() {
        let at = format!("{at}/credentials/{index}");
        if let Some(first) = &for_all {
            faults.conflict(
                &at,
                first,
                "this login is never taken: one before it is for everybody",
            );
        }
        if credential.groups.is_empty() {
            for_all.get_or_insert(at.clone());
        }
        for (g, group) in credential.groups.iter().enumerate() {
            dangling(
                "group",
                group,
                format!("{at}/groups/{g}"),
                groups.clone(),
                faults,
            );
        }
    }
}

fn tls(target: &Target, at: &str, faults: &mut Faults) {
    let tls = &target.tls;
    let given = [
        ("ca", tls.ca.is_some()),
        ("server_name", tls.server_name.is_some()),
        ("client_cert", tls.client_cert.is_some()),
        ("client_key", tls.client_key.is_some()),
        ("channel_binding", tls.channel_binding),
    ];
    let useless: &[&str] = match tls.mode {
        TlsMode::Disable => &[
            "ca",
            "server_name",
            "client_cert",
            "client_key",
            "channel_binding",
        ],
        TlsMode::Require => &["ca", "server_name"],
        TlsMode::VerifyCa => &["server_name"],
        TlsMode::VerifyFull => &[],
    };
    for (key, _) in given
        .iter()
        .filter(|(key, given)| *given && useless.contains(key))
    {
        let message = format!("`{key}` has no effect with this `mode`");
        let suggestion = Some("take it out, or say `mode: verify-full`".to_owned());
        faults.key(format!("{at}/tls/{key}"), message, suggestion);
    }
    if tls.client_cert.is_some() != tls.client_key.is_some() {
        let message = "`client_cert` and `client_key` go together; one of them is missing";
        faults.value(format!("{at}/tls"), message, None);
    }
}
