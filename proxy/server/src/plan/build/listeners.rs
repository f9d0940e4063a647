//! The gateway's own ports: listeners and the administrative one.

use std::sync::Arc;

use narrowgate_config::{
    Config, Oauth as WrittenOauth, Protocol as Written, ServerTls, pointer_child,
};
use rustls::ServerConfig;

use super::faults::Faults;
use super::files::Files;
use crate::plan::{Admin, Issuer, Listener, Oauth, Protocol};
use crate::postgres::ALPN;
use crate::tls::{TlsError, server};

/// Where clients connect.
pub(super) fn listeners(
    config: &Config,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Vec<Arc<Listener>> {
    let mut listeners = Vec::new();
    for (index, listener) in config.listeners.iter().enumerate() {
        let at = format!("/listeners/{index}/tls");
        let tls = match &listener.tls {
            None => None,
            Some(written) => match tls(written, &at, &[ALPN], files, faults) {
                Some(tls) => Some(tls),
                None => continue,
            },
        };
        let oauth = match &listener.oauth {
            None => None,
            Some(written) => match oauth(written, config) {
                Some(oauth) => Some(oauth),
                None => continue,
            },
        };
        listeners.push(Arc::new(Listener {
            name: listener.name.to_string(),
            bind: listener.bind.get(),
            protocol: protocol(listener.protocol),
            chain: listener.chain.to_string(),
            tls,
            cleartext: listener.allow_cleartext,
            oauth,
        }));
    }
    listeners
}

/// What a client without a token is told. `None` for an issuer that is not there,
/// which the configuration's own checks have reported.
fn oauth(written: &WrittenOauth, config: &Config) -> Option<Oauth> {
    let issuer = config
        .issuers
        .iter()
        .find(|issuer| issuer.name == written.issuer)?;
    Some(Oauth {
        configuration: Issuer::configuration(&issuer.url),
        scope: written.scope.as_ref().map(ToString::to_string),
    })
}

/// The port for approvers, health and metrics. Without a list of issuers, all
/// that are of people decide.
pub(super) fn admin(
    config: &Config,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<Arc<Admin>> {
    let admin = config.admin.as_ref()?;
    let tls = match &admin.tls {
        None => None,
        Some(written) => Some(tls(written, "/admin/tls", &["http/1.1"], files, faults)?),
    };
    let deciders = match admin.issuers.is_empty() {
        false => admin.issuers.iter().map(ToString::to_string).collect(),
        true => {
            let people = config.issuers.iter().filter(|issuer| issuer.people);
            people.map(|issuer| issuer.name.to_string()).collect()
        }
    };
    Some(Arc::new(Admin {
        bind: admin.bind.get(),
        tls,
        deciders,
    }))
}

/// A protocol as run.
fn protocol(written: Written) -> Protocol {
    match written {
        Written::Postgres => Protocol::Postgres,
    }
}

/// TLS of one port.
fn tls(
    written: &ServerTls,
    at: &str,
    protocols: &[&str],
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<Arc<ServerConfig>> {
    let cert = faults.take(at, "cert", files.read(&written.cert));
    let key = faults.take(at, "key", files.secret(&written.key));
    let client_ca = match &written.client_ca {
        None => Some(None),
        Some(file) => faults.take(at, "client_ca", files.read(file)).map(Some),
    };
    let (cert, key, client_ca) = (cert?, key?, client_ca?);
    match server(&cert, key.expose(), client_ca.as_deref(), protocols) {
        Ok(config) => Some(config),
        Err(error) => {
            let member = match error {
                TlsError::Certificate(_) => "cert",
                TlsError::Key | TlsError::Refused(_) => "key",
                TlsError::Roots(_) => "client_ca",
            };
            faults.add(&pointer_child(at, member), error, None);
            None
        }
    }
}
