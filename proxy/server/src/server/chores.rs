//! What has to be done from time to time: deadlines, and forgetting.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use narrowgate_store::recordings::{Recorder, Retained};
use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::admin::{Part, Status};
use crate::services::Services;

/// Time between two looks at deadlines.
const DEADLINES: Duration = Duration::from_secs(1);
/// Time between two looks at what is old enough to be forgotten.
const RETENTION: Duration = Duration::from_secs(60 * 60);

/// Ends requests for consent whose time has passed, for ever.
pub(super) async fn expire(services: Arc<Services>) {
    loop {
        tokio::time::sleep(DEADLINES).await;
        if let Err(error) = services.approvals.expire_due().await {
            tracing::error!(%error, "requests for consent cannot expire");
        }
    }
}

/// Sees whether the disk takes recordings, for ever: before an operation that
/// could not be recorded has to be denied.
pub(super) async fn inspect(recorder: Recorder, status: Arc<Status>) {
    loop {
        let works = recorder.is_healthy() && takes(recorder.directory());
        status.recording(Part::Disk, works);
        tokio::time::sleep(DEADLINES).await;
    }
}

/// True while the directory is there and its file system has room and may be
/// written.
fn takes(directory: &Path) -> bool {
    directory.is_dir()
        && statvfs(directory)
            .is_ok_and(|disk| disk.f_bavail > 0 && !disk.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// Forgets what is older than the configuration says, for ever.
pub(super) async fn retain(services: Arc<Services>, recorder: Option<Recorder>) {
    loop {
        let plan = services.plan.load_full();
        let age = micros(plan.approvals.retention);
        match services.approvals.purge(age).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old requests for consent were removed"),
            Err(error) => tracing::error!(%error, "old requests for consent stay"),
        }
        let days = plan
            .recordings
            .as_ref()
            .and_then(|recordings| recordings.retention);
        if let (Some(recorder), Some(age)) = (recorder.clone(), days) {
            recordings(recorder, micros(age)).await;
        }
        drop(plan);
        tokio::time::sleep(RETENTION).await;
    }
}

/// Removes old segments, on a thread that may wait for the disk.
async fn recordings(recorder: Recorder, age: u64) {
    let now = micros(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    );
    let retained = tokio::task::spawn_blocking(move || recorder.retain(age, now)).await;
    match retained {
        Ok(Ok(Retained { removed, damaged })) => {
            if !removed.is_empty() {
                tracing::info!(segments = removed.len(), "old recordings were removed");
            }
            for segment in damaged {
                tracing::error!(
                    segment,
                    "an old recording is damaged and is kept as evidence"
                );
            }
        }
        Ok(Err(error)) => tracing::error!(%error, "old recordings stay"),
        Err(error) => tracing::error!(%error, "old recordings stay"),
    }
}

/// A duration in the store's unit.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
