//! Approvals, webhooks and recordings: paths resolved, keys read.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use narrowgate_config::{Config, SecretRef, Sync as Written};
use narrowgate_store::recordings::{SigningKey, Sync};

use super::faults::Faults;
use super::files::Files;
use crate::plan::{ApprovalStore, RecordingKey, Recordings, Webhook};

/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where requests for consent are kept.
pub(super) fn approvals(config: &Config, files: &Files) -> ApprovalStore {
    let written = &config.approvals;
    let state = files.path(&config.state_directory);
    ApprovalStore {
        directory: match &written.path {
            Some(path) => files.path(path),
            None => state.join("approvals"),
        },
        open: written.pending_limit,
        open_per_identity: written.per_identity_limit,
        retention: DAY * written.retention_days,
    }
}

/// Who is told of requests.
pub(super) fn webhooks(
    config: &Config,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Vec<Arc<Webhook>> {
    let mut webhooks: Vec<Arc<Webhook>> = Vec::new();
    for (index, webhook) in config.approvals.webhooks.iter().enumerate() {
        let at = format!("/approvals/webhooks/{index}");
        let url = faults.take(&at, "url", files.endpoint(&webhook.url));
        let secret = faults.take(&at, "secret", files.secret(&webhook.secret));
        let (Some(url), Some(secret)) = (url, secret) else {
            continue;
        };
        let name = Webhook::name_of(&url);
        if webhooks.iter().any(|other| other.name == name) {
            faults.add(&format!("{at}/url"), "this address is given twice", None);
        }
        webhooks.push(Arc::new(Webhook {
            name,
            url,
            secret,
            events: webhook.events.clone(),
        }));
    }
    webhooks
}

/// Where recordings are kept; `None` when nothing is to be recorded.
pub(super) fn recordings(
    config: &Config,
    files: &mut Files,
    faults: &mut Faults<'_>,
) -> Option<Recordings> {
    let written = config.recordings.as_ref()?;
    let at = "/recordings";
    let key = key(&written.signing_key, files, faults);
    let head_webhook = match &written.head_webhook {
        None => Some(None),
        Some(endpoint) => faults
            .take(at, "head_webhook", files.endpoint(endpoint))
            .map(Some),
    };
    Some(Recordings {
        directory: files.path(&written.directory),
        key: key?,
        retention: written.retention.map(|retention| DAY * retention.days),
        sync: match written.sync {
            Written::Os => Sync::Os,
            Written::Disk => Sync::Disk,
        },
        segment_size: written.segment_size.get(),
        head_interval: written.head_interval.get(),
        head_webhook: head_webhook?,
    })
}

/// The key that signs recordings. A file that does not exist yet is no error:
/// the first start makes it, in a directory that has to be there.
fn key(reference: &SecretRef, files: &mut Files, faults: &mut Faults<'_>) -> Option<RecordingKey> {
    if let SecretRef::File(file) = reference {
        let path = file.path(files.dir());
        let missing = path
            .metadata()
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if missing && path.parent().is_some_and(Path::is_dir) {
            files.saw(path.clone());
            return Some(RecordingKey::Create(path));
        }
    }
    let secret = faults.take("/recordings", "signing_key", files.secret(reference))?;
    let read = match secret.expose_str() {
        Some(text) => SigningKey::from_pem(text).map_err(|error| error.to_string()),
        None => Err("recording key: not text".to_owned()),
    };
    let key = faults.take("/recordings", "signing_key", read)?;
    Some(RecordingKey::Known(Arc::new(key)))
}
