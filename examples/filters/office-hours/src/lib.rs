//! A user's own filter: operations only during office hours.

use narrowgate_sdk::{now, prelude::*, utc_offset_minutes};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfficeHours {
    /// First hour, from 0 to 23, in the gateway's time zone.
    from: u8,
    /// The hour after the last one, from 1 to 24.
    to: u8,
}

impl Filter for OfficeHours {
    type Config = Self;
    const DESCRIPTION: Description = Description::new("office-hours")
        .events(&[Event::Operation])
        .grants(&["clock"])
        .powers(&[Power::Deny]);

    fn new(config: Self) -> Result<Self, Vec<ConfigError>> {
        let wrong = || {
            vec![ConfigError::new(
                "/to",
                "has to be after `from`, and at most 24",
            )]
        };
        if config.from < config.to && config.to <= 24 {
            Ok(config)
        } else {
            Err(wrong())
        }
    }

    fn operation(&self, _: &Session, _: &Operation) -> Decision {
        let minutes = i64::try_from(now() / 60_000).unwrap_or(0) + i64::from(utc_offset_minutes());
        let open = i64::from(self.from)..i64::from(self.to);
        if open.contains(&minutes.div_euclid(60).rem_euclid(24)) {
            return Decision::proceed();
        }
        let hint = format!("Come back between {}:00 and {}:00.", self.from, self.to);
        Denial::forbidden("the office is closed")
            .rule("office-hours")
            .hint(hint)
            .into()
    }
}

narrowgate_sdk::export!(OfficeHours);

#[cfg(test)]
mod tests {
    use narrowgate_sdk::testing::{clock, operation, session};

    use super::*;

    #[test]
    fn the_office_is_open_from_eight_to_six() {
        let filter = OfficeHours::new(OfficeHours { from: 8, to: 18 }).unwrap();
        let hour = 3_600_000;
        for (at, offset, open) in [
            (7, 0, false),
            (8, 0, true),
            (17, 0, true),
            (18, 0, false),
            (7, 60, true),
            (8, -30, false),
            (0, -360, false),
            (0, -361, true),
        ] {
            clock(at * hour, offset);
            let decision = filter.operation(&session().build(), &operation("select").build());
            assert_eq!(
                decision.denial().is_none(),
                open,
                "{at}:00 UTC, offset {offset}"
            );
        }
    }

    #[test]
    fn hours_have_to_make_sense() {
        assert!(OfficeHours::new(OfficeHours { from: 18, to: 8 }).is_err());
        assert!(OfficeHours::new(OfficeHours { from: 8, to: 25 }).is_err());
    }
}
