//! `narrowgate recordings replay`.

use std::io::IsTerminal;
use std::thread;
use std::time::Duration;

use clap::Args;
use narrowgate_store::recordings::Reader;

use super::super::print;
use super::Place;

/// Tell a session again, at the pace it had.
#[derive(Debug, Args)]
pub(in crate::cli) struct Replay {
    /// The session.
    session: String,
    /// How many times as fast; 0 does not wait at all. Without a terminal
    /// nothing waits unless this is given.
    #[arg(long, value_parser = speed)]
    speed: Option<f64>,
    /// Longest pause.
    #[arg(long, default_value = "2s", value_parser = humantime::parse_duration)]
    pause: Duration,
    #[command(flatten)]
    place: Place,
}

impl Replay {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let waits = std::io::stdout().is_terminal();
        let speed = self.speed.unwrap_or(if waits { 1.0 } else { 0.0 });
        let mut last = 0;
        for frame in Reader::new(&self.place.directory()?).replay(&self.session)? {
            let frame = frame?;
            thread::sleep(pause(frame.at.saturating_sub(last), speed, self.pause));
            last = frame.at;
            print(&frame.line())?;
        }
        Ok(())
    }
}

/// How long to wait for `micros` of the session.
fn pause(micros: u64, speed: f64, longest: Duration) -> Duration {
    if speed == 0.0 {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(Duration::from_micros(micros).as_secs_f64() / speed)
        .unwrap_or(longest)
        .min(longest)
}

/// A speed, as it is given.
fn speed(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|speed: &f64| speed.is_finite() && *speed >= 0.0)
        .ok_or_else(|| "not a factor such as 1, 0.5 or 10".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_scale_and_are_bounded() {
        let longest = Duration::from_secs(2);
        assert_eq!(pause(1_000_000, 2.0, longest), Duration::from_millis(500));
        assert_eq!(pause(u64::MAX, 1.0, longest), longest);
        assert_eq!(pause(1_000_000, 0.0, longest), Duration::ZERO);
        assert_eq!(pause(1_000_000, f64::MIN_POSITIVE, longest), longest);
        assert!(speed("-1").is_err() && speed("inf").is_err() && speed("x").is_err());
    }
}
