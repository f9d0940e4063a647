//! A disk that is soon full.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Database, SOON, Setting, Stage};
use crate::process::Process;

/// A stage whose recordings are on a disk of 2 MiB.
pub struct SmallDisk {
    stage: Stage,
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts the disk, as root only, and starts the gateway.
    ///
    /// # Errors
    /// When it cannot be mounted, or the gateway does not start.
    pub fn mount(setting: Setting) -> Result<Self> {
        let stage = Stage::dark(Database::shared()?, setting)?;
        let at = stage.path("recordings");
        fs::create_dir(&at)?;
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs"])
            .arg(&at);
        Process::run("mount", mount, SOON)?
            .ok()
            .context("only root mounts a small disk")?;
        let mut small = Self { stage, at };
        small.stage.start_gateway()?;
        Ok(small)
    }
}

impl Deref for SmallDisk {
    type Target = Stage;
    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl DerefMut for SmallDisk {
    fn deref_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the gateway may still hold files there.
        let mut unmount = Command::new("umount");
        unmount.arg("-l").arg(&self.at);
        let _ = Process::run("umount", unmount, SOON);
    }
}
