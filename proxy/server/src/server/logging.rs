//! What the gateway says about itself, on standard error.

use std::io::IsTerminal;

use narrowgate_config::{Log, LogFormat, LogLevel};
use tracing_subscriber::EnvFilter;

/// Environment variable that overrides the configured level, in the syntax of
/// `tracing_subscriber::EnvFilter`.
const OVERRIDE: &str = "NARROWGATE_LOG";

/// Starts the log. Does nothing where one has been started before.
pub(super) fn start(log: Log) {
    let filter =
        EnvFilter::try_from_env(OVERRIDE).unwrap_or_else(|_| EnvFilter::new(directives(log.level)));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let _already_started = match log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// The level for the gateway's own crates; libraries never say more than what
/// matters for the gateway as a whole, since their details may hold content.
fn directives(level: LogLevel) -> String {
    match level {
        LogLevel::Error | LogLevel::Warn => level.as_str().to_owned(),
        LogLevel::Info | LogLevel::Debug | LogLevel::Trace => {
            format!("warn,narrowgate={}", level.as_str())
        }
    }
}
