//! `narrowgate run`.

use std::path::PathBuf;

use clap::Args;

use super::Answer;
use crate::server::{self, Options};

/// Run the gateway.
///
/// SIGTERM lets sessions end (a second one ends them at once), SIGHUP reads the
/// configuration again; a change of it is noticed anyway.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The configuration.
    #[arg(value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
    /// The configuration, given as an option.
    #[arg(
        long,
        short,
        value_name = "FILE",
        env = "NARROWGATE_CONFIG",
        default_value = "narrowgate.yaml"
    )]
    config: PathBuf,
    /// Workers; as many as there are cores if left out.
    #[arg(long, env = "NARROWGATE_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
}

impl Run {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        server::run(Options {
            config: self.file.unwrap_or(self.config),
            workers: self.workers.map(usize::from),
        })?;
        Ok(Answer::Yes)
    }
}
