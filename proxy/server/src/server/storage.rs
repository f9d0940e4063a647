//! Approvals, recordings and keys of the gateway's own, opened or made.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use narrowgate_store::approvals::{self, Approvals};
use narrowgate_store::recordings::{self, Recorder, SigningKey, Sync, Writer};
use rand::RngCore;

use crate::plan::{Plan, RecordingKey, Recordings};

/// File of the key for digests, in the state directory.
const DIGEST_KEY: &str = "digest.key";
/// Its length in bytes.
const DIGEST_KEY_LENGTH: usize = 32;

/// What is kept on disk.
pub(super) struct Storage {
    /// Requests for consent.
    pub(super) approvals: Approvals,
    /// Recordings, if there are any.
    pub(super) recordings: Option<Recorder>,
    /// When an event counts as stored.
    pub(super) sync: Sync,
    /// Keys the digests that stand for secrets in recordings.
    pub(super) digest_key: Vec<u8>,
}

impl Storage {
    /// Opens everything that the plan names, and makes what is missing.
    /// Of the latter is the key in the plan thereafter.
    pub(super) fn open(plan: &mut Plan) -> anyhow::Result<Self> {
        let store = &plan.approvals;
        let options = approvals::Options {
            max_open: store.open,
            max_open_per_identity: store.open_per_identity,
            sinks: plan
                .webhooks
                .iter()
                .map(|webhook| webhook.name.clone())
                .collect(),
            ..approvals::Options::default()
        };
        let approvals = Approvals::open(&store.directory, options)
            .with_context(|| format!("approvals in {}", store.directory.display()))?;
        let recordings = plan.recordings.as_mut().map(record).transpose()?;
        Ok(Self {
            approvals,
            recordings,
            sync: plan
                .recordings
                .as_ref()
                .map_or(Sync::Os, |recordings| recordings.sync),
            digest_key: digest_key(&plan.state_directory)
                .with_context(|| format!("state in {}", plan.state_directory.display()))?,
        })
    }

    /// The writer of a worker; `None` when nothing is to be recorded.
    pub(super) fn writer(&self, worker: usize) -> anyhow::Result<Option<Writer>> {
        let recorder = self.recordings.as_ref();
        let writer = recorder.map(|recorder| recorder.writer(&format!("w{worker}")));
        writer.transpose().context("no writer for the recording")
    }
}

/// Opens the recording.
fn record(plan: &mut Recordings) -> anyhow::Result<Recorder> {
    let key = match &plan.key {
        RecordingKey::Known(key) => key.clone(),
        RecordingKey::Create(path) => {
            let key = SigningKey::generate(path)
                .with_context(|| format!("the signing key {}", path.display()))?;
            tracing::info!(
                key = %path.display(),
                public_key = %format!("{}.pub", path.display()),
                id = key.public().id(),
                "made a key that signs recordings; keep its public half elsewhere, to verify them"
            );
            Arc::new(key)
        }
    };
    plan.key = RecordingKey::Known(key.clone());
    let options = recordings::Options {
        max_bytes: plan.segment_size,
        head_interval: u64::try_from(plan.head_interval.as_micros()).unwrap_or(u64::MAX),
        ..recordings::Options::new(key)
    };
    Recorder::open(&plan.directory, options)
        .with_context(|| format!("recordings in {}", plan.directory.display()))
}

/// The key for digests, made at the first start.
fn digest_key(state: &Path) -> anyhow::Result<Vec<u8>> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state)?;
    let path = state.join(DIGEST_KEY);
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path);
    match made {
        Ok(mut file) => {
            let mut key = vec![0; DIGEST_KEY_LENGTH];
            rand::rng().fill_bytes(&mut key);
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut key = Vec::new();
            let bound = u64::try_from(DIGEST_KEY_LENGTH)? + 1;
            fs::File::open(&path)?.take(bound).read_to_end(&mut key)?;
            if key.len() != DIGEST_KEY_LENGTH {
                bail!(
                    "{DIGEST_KEY} is not {DIGEST_KEY_LENGTH} bytes long; remove it to have a new one made"
                );
            }
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_for_digests_is_made_once_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        let key = digest_key(&state).unwrap();
        assert_eq!(key, digest_key(&state).unwrap());
        let mode = fs::metadata(state.join(DIGEST_KEY))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(state.join(DIGEST_KEY), b"short").unwrap();
        assert!(digest_key(&state).is_err());
    }
}
