//! Targets: logins resolved, TLS set up.

use std::collections::HashMap;
use std::sync::Arc;

use narrowgate_config::{Config, Credential, TargetTls as Written, TlsMode, pointer_child};
use rustls::pki_types::ServerName;

use super::faults::Faults;
use super::files::Files;
use crate::plan::{Target, TargetCredential, TargetTls};
use crate::postgres::ALPN;
use crate::tls::{TlsError, Verification, client};

/// What agents want to reach, by name.
pub(super) fn targets(
    config: &Config,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> HashMap<String, Arc<Target>> {
    let mut targets = HashMap::new();
    for (index, target) in config.targets.iter().enumerate() {
        let at = format!("/targets/{index}");
        let host = target.address.host();
        let tls = tls(&target.tls, host, &format!("{at}/tls"), files, faults);
        let credentials = credentials(&target.credentials, &at, files, faults);
        let (Some(tls), Some(credentials)) = (tls, credentials) else {
            continue;
        };
        let made = Target {
            name: target.name.to_string(),
            address: target.address.to_string(),
            host: host.to_owned(),
            database: target.default_database().to_owned(),
            databases: target.databases.iter().map(ToString::to_string).collect(),
            tls,
            channel_binding: target.tls.channel_binding,
            credentials,
            allow_privileged: target.allow_privileged,
            connect_timeout: target.connect_timeout.get(),
            refresh: target.catalog_refresh.get(),
        };
        targets.insert(made.name.clone(), Arc::new(made));
    }
    targets
}

/// The logins of a target.
fn credentials(
    written: &[Credential],
    at: &str,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<Vec<TargetCredential>> {
    let mut credentials = Vec::new();
    for (index, credential) in written.iter().enumerate() {
        let at = format!("{at}/credentials/{index}");
        let password = match &credential.password {
            None => Some(None),
            Some(reference) => faults
                .take(&at, "password", files.secret(reference))
                .map(Some),
        };
        credentials.push(TargetCredential {
            groups: credential.groups.iter().map(ToString::to_string).collect(),
            username: credential.username.to_string(),
            password: password?,
        });
    }
    Some(credentials)
}

/// TLS towards a target.
fn tls(
    written: &Written,
    host: &str,
    at: &str,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<TargetTls> {
    let verification = match written.mode {
        TlsMode::Disable => return Some(TargetTls::Disabled),
        TlsMode::Require => Verification::None,
        TlsMode::VerifyCa => Verification::Authority,
        TlsMode::VerifyFull => Verification::Full,
    };
    let ca = match &written.ca {
        None => Some(None),
        Some(file) => faults.take(at, "ca", files.read(file)).map(Some),
    };
    let identity = match (&written.client_cert, &written.client_key) {
        (Some(cert), Some(key)) => {
            let cert = faults.take(at, "client_cert", files.read(cert));
            let key = faults.take(at, "client_key", files.secret(key));
            cert.zip(key).map(Some)
        }
        _ => Some(None),
    };
    let name = written.server_name.as_deref().unwrap_or(host).to_owned();
    let name = faults.take(at, "server_name", ServerName::try_from(name));
    let (ca, identity, name) = (ca?, identity?, name?);
    let identity = identity
        .as_ref()
        .map(|(cert, key)| (cert.as_slice(), key.expose()));
    match client(verification, ca.as_deref(), identity, &[ALPN]) {
        Ok(config) => Some(TargetTls::Required(config, name)),
        Err(error) => {
            let member = match (&error, &identity) {
                (TlsError::Key | TlsError::Refused(_), Some(_)) => "client_key",
                (TlsError::Certificate(_), Some(_)) if ca.is_none() => "client_cert",
                _ => "ca",
            };
            faults.add(&pointer_child(at, member), error, None);
            None
        }
    }
}
