//! Denials of this filter.

use narrowgate_sdk::Denial;

/// Name of the rule in every denial.
const RULE: &str = "masking";

/// A denial with what can be done about it.
pub(crate) fn refusal(message: impl Into<String>, hint: &str) -> Denial {
    Denial::forbidden(message).rule(RULE).hint(hint)
}
