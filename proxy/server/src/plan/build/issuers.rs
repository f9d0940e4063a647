//! Issuers of tokens: keys that stand in files are read and looked at.

use std::sync::Arc;

use narrowgate_config::{Config, Issuer as Written, KeySet as Keys, pointer_child};

use super::faults::Faults;
use super::files::Files;
use crate::identity::KeySet;
use crate::plan::{Issuer, KeySource};
use crate::tls::{Verification, client};

/// All issuers.
pub(super) fn issuers(
    config: &Config,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Vec<Arc<Issuer>> {
    let mut issuers = Vec::new();
    for (index, issuer) in config.issuers.iter().enumerate() {
        let at = format!("/issuers/{index}");
        let keys = keys(issuer, &at, files, faults);
        let ca = authorities(issuer, &at, files, faults);
        let (Some(keys), Some(ca)) = (keys, ca) else {
            continue;
        };
        let algorithms = issuer.algorithms.iter();
        issuers.push(Arc::new(Issuer {
            name: issuer.name.to_string(),
            url: issuer.url.to_string(),
            audiences: issuer.audience.iter().map(ToString::to_string).collect(),
            groups_claim: issuer.groups_claim.to_string(),
            subject_claim: issuer.subject_claim.to_string(),
            groups: issuer.groups.iter().map(ToString::to_string).collect(),
            people: issuer.people,
            clock_skew: issuer.clock_skew.get(),
            lifetime: issuer.max_token_lifetime.get(),
            algorithms: algorithms.map(|one| one.as_str().to_owned()).collect(),
            keys,
            ca,
        }));
    }
    issuers
}

/// Where an issuer's keys are.
fn keys(
    issuer: &Written,
    at: &str,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<KeySource> {
    let file = match &issuer.jwks {
        None => return Some(KeySource::Discovery),
        Some(Keys::Url(url)) => return Some(KeySource::Url(url.clone())),
        Some(Keys::File(file)) => file,
    };
    let document = faults.take(at, "jwks", files.read(file))?;
    let document = faults.take(at, "jwks", String::from_utf8(document))?;
    faults.take(at, "jwks", KeySet::parse(&document))?;
    Some(KeySource::Document(document))
}

/// Authorities for fetching them; tried out, so that a bad file is an error of
/// the configuration and not of the first fetch.
fn authorities(
    issuer: &Written,
    at: &str,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<Option<Vec<u8>>> {
    let Some(file) = &issuer.ca else {
        return Some(None);
    };
    let pem = faults.take(at, "ca", files.read(file))?;
    match client(Verification::Full, Some(&pem), None, &[]) {
        Ok(_) => Some(Some(pem)),
        Err(error) => {
            faults.add(&pointer_child(at, "ca"), error, None);
            None
        }
    }
}
