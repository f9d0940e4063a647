//! Where recordings and their keys are: said, or as a configuration has it.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use narrowgate_config::{Loaded, SecretRef};
use narrowgate_store::recordings::PublicKey;

/// Where recordings are.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The directory of the recordings.
    #[arg(long, short, env = "NARROWGATE_RECORDINGS", value_name = "DIRECTORY")]
    directory: Option<PathBuf>,
    /// The gateway's configuration, which says where they are.
    #[arg(long, env = "NARROWGATE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Keys that heads may be signed with.
#[derive(Debug, Args)]
pub(super) struct KeyFiles {
    /// A public key that signed the recordings, in PEM. May be given again,
    /// where the key has changed.
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
}

impl Place {
    /// The directory.
    pub(super) fn directory(&self) -> anyhow::Result<PathBuf> {
        let directory = match (&self.directory, self.loaded()?) {
            (Some(directory), _) => directory.clone(),
            (None, Some(loaded)) => match &loaded.config.recordings {
                Some(recordings) => {
                    let directory = loaded.resolve(&recordings.directory);
                    directory.components().collect()
                }
                None => bail!("{} has no `recordings`", loaded.path.display()),
            },
            (None, None) => {
                bail!("say where the recordings are: --directory DIRECTORY, or --config FILE")
            }
        };
        if !directory.is_dir() {
            bail!("{} is not a directory", directory.display());
        }
        Ok(directory)
    }

    /// The keys: those given, or the configuration's.
    pub(super) fn keys(&self, given: &KeyFiles) -> anyhow::Result<Vec<PublicKey>> {
        let mut files = given.keys.clone();
        if files.is_empty() {
            files.extend(self.configured_key()?);
        }
        if files.is_empty() {
            bail!(
                "say which key signed the recordings: --key FILE (the gateway writes it beside \
                 its signing key, with .pub added), or --config FILE"
            );
        }
        files
            .iter()
            .map(|file| PublicKey::load(file).with_context(|| file.display().to_string()))
            .collect()
    }

    /// The key of the configuration: its public half where that is, since the
    /// private one is for the gateway alone.
    fn configured_key(&self) -> anyhow::Result<Option<PathBuf>> {
        let Some(loaded) = self.loaded()? else {
            return Ok(None);
        };
        let recordings = loaded.config.recordings.as_ref();
        let Some(SecretRef::File(file)) = recordings.map(|recordings| &recordings.signing_key)
        else {
            return Ok(None);
        };
        let private = file.path(&loaded.dir);
        let mut public = private.clone().into_os_string();
        public.push(".pub");
        let public = PathBuf::from(public);
        Ok(Some(if public.is_file() { public } else { private }))
    }

    /// The configuration, if one is given.
    fn loaded(&self) -> anyhow::Result<Option<Loaded>> {
        let loaded = self.config.as_ref().map(narrowgate_config::load);
        Ok(loaded.transpose()?)
    }
}
