//! What filters ask for beside their verdict, judged and done.

use std::time::Instant;

use narrowgate_chain::{Attributed, Denial, Effect, Session, attribute, code};

use super::Limits;
use crate::metrics::Metrics;

/// What an operation's effects come to.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// What to record, if a filter asked for it.
    pub(super) record: Option<RecordPlan>,
    /// Most result rows.
    pub(super) rows: Option<u64>,
    /// What to tell the client first.
    pub(super) notices: Vec<String>,
    /// The rules that allowed it.
    pub(super) rules: Vec<String>,
}

/// What a recording filter wants written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordPlan {
    /// Result rows too.
    pub results: bool,
    /// Parameters too.
    pub parameters: bool,
    /// Go on when it cannot be stored.
    pub lenient: bool,
}

impl RecordPlan {
    /// What applies where no filter was reached that asks for more.
    pub(super) const BARE: Self = Self {
        results: false,
        parameters: false,
        lenient: false,
    };
}

impl Applied {
    /// Reads the effects without doing anything yet.
    pub(super) fn read<'a>(effects: impl IntoIterator<Item = (usize, &'a Effect)>) -> Self {
        let mut applied = Self::default();
        for (_, effect) in effects {
            match effect.name.as_str() {
                "record" => {
                    let plan = applied.record.get_or_insert(RecordPlan {
                        results: false,
                        parameters: false,
                        lenient: true,
                    });
                    plan.results |= effect.is("results");
                    plan.parameters |= effect.is("parameters");
                    // Of several recorders the strictest counts.
                    plan.lenient &= effect.text("on_failure") == Some("continue");
                }
                "rows" => {
                    let maximum = effect.number("maximum");
                    applied.rows = match (applied.rows, maximum) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                "notice" => applied
                    .notices
                    .extend(effect.text("message").map(str::to_owned)),
                "rule" => applied.rules.extend(effect.text("name").map(str::to_owned)),
                _ => {}
            }
        }
        applied
    }
}

/// Effects, each with the place of its filter.
pub(super) fn placed(effects: &[Attributed<Effect>]) -> impl Iterator<Item = (usize, &Effect)> {
    effects.iter().map(|one| (one.filter, &one.what))
}

/// Does the effects that change something: attributes, counters, limits; each comes
/// with the name of the filter that asks. An effect that nobody knows, or that lacks
/// what it needs, refuses the event.
pub(super) fn perform<'a>(
    effects: impl IntoIterator<Item = (&'a str, &'a Effect)>,
    session: &Session,
    limits: &Limits,
    metrics: &Metrics,
) -> Result<(), Denial> {
    for (by, effect) in effects {
        match effect.name.as_str() {
            "record" | "rows" | "notice" | "rule" => {}
            "attribute" => {
                let name = effect
                    .text("name")
                    .ok_or_else(|| incomplete(metrics, by, effect))?;
                let value = attribute(&effect.attributes, "value").cloned();
                let value = value.ok_or_else(|| incomplete(metrics, by, effect))?;
                if !session.set_attribute(by, name, value) {
                    return Err(unfit(
                        metrics,
                        by,
                        "set a session attribute that it does not own",
                    ));
                }
            }
            "count" => {
                let name = effect
                    .text("name")
                    .ok_or_else(|| incomplete(metrics, by, effect))?;
                metrics.guest_counter(by, name, effect.number("value").unwrap_or(1));
            }
            "limit" => {
                let key = effect
                    .text("key")
                    .ok_or_else(|| incomplete(metrics, by, effect))?;
                let capacity = effect
                    .number("capacity")
                    .ok_or_else(|| incomplete(metrics, by, effect))?;
                let window = effect
                    .number("window")
                    .ok_or_else(|| incomplete(metrics, by, effect))?;
                let amount = effect.number("amount").unwrap_or(1);
                if !limits.take(key, amount, capacity, window, Instant::now()) {
                    let mut denial = Denial::new(
                        code::LIMITED,
                        format!("more than {capacity} operations in {window} seconds"),
                        "Wait and try again; the limit is counted over all of your sessions.",
                    );
                    denial.rule = effect.text("rule").unwrap_or_default().to_owned();
                    return Err(denial);
                }
            }
            _ => {
                return Err(unfit(
                    metrics,
                    by,
                    "asked for an effect that this gateway does not know",
                ));
            }
        }
    }
    Ok(())
}

/// The denial for an effect that lacks something.
fn incomplete(metrics: &Metrics, by: &str, effect: &Effect) -> Denial {
    unfit(
        metrics,
        by,
        &format!("asked for the effect {} without what it needs", effect.name),
    )
}

/// The denial for a filter that does what it may not; counted, and the first
/// time in the log.
fn unfit(metrics: &Metrics, by: &str, what: &str) -> Denial {
    if metrics.filter_fault(by, "effect") == 0 {
        tracing::error!(filter = by, what, "a filter asks for what it may not have");
    }
    Denial::new(
        code::UNAVAILABLE,
        format!("the filter {by} {what}"),
        "Tell whoever runs the gateway; its log has more.",
    )
}

#[cfg(test)]
mod tests {
    use narrowgate_chain::SessionStart;

    use super::*;

    #[test]
    fn an_attribute_belongs_to_a_filter_wherever_that_stands() {
        let session = Session::new(SessionStart {
            number: 1,
            id: "s".into(),
            listener: "l".into(),
            protocol: "postgres",
            target: "t".into(),
            client: "c".into(),
            user: "u".into(),
            encrypted: true,
        });
        let set = |value: &str| Effect {
            name: "attribute".into(),
            attributes: vec![
                ("name".into(), "tier".into()),
                ("value".into(), value.into()),
            ],
        };
        let does = |by: &str, effect: &Effect| {
            perform(
                [(by, effect)],
                &session,
                &Limits::default(),
                &Metrics::default(),
            )
        };
        assert!(does("tiers", &set("gold")).is_ok());
        // As after a reload that has put other filters before it.
        assert!(does("tiers", &set("tin")).is_ok());
        assert_eq!(session.attribute("tier"), Some("tin".into()));
        let refused = does("other", &set("lead")).unwrap_err();
        assert!(
            refused
                .message
                .starts_with("the filter other set a session attribute"),
            "{refused:?}"
        );
    }

    #[test]
    fn what_a_filter_may_not_have_is_counted() {
        let metrics = Metrics::default();
        for _ in 0..2 {
            assert_eq!(
                unfit(&metrics, "own", "asked for the moon").code,
                code::UNAVAILABLE
            );
        }
        let counted = r#"narrowgate_filter_faults_total{filter="own",kind="effect"} 2"#;
        assert!(metrics.render().unwrap().contains(counted));
    }
}
